"""Errors of version control systems; `report/failure.py` has their texts."""

from __future__ import annotations

from pipfast.errors import InstallationError


class NoRemote(InstallationError):
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
