"""Lax rules: resolve by pip's rules first, and by relaxed ones only where pip fails.

A lax rule can turn a failure into a success, and never one success into another.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from functools import partial

from pipfast.errors import InstallationError, Remedy, described
from pipfast.model.events import (
    Discarded,
    Event,
    Listener,
    Message,
    RequirementUnreadable,
    Unprepared,
    silent,
)
from pipfast.model.frozen_dataclass import dataclass, replace
from pipfast.model.remedies import AcceptLocalVersion, MendRequirement
from pipfast.policy.mode import LocalVersions
from pipfast.policy.selection import SelectionPolicy
from pipfast.resolve.events import LocalVersionAccepted, RequirementMended, RuleRelaxed
from pipfast.resolve.solve import Resolution

Solve = Callable[[SelectionPolicy, Listener], Resolution]
"""Resolves with a selection policy and emits messages."""


class Observations:
    """A listener that passes events on and records those that rules depend on."""

    def __init__(self, emit: Listener) -> None:
        self._emit = emit
        self._messages: set[Message] = set()
        self.discarded: list[Discarded] = []
        self.unprepared: list[Unprepared] = []
        self.unreadable: list[RequirementUnreadable] = []

    def __call__(self, event: Event) -> None:
        """Record an event and pass it on."""
        match event:
            case Discarded():
                self.discarded.append(event)
            case Unprepared():
                self.unprepared.append(event)
            case RequirementUnreadable():
                self.unreadable.append(event)
            case Message():
                self._messages.add(event)
            case _:
                pass
        self._emit(event)

    def silenced(self) -> Observations:
        """Return a copy that passes nothing on."""
        copy = Observations(silent)
        copy._messages = set(self._messages)
        copy.discarded, copy.unprepared = [*self.discarded], [*self.unprepared]
        copy.unreadable = [*self.unreadable]
        return copy

    def only_new(self, event: Event) -> None:
        """Do the same for an event of a repeated resolution, unless it is a recorded message."""
        if not (isinstance(event, Message) and event in self._messages):
            self(event)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A rule of pip that can be relaxed after a failure.

    `applies` tells whether relaxing it may help. `relax` returns the selection policy to try next;
    if that is the same as before, there is nothing left to relax.

    If the rule is `permitted` to be relaxed, `event` is emitted first. Otherwise the failure gets
    `remedies`; with `trial`, a context in which nothing is printed, only if relaxing helps.
    `keeps_failure` is whether the run ends as pip's does if relaxing does not help, and not with
    the last failure; a permitted rule is then tried first, too.
    """

    name: str
    permitted: bool
    applies: Callable[[InstallationError, Observations], bool]
    relax: Callable[[SelectionPolicy, Observations], SelectionPolicy]
    event: Callable[[InstallationError, Observations], RuleRelaxed]
    remedies: Callable[[InstallationError, Observations], tuple[Remedy, ...]]
    trial: Callable[[], AbstractContextManager[object]] | None = None
    keeps_failure: bool = False


def with_rules(solve: Solve, rules: Iterable[Rule]) -> Solve:
    """Return `solve` extended by `rules`; each is relaxed only where those before it do not help.

    The result raises what `solve` raises, with remedies.
    """
    for rule in rules:
        solve = partial(_solve, solve, rule)
    return solve


def _solve(solve: Solve, rule: Rule, selection: SelectionPolicy, emit: Listener) -> Resolution:
    observed = Observations(emit)
    try:
        return solve(selection, observed)
    except InstallationError as error:
        if not rule.applies(error, observed):
            raise
        failure = error
    needs_trial = rule.keeps_failure or not rule.permitted
    if needs_trial and rule.trial is not None:
        try:
            with rule.trial():
                _solve_relaxed(solve, rule, selection, observed.silenced(), failure)
        except InstallationError:
            raise failure from None
    if rule.permitted:
        emit(rule.event(failure, observed))
        return _solve_relaxed(solve, rule, selection, observed, failure)
    failure.remedies += rule.remedies(failure, observed)
    raise failure


def _solve_relaxed(
    solve: Solve,
    rule: Rule,
    selection: SelectionPolicy,
    observed: Observations,
    failure: InstallationError,
) -> Resolution:
    """Solve with the rule relaxed, further and further as long as it applies."""
    last, relaxed = failure, rule.relax(selection, observed)
    while relaxed != selection:
        try:
            return solve(relaxed, observed.only_new)
        except InstallationError as error:
            last = error
            if not rule.applies(error, observed):
                break
        selection, relaxed = relaxed, rule.relax(relaxed, observed)
    raise failure if rule.keeps_failure else last


def names_setting(failure: InstallationError) -> bool:
    """Return whether a remedy of `failure` is a setting or option that makes the run succeed."""
    return any(remedy.is_setting for remedy in failure.remedies)


def local_versions(policy: LocalVersions) -> Rule:
    """Return the rule that metadata must have the local version segment of the file name."""

    def event(failure: InstallationError, observed: Observations) -> LocalVersionAccepted:
        first = observed.discarded[0]
        return LocalVersionAccepted(described(failure), first.project, first.expected, first.found)

    def remedies(failure: InstallationError, observed: Observations) -> tuple[Remedy, ...]:
        first = observed.discarded[0]
        remedy = AcceptLocalVersion(first.project, first.expected, first.found)
        return () if names_setting(failure) else (remedy,)

    return Rule(
        name="local-versions",
        permitted=policy is LocalVersions.LAX,
        applies=lambda _, observed: bool(observed.discarded),
        relax=lambda selection, _: replace(selection, lax_locals=True),
        event=event,
        remedies=remedies,
    )


def plain_requirements(
    *, permitted: bool, silently: Callable[[], AbstractContextManager[object]]
) -> Rule:
    """Return the rule that requirements in metadata must be valid (PEP 440, PEP 508).

    Relaxed, those with a plain meaning are read: ``>=1.19.*`` is ``>=1.19``. `silently` is a
    context in which nothing is printed.
    """

    def event(failure: InstallationError, observed: Observations) -> RequirementMended:
        first = observed.unreadable[0]
        return RequirementMended(described(failure), first.project, first.line, first.meaning)

    def remedies(failure: InstallationError, observed: Observations) -> tuple[Remedy, ...]:
        first = observed.unreadable[0]
        remedy = MendRequirement(first.project, first.line, first.meaning)
        return () if names_setting(failure) else (remedy,)

    return Rule(
        name="plain-requirements",
        permitted=permitted,
        applies=lambda _, observed: bool(observed.unreadable),
        relax=lambda selection, _: replace(selection, lax_requirements=True),
        event=event,
        remedies=remedies,
        trial=silently,
        keeps_failure=True,
    )
