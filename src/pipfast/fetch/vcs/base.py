"""The common interface of version control systems, and pip's parsing of their URLs."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote, urlsplit, urlunsplit

from pipfast.errors import InstallationError
from pipfast.fetch.vcs.events import RepositoryCheckedOut
from pipfast.fetch.vcs.runner import HiddenArgument, VcsCommand, VcsRunner, Word
from pipfast.model.file_urls import url_of_path
from pipfast.model.frozen_dataclass import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """A repository's URL, the requested revision, and options for its program."""

    url: HiddenArgument
    revision: str | None = None
    options: tuple[Word, ...] = ()

    @classmethod
    def to(cls, url: str, revision: str | None, *options: Word) -> Address:
        """The address of a URL that may contain credentials."""
        return cls(url=HiddenArgument.url(url), revision=revision, options=options)


class VersionControl(Protocol):
    """A version control system for one source; `noun` is pip's word for its working copy.

    All methods may raise CommandFailed, ProgramMissing and Interrupted.
    """

    name: str
    folder: str
    noun: str

    def address(self, url: str) -> Address:
        """Return the address in a requirement's URL. Raises InstallationError."""

    def clone(self, address: Address, place: str, *, lasting: bool) -> None:
        """Create a copy at `place`, which does not exist; a `lasting` one is self-contained."""

    def update(self, address: Address, place: str) -> None:
        """Update the copy at `place` to the revision and discard local changes."""

    def switch(self, address: Address, place: str) -> None:
        """Change the copy at `place` to another repository."""

    def remote(self, place: str) -> str:
        """Return the remote of the copy at `place`. Raises NoRemote."""

    def commit(self, place: str) -> str:
        """Return the current revision of the copy at `place`."""

    def pinned(self, place: str) -> str:
        """Return the revision that a requirement needs for the current state of `place`."""

    def top(self, place: str) -> str | None:
        """Return the root folder of the copy around `place`; None if that is `place` itself."""

    def is_at(self, place: str, revision: str | None) -> bool:
        """Return whether the copy at `place` is known to be at the revision."""


class VcsProgram:
    """A version control system that is run through the program `name`, reporting to `programs`.

    `verbosity` is ``-v`` minus ``-q``.
    """

    name: str

    def __init__(self, programs: VcsRunner, verbosity: int) -> None:
        self._programs = programs
        self._verbosity = verbosity

    def top(self, place: str) -> str | None:  # noqa: ARG002
        """Return None: pip does not look for the root folder."""
        return None

    def is_at(self, place: str, revision: str | None) -> bool:  # noqa: ARG002
        """Return False: pip does not check."""
        return False

    def _report_checkout(self, address: Address, place: str) -> None:
        """Report that the repository is checked out to `place`."""
        url, shown = str(address.url), shown_path(place)
        self._programs.report(RepositoryCheckedOut(url, address.revision, shown))

    def _run(self, place: str | None, *words: Word) -> str:
        """Run the program and show its output; return the output."""
        return self._programs.loud(VcsCommand((self.name, *words)), place)

    def _output(self, place: str, *words: str) -> str:
        """Return what the program prints to standard output."""
        return self._programs.quiet(VcsCommand((self.name, *words)), place)


def revision_options(address: Address) -> tuple[Word, ...]:
    """Return ``-r`` with the requested revision, and the address's own options."""
    requested = ("-r", address.revision) if address.revision else ()
    return (*requested, *address.options)


def as_url(place: str) -> str:
    """Return the ``file:`` URL of a path, and `place` unchanged if it is a URL already."""
    is_path = place.startswith(os.sep) or bool(os.path.splitdrive(place)[0])
    return url_of_path(place) if is_path else place


def shown_path(path: str) -> str:
    """Return the path relative to the working directory if below it, as pip shows it."""
    with suppress(ValueError, OSError):  # the working directory may be deleted
        return os.path.join(".", Path(path).relative_to(Path.cwd()))  # noqa: PTH118
    return path


def remove(path: str) -> None:
    """Remove a folder with its content, including read-only files."""
    import shutil

    try:
        shutil.rmtree(path)
    except (
        PermissionError
    ):  # Windows does not delete read-only files, and git's packs are read-only
        for folder, _, files in os.walk(path):
            for file in files:
                Path(folder, file).chmod(0o600)
        shutil.rmtree(path)


def split_address(url: str) -> tuple[str, str | None]:
    """Split a requirement's URL into address, without the system's name, and revision.

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
