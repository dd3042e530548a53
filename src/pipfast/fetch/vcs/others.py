"""Mercurial, Subversion and Bazaar, run through their programs like in pip."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

from pipfast.fetch.vcs.base import Address, NoRemote, shown_path, split_address
from pipfast.fetch.vcs.runner import CommandFailed, HiddenArgument, VcsCommand, VcsRunner, Word
from pipfast.model.events import Level
from pipfast.model.file_urls import url_of_path

_SVN_VERSION = re.compile(r"svn, version ([\d.]+)")
_SVN_URL = re.compile(r"<url>(.*)</url>")
_SVN_REVISION = re.compile(r'\s*revision="(\d+)"')


class Mercurial:
    """Mercurial for one source; see `System`."""

    name = "hg"
    folder = ".hg"
    noun = "clone"

    def __init__(self, programs: VcsRunner, verbosity: int) -> None:
        self._programs = programs
        self._verbosity = verbosity

    def address(self, url: str) -> Address:
        """Return the address behind ``hg+``."""
        return Address.to(*split_address(url))

    def clone(self, address: Address, place: str, *, lasting: bool) -> None:  # noqa: ARG002
        """Clone, and update to the revision."""
        shown = f"hg {address.url}{address.shown_revision}"
        self._programs.say(f"Cloning {shown} to {shown_path(place)}")
        flags = {0: ("--quiet",), 1: (), 2: ("--verbose",)}.get(
            max(self._verbosity, 0), ("--verbose", "--debug")
        )
        self._hg(None, "clone", "--noupdate", *flags, address.url, place)
        self._hg(place, "update", *flags, *_hg_revision(address))

    def update(self, address: Address, place: str) -> None:
        """Pull, and update to the revision."""
        self._hg(place, "pull", *self._quiet())
        self._hg(place, "update", *self._quiet(), *_hg_revision(address))

    def switch(self, address: Address, place: str) -> None:
        """Write another URL to the clone's settings."""
        from configparser import NoSectionError, RawConfigParser

        settings = Path(place, ".hg", "hgrc")
        parser = RawConfigParser()
        try:
            parser.read(settings)
            parser.set("paths", "default", address.url.value)
            with settings.open("w") as file:
                parser.write(file)
        except (OSError, NoSectionError) as error:
            self._programs.say(
                f"Could not switch Mercurial repository to {address.url}: {error}", Level.WARNING
            )
        else:
            self._hg(place, "update", *self._quiet(), *_hg_revision(address))

    def remote(self, place: str) -> str:
        """Return the default path."""
        return _as_url(self._told(place, "showconfig", "paths.default"))

    def commit(self, place: str) -> str:
        """Return the local number of the changeset, which pip records."""
        return self._told(place, "parents", "--template={rev}")

    def pinned(self, place: str) -> str:
        """Return the global id of the changeset."""
        return self._told(place, "parents", "--template={node}")

    def top(self, place: str) -> str | None:
        """Return the clone's root."""
        return str(Path(place, self._told(place, "root")).absolute())

    def is_at(self, place: str, revision: str | None) -> bool:  # noqa: ARG002
        """Return False: pip does not check."""
        return False

    def _quiet(self) -> tuple[str, ...]:
        return ("-q",) if self._verbosity <= 0 else ()

    def _hg(self, place: str | None, *words: Word) -> None:
        self._programs.loud(VcsCommand(("hg", *words)), place)

    def _told(self, place: str, *words: str) -> str:
        return self._programs.quiet(VcsCommand(("hg", *words)), place).strip()


