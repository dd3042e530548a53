"""Errors of version control systems; `report/error_text.py` has their texts."""

from __future__ import annotations

from pipfast.errors import OwnInstallationError


class NoRemote(OwnInstallationError):
    """The repository at `place` has no remote; pip exits with a traceback and code 2 here."""

    exit_code = 2

    def __init__(self, place: str) -> None:
        super().__init__()
        self.place = place


class RemoteNotARequirement(NoRemote):
    """The remote of the repository at `place` is `url`, which no requirement can name."""

    def __init__(self, place: str, url: str) -> None:
        super().__init__(place)
        self.url = url
