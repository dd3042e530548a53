"""Subversion, run like in pip."""

from __future__ import annotations

import sys
from pathlib import Path
from urllib.parse import unquote

from pipfast.fetch.vcs.base import Address, VcsProgram, revision_options, split_address
from pipfast.fetch.vcs.errors import NoRemote
from pipfast.fetch.vcs.events import ProjectNotFound
from pipfast.fetch.vcs.runner import CommandFailed, HiddenArgument, VcsCommand, Word
from pipfast.model.lazy_pattern import lazy_pattern

_VERSION = lazy_pattern(r"svn, version ([\d.]+)")
_URL = lazy_pattern(r"<url>(.*)</url>")
_REVISION = lazy_pattern(r'\s*revision="(\d+)"')


class Subversion(VcsProgram):
    """Subversion for one source; see `VersionControl`."""

    name = "svn"
    folder = ".svn"
    noun = "checkout"

    def address(self, url: str) -> Address:
        """Return the address behind ``svn+``, with user and password as options of the program.

        Only ``svn+ssh`` keeps the name, and these two.
        """
        bare, revision = split_address(url)
        if bare.startswith("ssh://"):
            return Address.to(f"svn+{bare}", revision)
        scheme, slashes, rest = bare.partition("://")
        netloc, slash, path = rest.partition("/")
        userinfo, at, host = netloc.rpartition("@")
        if not at:
            return Address.to(bare, revision)
        user, _, password = userinfo.partition(":")
        options: list[Word] = ["--username", unquote(user)] if user else []
        if password:
            options += ["--password", HiddenArgument.password(unquote(password))]
        return Address.to(f"{scheme}{slashes}{host}{slash}{path}", revision, *options)

    def clone(self, address: Address, place: str, *, lasting: bool) -> None:  # noqa: ARG002
        """Check out."""
        self._report_checkout(address, place)
        quiet = ("--quiet",) if self._verbosity <= 0 else ()
        options = (*quiet, *self._remote_options(), *revision_options(address))
        self._run(None, "checkout", *options, address.url, place)

    def update(self, address: Address, place: str) -> None:
        """Update to the revision."""
        self._run(None, "update", *self._remote_options(), *revision_options(address), place)

    def switch(self, address: Address, place: str) -> None:
        """Switch to another URL."""
        options = (*self._remote_options(), *revision_options(address))
        self._run(None, "switch", *options, address.url, place)

    def remote(self, place: str) -> str:
        """Return the URL of the nearest folder upwards that contains a project."""
        folder = Path(place)
        while not any((folder / name).is_file() for name in ("pyproject.toml", "setup.py")):
            if folder == folder.parent:
                self._programs.report(ProjectNotFound(place, in_subversion=True))
                raise NoRemote(place)
            folder = folder.parent
        url, _ = self._info(str(folder))
        if url is None:
            raise NoRemote(str(folder))
        return url

    def commit(self, place: str) -> str:
        """Return the highest revision of a file in the checkout."""
        return str(self._info(place)[1]) if Path(place, ".svn", "entries").exists() else "0"

    def pinned(self, place: str) -> str:
        """Return the highest revision of a file in the checkout."""
        return self.commit(place)

    def _info(self, place: str) -> tuple[str | None, int]:
        try:
            output = self._programs.quiet(VcsCommand(("svn", "info", "--xml", place)))
        except CommandFailed:
            return None, 0
        url = _URL.search(output)
        revisions = [int(number) for number in _REVISION.findall(output)]
        return (url[1] if url else None), max(revisions, default=0)

    def _remote_options(self) -> tuple[str, ...]:
        """Return whether svn may ask for a password; before 1.8 it does unless forbidden."""
        if not sys.stdin.isatty():
            return ("--non-interactive",)
        found = _VERSION.match(self._programs.quiet(VcsCommand(("svn", "--version"))))
        version = tuple(int(part) for part in found[1].split(".") if part) if found else ()
        return ("--force-interactive",) if version >= (1, 8) else ()
