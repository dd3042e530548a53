"""Two tiers: pip's own answer first, lax rules only where pip would have failed.

So pip-parity can turn a failure into a success, and never one success into another.
"""

from __future__ import annotations

from collections.abc import Callable

from pipfast.errors import InstallationError
from pipfast.model.events import Discarded, Event, Level, Listener, Message, Said, Unprepared
from pipfast.model.frozen_dataclass import replace
from pipfast.policy.mode import LocalVersions
from pipfast.policy.selection import SelectionPolicy
from pipfast.resolve.solve import Resolution

Solve = Callable[[SelectionPolicy, Listener], Resolution]
"""Finds an answer under a policy, telling a listener what it does."""

WayOut = Callable[[InstallationError], str]
"""What to do about a failure, with the setting that would help; empty if none would."""

_RULE = "a difference in the local segment alone makes no other version"


def would_have_failed(why: str, rule: str) -> Said:
    """The one line that tells of a lax rule; `why` is pip's error, `rule` what let us go on."""
    first = why.strip().partition("\n")[0].rstrip(".")
    text = f"pip would have failed here: {first}; going on because {rule}"
    return Said(Level.WARNING, text)


def answered(
    solve: Solve,
    selection: SelectionPolicy,
    local_versions: LocalVersions,
    emit: Listener,
    way_out: WayOut,
) -> Resolution:
    """The answer under pip's own rules, else under those that `local_versions` allows.

    Raises what `solve` raises under pip's rules, with the setting that would help if there is one.
    """
    noted = Noted(emit)
    try:
        return solve(selection, noted)
    except InstallationError as failure:
        if not noted.discarded:
            _advise(failure, way_out)
            raise
        if local_versions is LocalVersions.STRICT:
            _advise(failure, lambda _: _way_out(noted.discarded[0]))
            raise
        emit(would_have_failed(failure.message, f"{_RULE} ({_told(noted.discarded[0])})"))
    try:
        return solve(replace(selection, lax_locals=True), noted.only_news())
    except InstallationError as failure:
        _advise(failure, way_out)
        raise


def _advise(failure: InstallationError, way_out: WayOut) -> None:
    """Add the way out of a failure to its hint, at the end, where none is named yet."""
    hint = failure.hint
    if "PIPFAST_" in hint or "--only-binary" in hint:
        return
    advice = way_out(failure)
    if advice:
        failure.hint = f"{hint}; {advice}" if hint else advice


def _told(one: Discarded) -> str:
    return f"{one.project} {one.expected} says it is {one.found}"


def _way_out(one: Discarded) -> str:
    return f"{_told(one)}; to take it all the same: PIPFAST_LOCAL_VERSIONS=lax"


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
