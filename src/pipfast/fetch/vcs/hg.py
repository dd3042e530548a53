"""Mercurial, run like in pip."""

from __future__ import annotations

from pathlib import Path

from pipfast.fetch.vcs.base import Address, VcsProgram, as_url, shown_path, split_address
from pipfast.fetch.vcs.events import MercurialNotSwitched, RepositoryCloned


class Mercurial(VcsProgram):
    """Mercurial for one source; see `VersionControl`."""

    name = "hg"
    folder = ".hg"
    noun = "clone"

    def address(self, url: str) -> Address:
        """Return the address behind ``hg+``."""
        return Address.to(*split_address(url))

    def clone(self, address: Address, place: str, *, lasting: bool) -> None:  # noqa: ARG002
        """Clone, and update to the revision."""
        cloned = RepositoryCloned(f"hg {address.url}", address.revision, shown_path(place))
        self._programs.report(cloned)
        flags = {0: ("--quiet",), 1: (), 2: ("--verbose",)}.get(
            max(self._verbosity, 0), ("--verbose", "--debug")
        )
        self._run(None, "clone", "--noupdate", *flags, address.url, place)
        self._run(place, "update", *flags, *_revision(address))

    def update(self, address: Address, place: str) -> None:
        """Pull, and update to the revision."""
        self._run(place, "pull", *self._quiet())
        self._run(place, "update", *self._quiet(), *_revision(address))

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
            self._programs.report(MercurialNotSwitched(str(address.url), str(error)))
        else:
            self._run(place, "update", *self._quiet(), *_revision(address))

    def remote(self, place: str) -> str:
        """Return the default path."""
        return as_url(self._line(place, "showconfig", "paths.default"))

    def commit(self, place: str) -> str:
        """Return the local number of the changeset, which pip records."""
        return self._line(place, "parents", "--template={rev}")

    def pinned(self, place: str) -> str:
        """Return the global id of the changeset."""
        return self._line(place, "parents", "--template={node}")

    def top(self, place: str) -> str | None:
        """Return the clone's root."""
        return str(Path(place, self._line(place, "root")).absolute())

    def _line(self, place: str, *words: str) -> str:
        return self._output(place, *words).strip()

    def _quiet(self) -> tuple[str, ...]:
        return ("-q",) if self._verbosity <= 0 else ()


def _revision(address: Address) -> tuple[str, ...]:
    return (f"--rev={address.revision}",) if address.revision else ()
