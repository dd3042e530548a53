"""Repeat the resolution until the metadata of sources matches what will be installed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from packaging.utils import NormalizedName

from pipfast.errors import OwnInstallationError
from pipfast.model.event_log import EventLog
from pipfast.model.events import Listener
from pipfast.model.remedies import PinBuildDependencies
from pipfast.resolve.solve import Resolution

ROUNDS = 5
"""The maximum number of resolutions."""


class Unsettled(OwnInstallationError):
    """The requirements of `projects` change whenever they see the distributions they requested."""

    def __init__(self, projects: Sequence[str]) -> None:
        super().__init__(PinBuildDependencies())
        self.projects = tuple(projects)


class AdaptableSources(Protocol):
    """Sources, some of which may see more than they declare."""

    @property
    def behind(self) -> Mapping[NormalizedName, frozenset[NormalizedName]]:
        """Return the projects that each source was built against."""
        ...

    def settle(self, answer: Resolution) -> bool:
        """Prepare again the sources that saw other distributions; return whether any changed."""
        ...


def settled(
    ask: Callable[[Listener], Resolution],
    sources: AdaptableSources,
    log: EventLog,
) -> Resolution:
    """Return the resolution in which the metadata of all sources is consistent.

    Nothing is reported twice. Raises Unsettled, and the errors of `ask`.
    """
    answer = ask(log)
    for _ in range(ROUNDS):
        if not sources.settle(answer):
            return answer
        answer = ask(log.without_repeats())
    raise Unsettled(sorted(sources.behind))
