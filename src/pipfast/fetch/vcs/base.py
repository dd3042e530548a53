"""What the systems of version control have in common, and how pip reads the addresses."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote, urlsplit, urlunsplit

from pipfast.errors import InstallationError
from pipfast.fetch.vcs.processes import Secret, Word
from pipfast.model.frozen_dataclass import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """A repository's own URL, the revision that is wanted of it, and options for its program."""

    url: Secret
    revision: str | None = None
    options: tuple[Word, ...] = ()

    @classmethod
    def to(cls, url: str, revision: str | None, *options: Word) -> Address:
        """The address of a URL that may hold secrets."""
        return cls(url=Secret.url(url), revision=revision, options=options)

    @property
    def shown_revision(self) -> str:
        """The revision in pip's words, empty for none."""
        return f" (to revision {self.revision})" if self.revision else ""


class NoRemote(InstallationError):
    """A repository does not say where it is from; pip ends with a traceback here, and code 2."""

    exit_code = 2


class RemoteUnnameable(NoRemote):
    """A repository is from a `url` that no requirement can name."""

    def __init__(self, place: str, url: str) -> None:
        super().__init__(f"{place} is from {url}, which no requirement can name")
        self.url = url


class System(Protocol):
    """A system of version control, for one source; `noun` is what pip calls a copy of its own.

    Raises CommandFailed, ProgramMissing and Interrupted throughout.
    """

    name: str
    folder: str
    noun: str

    def address(self, url: str) -> Address:
        """The address that a requirement's URL names. Raises InstallationError."""

    def clone(self, address: Address, place: str, *, lasting: bool) -> None:
        """Make a copy at `place`, which is not there; a `lasting` one depends on nothing else."""

    def update(self, address: Address, place: str) -> None:
        """Bring the copy at `place` to the revision, whatever was changed in it."""

    def switch(self, address: Address, place: str) -> None:
        """Have the copy at `place` be one of another repository."""

    def remote(self, place: str) -> str:
        """Where the copy at `place` is from. Raises NoRemote."""

    def commit(self, place: str) -> str:
        """What the copy at `place` is at."""

    def pinned(self, place: str) -> str:
        """The revision by which a requirement names what the copy at `place` is at."""

    def top(self, place: str) -> str | None:
        """The folder in which the copy around `place` begins; None if that is `place` itself."""

    def is_at(self, place: str, revision: str | None) -> bool:
        """Whether the copy at `place` is known to be at the revision."""


def shown_path(path: str) -> str:
    """The path relative to the working directory where it is below that, as pip shows it."""
    with suppress(ValueError):
        return os.path.join(".", Path(path).relative_to(Path.cwd()))  # noqa: PTH118
    return path


def remove(path: str) -> None:
    """Remove a folder with all that is in it, files that may not be written included."""
    import shutil

    try:
        shutil.rmtree(path)
    except PermissionError:  # Windows keeps read-only files, and git's packs are such
        for folder, _, files in os.walk(path):
            for file in files:
                Path(folder, file).chmod(0o600)
        shutil.rmtree(path)


def split_address(url: str) -> tuple[str, str | None]:
    """A requirement's URL without the system's name and fragment, and the revision behind ``@``.

    Raises InstallationError.
    """
    scheme, netloc, path, query, _ = urlsplit(url)
    revision = None
    if "@" in path:
        path, _, revision = path.rpartition("@")
        if not revision:
            raise InstallationError(
                f"The URL {url!r} has an empty revision (after @) which is not supported. "
                "Include a revision after @ or remove @ from the URL."
            )
        revision = unquote(revision)
    return urlunsplit((scheme.partition("+")[2], netloc, path, query, "")), revision
