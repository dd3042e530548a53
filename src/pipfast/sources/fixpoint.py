"""Rounds of resolution until what sources say of themselves holds beside what will be installed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from packaging.utils import NormalizedName

from pipfast.errors import InstallationError
from pipfast.model.events import Event, Listener, Message, Said
from pipfast.model.remedies import PinBuildDependencies
from pipfast.resolve.solve import Resolution

ROUNDS = 5
"""How often a run is resolved anew because its sources saw other distributions than it brings."""


class Unsettled(InstallationError):
    """Sources ask for other distributions as soon as they see those that they have asked for."""

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__(
            "What is to be installed changes each time it is built against what is to be "
            f"installed: {', '.join(names)}",
            PinBuildDependencies(),
        )


class Sighted(Protocol):
    """Sources, some of which may see more than they have declared."""

    @property
    def behind(self) -> Mapping[NormalizedName, frozenset[NormalizedName]]:
        """The projects that each of these was built against."""
        ...

    def settle(self, answer: Resolution) -> bool:
        """Prepare anew what saw other distributions; whether one says something else now."""
        ...


def settled(
    ask: Callable[[Listener], Resolution],
    sources: Sighted,
    emit: Listener,
    heard: Sequence[Message | Said],
) -> Resolution:
    """The answer in which each source says what it says beside the others.

    `heard` grows by what `emit` hears: that is said once. Raises Unsettled, and what `ask` raises.
    """
    answer = ask(emit)
    for _ in range(ROUNDS):
        if not sources.settle(answer):
            return answer
        answer = ask(_news(emit, heard))
    raise Unsettled(sorted(sources.behind))


def _news(emit: Listener, heard: Sequence[Message | Said]) -> Listener:
    """A listener that passes on what was not heard before."""

    def listen(event: Event) -> None:
        if not isinstance(event, Message | Said) or event not in heard:
            emit(event)

    return listen