class Subversion:
    """Subversion for one source; see `System`."""

    name = "svn"
    folder = ".svn"
    noun = "checkout"

    def __init__(self, programs: VcsRunner, verbosity: int) -> None:
        self._programs = programs
        self._verbosity = verbosity

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
        options: list[Word] = ["--username", _unquoted(user)] if user else []
        if password:
            options += ["--password", HiddenArgument.password(_unquoted(password))]
        return Address.to(f"{scheme}{slashes}{host}{slash}{path}", revision, *options)

    def clone(self, address: Address, place: str, *, lasting: bool) -> None:  # noqa: ARG002
        """Check out."""
        shown = f"{address.url}{address.shown_revision}"
        self._programs.say(f"Checking out {shown} to {shown_path(place)}")
        quiet = ("--quiet",) if self._verbosity <= 0 else ()
        options = (*quiet, *self._remote_options(), *_r_revision(address))
        self._svn("checkout", *options, address.url, place)

    def update(self, address: Address, place: str) -> None:
        """Update to the revision."""
        self._svn("update", *self._remote_options(), *_r_revision(address), place)

    def switch(self, address: Address, place: str) -> None:
        """Switch to another URL."""
        options = (*self._remote_options(), *_r_revision(address))
        self._svn("switch", *options, address.url, place)

    def remote(self, place: str) -> str:
        """Return the URL of the nearest folder upwards that contains a project."""
        folder = Path(place)
        while not any((folder / name).is_file() for name in ("pyproject.toml", "setup.py")):
            if folder == folder.parent:
                self._programs.say(
                    f"Could not find Python project for directory {place} "
                    "(tried all parent directories)",
                    Level.WARNING,
                )
                raise NoRemote(f"{place} holds no project")
            folder = folder.parent
        url, _ = self._info(str(folder))
        if url is None:
            raise NoRemote(f"{folder} has no URL")
        return url

    def commit(self, place: str) -> str:
        """Return the highest revision of a file in the checkout."""
        return str(self._info(place)[1]) if Path(place, ".svn", "entries").exists() else "0"

    def pinned(self, place: str) -> str:
        """Return the highest revision of a file in the checkout."""
        return self.commit(place)

    def top(self, place: str) -> str | None:  # noqa: ARG002
        """Return None: every folder of a checkout has its own URL."""
        return None

    def is_at(self, place: str, revision: str | None) -> bool:  # noqa: ARG002
        """Return False: pip does not check."""
        return False

    def _info(self, place: str) -> tuple[str | None, int]:
        try:
            told = self._programs.quiet(VcsCommand(("svn", "info", "--xml", place)))
        except CommandFailed:
            return None, 0
        url = _SVN_URL.search(told)
        revisions = [int(found) for found in _SVN_REVISION.findall(told)]
        return (url[1] if url else None), max(revisions, default=0)

    def _remote_options(self) -> tuple[str, ...]:
        """Return whether svn may ask for a password; before 1.8 it does unless forbidden."""
        if not sys.stdin.isatty():
            return ("--non-interactive",)
        told = _SVN_VERSION.match(self._programs.quiet(VcsCommand(("svn", "--version"))))
        version = tuple(int(part) for part in told[1].split(".") if part) if told else ()
        return ("--force-interactive",) if version >= (1, 8) else ()

    def _svn(self, *words: Word) -> None:
        self._programs.loud(VcsCommand(("svn", *words)))


class Bazaar:
    """Bazaar (also as Breezy) for one source; see `System`."""

    name = "bzr"
    folder = ".bzr"
    noun = "branch"

    def __init__(self, programs: VcsRunner, verbosity: int) -> None:
        self._programs = programs
        self._verbosity = verbosity

    def address(self, url: str) -> Address:
        """Return the address behind ``bzr+``; only ssh keeps the prefix."""
        bare, revision = split_address(url)
        return Address.to(f"bzr+{bare}" if bare.startswith("ssh://") else bare, revision)

    def clone(self, address: Address, place: str, *, lasting: bool) -> None:  # noqa: ARG002
        """Check out."""
        shown = f"{address.url}{address.shown_revision}"
        self._programs.say(f"Checking out {shown} to {shown_path(place)}")
        flags: tuple[str, ...] = ("--quiet",)
        if self._verbosity > 0:
            flags = () if self._verbosity == 1 else (f"-{'v' * self._verbosity}",)
        options = ("--lightweight", *flags, *_r_revision(address))
        self._bzr(None, "checkout", *options, address.url, place)

    def update(self, address: Address, place: str) -> None:
        """Update to the revision; a branch becomes a checkout."""
        quiet = ("-q",) if self._verbosity <= 0 else ()
        if self._told(place, "info").startswith("Standalone "):
            self._bzr(place, "bind", *quiet, address.url)
        self._bzr(place, "update", *quiet, *_r_revision(address))

    def switch(self, address: Address, place: str) -> None:
        """Switch to another URL."""
        self._bzr(place, "switch", address.url)

    def remote(self, place: str) -> str:
        """Return the branch that it is a checkout of, or its parent."""
        for line in self._told(place, "info").splitlines():
            for what in ("checkout of branch: ", "parent branch: "):
                if line.strip().startswith(what):
                    return _as_url(line.strip().partition(what)[2])
        raise NoRemote(f"{place} has no remote")

    def commit(self, place: str) -> str:
        """Return the revision number."""
        return self._told(place, "revno").splitlines()[-1]

    def pinned(self, place: str) -> str:
        """Return the revision number."""
        return self.commit(place)

    def top(self, place: str) -> str | None:  # noqa: ARG002
        """Return None: pip does not check."""
        return None

    def is_at(self, place: str, revision: str | None) -> bool:  # noqa: ARG002
        """Return False: pip does not check."""
        return False

    def _bzr(self, place: str | None, *words: Word) -> None:
        self._programs.loud(VcsCommand(("bzr", *words)), place)

    def _told(self, place: str, *words: str) -> str:
        return self._programs.quiet(VcsCommand(("bzr", *words)), place)


def _hg_revision(address: Address) -> tuple[str, ...]:
    return (f"--rev={address.revision}",) if address.revision else ()


def _r_revision(address: Address) -> tuple[Word, ...]:
    asked = ("-r", address.revision) if address.revision else ()
    return (*asked, *address.options)


def _as_url(place: str) -> str:
    is_path = place.startswith(os.sep) or bool(os.path.splitdrive(place)[0])
    return url_of_path(place) if is_path else place


def _unquoted(text: str) -> str:
    from urllib.parse import unquote

    return unquote(text)
