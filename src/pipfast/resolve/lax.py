"""Two tiers: pip's own answer first, lax rules only where pip would have failed.

So pip-parity can turn a failure into a success, and never one success into another.
"""

from __future__ import annotations

from collections.abc import Callable

from pipfast.errors import InstallationError, Remedy
from pipfast.model.events import Discarded, Event, Listener, Message, Said, Unprepared
from pipfast.model.frozen_dataclass import replace
from pipfast.model.remedies import AcceptLocalVersion
from pipfast.policy.mode import LocalVersions
from pipfast.policy.selection import SelectionPolicy
from pipfast.resolve.events import LocalVersionAccepted
from pipfast.resolve.solve import Resolution

Solve = Callable[[SelectionPolicy, Listener], Resolution]
"""Finds an answer under a policy, telling a listener what it does."""

FindRemedy = Callable[[InstallationError], "Remedy | None"]
"""Return what to do about a failure, None if nothing would help."""


def answered(
    solve: Solve,
    selection: SelectionPolicy,
    local_versions: LocalVersions,
    emit: Listener,
    find_remedy: FindRemedy,
) -> Resolution:
    """The answer under pip's own rules, else under those that `local_versions` allows.

    Raises what `solve` raises under pip's rules, with the setting that would help if there is one.
    """
    noted = Noted(emit)
    try:
        return solve(selection, noted)
    except InstallationError as failure:
        if not noted.discarded:
            _add_remedy(failure, find_remedy)
            raise
        if local_versions is LocalVersions.STRICT:
            _add_remedy(failure, lambda _: _accept(noted.discarded[0]))
            raise
        one = noted.discarded[0]
        emit(LocalVersionAccepted(failure.message, one.project, one.expected, one.found))
    try:
        return solve(replace(selection, lax_locals=True), noted.only_news())
    except InstallationError as failure:
        _add_remedy(failure, find_remedy)
        raise


def _add_remedy(failure: InstallationError, find_remedy: FindRemedy) -> None:
    """Add a remedy to `failure` unless it has one that names a setting or option."""
    if any(remedy.is_setting for remedy in failure.remedies):
        return
    remedy = find_remedy(failure)
    if remedy is not None:
        failure.remedies += (remedy,)


def _accept(discarded: Discarded) -> Remedy:
    return AcceptLocalVersion(discarded.project, discarded.expected, discarded.found)


class Noted:
    """A listener that passes on what it hears and knows it, discarded distributions above all."""

    def __init__(self, emit: Listener) -> None:
        self._emit = emit
        self._heard: set[str] = set()
        self._messages: set[Message] = set()
        self.discarded: list[Discarded] = []
        self.unprepared: list[Unprepared] = []

    def __call__(self, event: Event) -> None:
        """Note an event and pass it on."""
        match event:
            case Discarded():
                self.discarded.append(event)
            case Unprepared():
                self.unprepared.append(event)
            case Message():
                self._messages.add(event)
            case Said(text=text):
                self._heard.add(text)
            case _:
                pass
        self._emit(event)

    def only_news(self) -> Listener:
        """A listener that passes on what was not heard before."""

        def listen(event: Event) -> None:
            heard = isinstance(event, Message) and event in self._messages
            if not heard and not (isinstance(event, Said) and event.text in self._heard):
                self._emit(event)

        return listen
