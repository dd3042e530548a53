"""Remove installed distributions, with pip's questions and lines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby

from packaging.utils import NormalizedName

from pipfast.commands._errors import NotConfirmed
from pipfast.config.settings import Settings
from pipfast.environment.interpreter import Interpreter
from pipfast.errors import InstallationError, PipfastError
from pipfast.model.events import Event, Level, Said
from pipfast.model.frozen_dataclass import dataclass, field, replace
from pipfast.model.installed_distribution import Installed
from pipfast.report import uninstall_lines
from pipfast.report.console import Console
from pipfast.session.leftover_warnings import LeftoverWarnings, scan_installed
from pipfast.transaction.apply import outgoing_of, recover, remove
from pipfast.transaction.removal import Outgoing
from pipfast.transaction.target_environment import Site, site_of


@dataclass(slots=True)
class Removal:
    """Removes distributions one after the other if the user confirms each, else all at once.

    In the latter case events and distributions wait in `delayed` and `pending`.
    """

    console: Console
    python: Interpreter
    site: Site
    present: Mapping[NormalizedName, Installed]
    leftovers: LeftoverWarnings
    asks: bool
    may_ask: bool
    verbose: bool
    delayed: list[Event] = field(default_factory=list)
    pending: list[Outgoing] = field(default_factory=list)

    @classmethod
    def prepared(cls, settings: Settings, console: Console, python: Interpreter) -> Removal:
        """Recover interrupted transactions and scan the environment."""
        site = site_of(python)
        for each in (site, _transaction_site(site, python, in_user_site=True)):
            recover(each)
        found, leftovers = scan_installed(python.sys_path, python, console)
        return cls(
            console=console,
            python=python,
            site=site,
            present={each.name: each for each in found},
            leftovers=leftovers,
            asks=not settings.flag("yes"),
            may_ask=not settings.flag("no_input"),
            verbose=settings.verbosity > 0,
        )

    def remove_all(self, names: Mapping[NormalizedName, str]) -> None:
        """Remove the installed ones of `names`, up to the first that cannot be removed.

        Raises PipfastError, NotConfirmed among them.
        """
        try:
            for name, written in names.items():
                self._remove_project(name, written)
        except PipfastError:
            self._remove_pending()
            raise
        self._remove_pending()

    def _remove_project(self, name: NormalizedName, written: str) -> None:
        self.leftovers.repeat(name, emit=self._emit)
        installed = self.present.get(name)
        if installed is None:
            self._emit(Said(Level.WARNING, uninstall_lines.not_installed(written)))
            return
        text = uninstall_lines.found(installed.raw_name, installed.raw_version)
        self._emit(Said(Level.INFO, text))
        outgoing = outgoing_of(installed, self.site)
        first, *others = outgoing.said
        if not outgoing.present:
            self._emit_all(outgoing.said)
        elif self.asks:
            self.console(first)
            for line in uninstall_lines.summary(outgoing, verbose=self.verbose):
                self.console.say(line)
            if _is_confirmed(self.console, may_ask=self.may_ask):
                self._remove([outgoing])
                self._emit_all([*self._moves(outgoing), *others])
        else:
            self.delayed += [first, *self._moves(outgoing), *others]
            self.pending.append(outgoing)

    def _emit(self, event: Event) -> None:
        if self.asks:
            self.console(event)
        else:
            self.delayed.append(event)

    def _emit_all(self, events: Sequence[Event]) -> None:
        for event in events:
            self._emit(event)

    def _moves(self, outgoing: Outgoing) -> list[Said]:
        lines = uninstall_lines.moves(outgoing) if self.verbose else ()
        return [Said(Level.VERBOSE, line) for line in lines]

    def _remove_pending(self) -> None:
        pending, delayed, self.pending, self.delayed = self.pending, self.delayed, [], []
        self._remove(pending)
        for event in delayed:
            self.console(event)

    def _remove(self, leaving: Sequence[Outgoing]) -> None:
        for in_user_site, group in groupby(leaving, lambda each: each.installed.in_user_site):
            site = _transaction_site(self.site, self.python, in_user_site=in_user_site)
            try:
                remove(list(group), site)
            except OSError as error:
                raise InstallationError(uninstall_lines.failed(error)) from error


def _transaction_site(site: Site, python: Interpreter, *, in_user_site: bool) -> Site:
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
