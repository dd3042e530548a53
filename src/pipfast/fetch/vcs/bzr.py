"""Bazaar, run like in pip."""

from __future__ import annotations

from pipfast.fetch.vcs.base import (
    Address,
    VcsProgram,
    as_url,
    revision_options,
    split_address,
)
from pipfast.fetch.vcs.errors import NoRemote


class Bazaar(VcsProgram):
    """Bazaar (also as Breezy) for one source; see `VersionControl`."""

    name = "bzr"
    folder = ".bzr"
    noun = "branch"

    def address(self, url: str) -> Address:
        """Return the address behind ``bzr+``; only ssh keeps the prefix."""
        bare, revision = split_address(url)
        return Address.to(f"bzr+{bare}" if bare.startswith("ssh://") else bare, revision)

    def clone(self, address: Address, place: str, *, lasting: bool) -> None:  # noqa: ARG002
        """Check out."""
        self._report_checkout(address, place)
        flags: tuple[str, ...] = ("--quiet",)
        if self._verbosity > 0:
            flags = () if self._verbosity == 1 else (f"-{'v' * self._verbosity}",)
        options = ("--lightweight", *flags, *revision_options(address))
        self._run(None, "checkout", *options, address.url, place)

    def update(self, address: Address, place: str) -> None:
        """Update to the revision; a branch becomes a checkout."""
        quiet = ("-q",) if self._verbosity <= 0 else ()
        if self._output(place, "info").startswith("Standalone "):
            self._run(place, "bind", *quiet, address.url)
        self._run(place, "update", *quiet, *revision_options(address))

    def switch(self, address: Address, place: str) -> None:
        """Switch to another URL."""
        self._run(place, "switch", address.url)

    def remote(self, place: str) -> str:
        """Return the branch that it is a checkout of, or its parent."""
        for line in self._output(place, "info").splitlines():
            for what in ("checkout of branch: ", "parent branch: "):
                if line.strip().startswith(what):
                    return as_url(line.strip().partition(what)[2])
        raise NoRemote(place)

    def commit(self, place: str) -> str:
        """Return the revision number."""
        return self._output(place, "revno").splitlines()[-1]

    def pinned(self, place: str) -> str:
        """Return the revision number."""
        return self.commit(place)
