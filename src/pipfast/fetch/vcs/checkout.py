"""Check out repositories for a build or for ``-e``."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext, suppress
from pathlib import Path

from pipfast.errors import InstallationError
from pipfast.fetch.exists_action import ExistsAction, backup_of
from pipfast.fetch.vcs.base import Address, VersionControl, remove, shown_path
from pipfast.fetch.vcs.bzr import Bazaar
from pipfast.fetch.vcs.events import (
    FolderBackedUp,
    FolderChecked,
    FolderDeleted,
    InstallationPlanned,
    NotAWorkingCopy,
    UpdateUnneeded,
    WorkingCopyConfirmed,
    WorkingCopyOfOtherUrl,
    WorkingCopySwitched,
    WorkingCopyUpdated,
)
from pipfast.fetch.vcs.git import DROPPED, UNATTENDED, Git
from pipfast.fetch.vcs.git_object_cache import GitObjectCache
from pipfast.fetch.vcs.hg import Mercurial
from pipfast.fetch.vcs.runner import RunningPrograms, VcsRunner
from pipfast.fetch.vcs.svn import Subversion
from pipfast.model.direct_url import RepositoryOrigin
from pipfast.model.events import Listener
from pipfast.model.link import Link
from pipfast.requirements.parse_link import VERSION_CONTROL

_PLANS = {"s": "(s)witch", "i": "(i)gnore", "w": "(w)ipe", "b": "(b)ackup"}


def is_repository(link: Link) -> bool:
    """Return whether the link is a repository's, for example ``git+https://…``.

    Other transports, such as ``git+ext::``, which runs any program, are not passed on (pip
    behaviour). ``git+user@host:path`` is an SSH shorthand.
    """
    system, plus, transport = link.scheme.partition("+")
    return link.scheme in VERSION_CONTROL or bool(plus and system == "git" and "@" in transport)


class RepositoryCheckout:
    """Checks out repositories. `clones` caches git objects.

    `verbosity` is ``-v`` minus ``-q``; `exists_action` are the letters of ``--exists-action``.
    `ask` asks the user a question and returns the answer; None if the user must not be asked.
    `watching` is active for the process id of each running program. Safe for several threads.
    """

    def __init__(
        self,
        clones: Path | None,
        emit: Listener,
        *,
        verbosity: int = 0,
        exists_action: str = "",
        ask: Callable[[str], str] | None = input,
        watching: Callable[[int], AbstractContextManager[None]] = lambda _: nullcontext(),
    ) -> None:
        self._clones = None if clones is None else GitObjectCache(clones)
        self._emit = emit
        self._verbosity = verbosity
        self._questions = ExistsAction(exists_action.split(), ask)
        self._crew = RunningPrograms(watching)

    def checkout(
        self, link: Link, folder: Path, listen: Listener | None = None
    ) -> RepositoryOrigin:
        """Check out the commit of `link` into `folder`, replacing its content.

        The checkout depends on the object cache and is temporary. Nothing remains after an
        exception. Raises InstallationError; ProgramFailed, already reported; OSError.
        """
        place = str(folder)
        try:
            if folder.exists():
                remove(place)
            system = self._system(link, listen, self._verbosity)
            address = system.address(link.url)
            system.clone(address, place, lasting=False)
            commit = system.commit(place)
        except BaseException:
            with suppress(OSError):
                remove(place)
            raise
        return RepositoryOrigin(
            url=address.url.value,
            system=system.name,
            commit=commit,
            requested=address.revision,
            subdirectory=link.subdirectory,
        )

    def obtain(self, link: Link, folder: Path, listen: Listener | None = None) -> None:
        """Make `folder` a permanent checkout of `link`.

        A checkout of the same URL is updated; for other content, the user has decided or is
        asked. Raises the errors of `checkout`, and NoAnswer.
        """
        place = str(folder)
        system = self._system(link, listen, 0)  # pip never prints these with verbosity
        address = system.address(link.url)
        if not folder.exists():
            self._new(system, address, place)
            return
        programs = self._programs(link, listen)
        programs.report(FolderChecked(place, system.folder, system.name))
        options = "iwb"
        if Path(place, system.folder).exists():
            there = system.remote(place)
            if _same(there, address.url.value):
                self._renew(system, address, place, programs)
                return
            options = "siwb"
            programs.report(
                WorkingCopyOfOtherUrl(system.name, system.noun, shown_path(place), there)
            )
        else:
            programs.report(NotAWorkingCopy(place, system.name, system.noun))
        programs.report(InstallationPlanned(system.name, str(address.url)))
        self._follow(self._decision(options), system, address, place, programs)

    def close(self) -> None:
        """End every running program."""
        self._crew.close()

    def _renew(
        self, system: VersionControl, address: Address, place: str, programs: VcsRunner
    ) -> None:
        shown = shown_path(place)
        programs.report(WorkingCopyConfirmed(system.noun, shown, str(address.url)))
        if system.is_at(place, address.revision):
            programs.report(UpdateUnneeded())
        else:
            programs.report(WorkingCopyUpdated(shown, system.noun, address.revision))
            system.update(address, place)

    def _follow(
        self,
        decision: str,
        system: VersionControl,
        address: Address,
        place: str,
        programs: VcsRunner,
    ) -> None:
        shown = shown_path(place)
        match decision:
            case "w":
                programs.report(FolderDeleted(shown))
                remove(place)
                self._new(system, address, place)
            case "b":
                aside = backup_of(place)
                programs.report(FolderBackedUp(shown, aside))
                shutil.move(place, aside)
                self._new(system, address, place)
            case "s":
                programs.report(
                    WorkingCopySwitched(system.noun, shown, str(address.url), address.revision)
                )
                system.switch(address, place)
            case _:
                pass  # the existing content is left unchanged

    def _new(self, system: VersionControl, address: Address, place: str) -> None:
        """Create a new clone; nothing remains if it is interrupted, as with git itself."""
        try:
            system.clone(address, place, lasting=True)
        except InstallationError:
            raise
        except BaseException:
            with suppress(OSError):
                remove(place)
            raise

    def _decision(self, options: str) -> str:
        plans = ", ".join(_PLANS[option] for option in options)
        return self._questions.decided(f"What to do?  {plans} ", options)

    def _system(self, link: Link, listen: Listener | None, verbosity: int) -> VersionControl:
        programs = self._programs(link, listen)
        match link.scheme.partition("+")[0]:
            case "git":
                return Git(programs, verbosity, self._clones)
            case "hg":
                return Mercurial(programs, verbosity)
            case "svn":
                return Subversion(programs, verbosity)
            case _:
                return Bazaar(programs, verbosity)

    def _programs(self, link: Link, listen: Listener | None) -> VcsRunner:
        emit = listen or self._emit
        if not link.scheme.startswith("git+"):
            return VcsRunner(self._crew, emit, self._verbosity)
        given = None if self._questions.are_answered else UNATTENDED
        return VcsRunner(self._crew, emit, self._verbosity, DROPPED, given)


def _same(one: str, other: str) -> bool:
    from urllib.parse import unquote

    return unquote(one).rstrip("/") == unquote(other).rstrip("/")
