"""Remove installed distributions, with pip's questions and lines."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby

from packaging.utils import NormalizedName

from pipfast.commands._errors import NotConfirmed
from pipfast.config.settings import Settings
from pipfast.environment.interpreter import Interpreter
from pipfast.errors import InstallationError, PipfastError
from pipfast.model.events import Event
from pipfast.model.frozen_dataclass import dataclass, field, replace
from pipfast.model.installed_distribution import Installed
from pipfast.policy.detail import detail
from pipfast.policy.mode import mode
from pipfast.report import uninstall_lines
from pipfast.report.console import Console
from pipfast.report.render import load_renderers
from pipfast.session.change_notes import note_removals
from pipfast.session.journal_secrets import journal_keys
from pipfast.session.leftover_warnings import LeftoverWarnings, scan_installed
from pipfast.transaction.apply import remove
from pipfast.transaction.environment_look import EnvironmentLook, look_at
from pipfast.transaction.events import (
    FoundInstallation,
    NotInstalledSkipped,
)
from pipfast.transaction.install_environment import InstallEnvironment, install_environment
from pipfast.transaction.recovery import recover
from pipfast.transaction.removal_summary import removal_messages
from pipfast.transaction.shared_files import RemainingFiles
from pipfast.transaction.uninstall_paths import UninstallPaths, uninstall_paths


@dataclass(slots=True)
class Removal:
    """Removes distributions one after the other if the user confirms each, else all at once.

    In the latter case events and distributions wait in `delayed` and `pending`. `removed` are those
    that were removed.
    """

    settings: Settings
    console: Console
    python: Interpreter
    site: InstallEnvironment
    present: Mapping[NormalizedName, Installed]
    leftovers: LeftoverWarnings
    look: EnvironmentLook | None
    asks_first: bool
    may_ask: bool
    verbose: bool
    explains: bool
    delayed: list[Event] = field(default_factory=list)
    pending: list[UninstallPaths] = field(default_factory=list)
    removed: list[Installed] = field(default_factory=list)

    @classmethod
    def prepared(cls, settings: Settings, console: Console, python: Interpreter) -> Removal:
        """Recover interrupted transactions and scan the environment."""
        site = replace(
            install_environment(python),
            keys=journal_keys(settings),
            is_guarded=not mode(settings).pip_compat,
        )
        for each in (site, _transaction_site(site, python, in_user_site=True)):
            recover(each, console)
        look = look_at(python.sys_path)
        found, leftovers = scan_installed(python.sys_path, python, console)
        return cls(
            settings=settings,
            console=console,
            python=python,
            site=site,
            present={each.name: each for each in found},
            leftovers=leftovers,
            look=look,
            asks_first=not settings.flag("yes"),
            may_ask=not settings.flag("no_input"),
            verbose=settings.verbosity > 0,
            explains=detail(settings).explains,
        )

    def remove_all(self, names: Mapping[NormalizedName, str]) -> None:
        """Remove the installed ones of `names`, up to the first that cannot be removed.

        Raises PipfastError, NotConfirmed among them.
        """
        together = set() if self.asks_first else names.keys() & self.present.keys()
        remaining = self._remaining_without(together)
        try:
            for name, written in names.items():
                self._remove_project(name, written, remaining)
            self._remove_pending()
        except PipfastError:
            self._remove_pending()
            raise
        finally:
            note_removals(self.settings, self.python, self.removed)

    def _remaining_without(self, leaving: Iterable[NormalizedName]) -> RemainingFiles:
        return RemainingFiles(self.site, [self.present[each].info for each in leaving])

    def _remove_project(
        self, name: NormalizedName, written: str, remaining: RemainingFiles
    ) -> None:
        self.leftovers.repeat(name, emit=self._emit)
        installed = self.present.get(name)
        if installed is None:
            self._emit(NotInstalledSkipped(written))
            return
        self._emit(FoundInstallation(installed.raw_name, installed.raw_version))
        if self.asks_first:  # what was removed before is there no more
            remaining = self._remaining_without([name])
        uninstall = remaining.without_shared(uninstall_paths(installed, self.site))
        uninstall.emit_before(self._emit)
        if not uninstall.present:
            return
        moves = self._moves(uninstall)
        if self.asks_first:
            for line in uninstall_lines.summary(uninstall, verbose=self.verbose):
                self.console.say(line)
            if not _is_confirmed(self.console, may_ask=self.may_ask):
                return
            self._remove([uninstall])
        else:
            self.pending.append(uninstall)
        for event in moves:
            self._emit(event)
        uninstall.emit_after(self._emit)

    def _emit(self, event: Event) -> None:
        if self.asks_first:
            self.console(event)
        else:
            self.delayed.append(event)

    def _moves(self, uninstall: UninstallPaths) -> list[Event]:
        """Return messages about each path that will be removed, if any are wanted."""
        return removal_messages(uninstall) if self.explains else []

    def _remove_pending(self) -> None:
        pending, delayed, self.pending, self.delayed = self.pending, self.delayed, [], []
        self._remove(pending)
        for event in delayed:
            self.console(event)

    def _remove(self, uninstalls: Sequence[UninstallPaths]) -> None:
        load_renderers("transaction")
        for in_user_site, group in groupby(uninstalls, lambda each: each.installed.in_user_site):
            site = _transaction_site(self.site, self.python, in_user_site=in_user_site)
            members = list(group)
            try:
                remove(members, site, self.console, look=self.look)
            except OSError as error:
                raise InstallationError(uninstall_lines.failed(error)) from error
            self.removed += [each.installed for each in members]
            self.look = self._look_again()

    def _look_again(self) -> EnvironmentLook | None:
        """Return a look after a change; None if that fails: the change itself has succeeded."""
        try:
            return look_at(self.python.sys_path)
        except OSError:
            return None


def _transaction_site(
    site: InstallEnvironment, python: Interpreter, *, in_user_site: bool
) -> InstallEnvironment:
    """Return the site whose folder holds the transaction: users may only write to their own."""
    if in_user_site and python.user_scheme is not None:
        return replace(site, scheme=python.user_scheme)
    return site


def _is_confirmed(console: Console, *, may_ask: bool) -> bool:
    """Ask the user until the answer is yes or no. Raises NotConfirmed without an answer."""
    while True:
        if not may_ask:
            raise NotConfirmed(uninstall_lines.NO_INPUT)
        try:
            answer = input(uninstall_lines.PROCEED).strip().lower()
        except EOFError as error:
            raise NotConfirmed(str(error)) from None
        if answer in ("y", "n", ""):
            return answer != "n"
        console.print(uninstall_lines.unexpected_answer(answer))
