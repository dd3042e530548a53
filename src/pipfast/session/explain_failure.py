"""Find the facts behind a failure, and what a user can do; imported only after one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pipfast.errors import PipfastError, Remedy
from pipfast.index.finder import Finder
from pipfast.model.frozen_dataclass import dataclass
from pipfast.model.metadata import Metadata
from pipfast.net.errors import NetworkError
from pipfast.requirements.collect import CollectedRequirements
from pipfast.resolve.errors import NoSolution
from pipfast.resolve.ports import Ports
from pipfast.session.conflict_trials import loosened
from pipfast.session.missing_releases import about_missing
from pipfast.session.network_hints import about_network


@dataclass(frozen=True, slots=True, kw_only=True)
class FailedRun:
    """What a failed resolution was about; `known` is the metadata that it has read, by URL."""

    collected: CollectedRequirements
    ports: Ports
    finder: Finder
    known: Mapping[str, Metadata]


def hints_on(failure: PipfastError, run: FailedRun) -> tuple[Remedy, ...]:
    """Return hints on `failure`, none if nothing is known. Nothing is printed or built."""
    try:
        return tuple(_hints(failure, run))
    except (PipfastError, OSError, ValueError):
        return ()  # a hint is not worth losing the error


def _hints(failure: PipfastError, run: FailedRun) -> Iterator[Remedy]:
    client = run.finder.client
    fault = network_fault(failure)
    if fault is not None:
        yield from about_network(fault, client, run.finder.reader.forbidden)
        return
    if not isinstance(failure, NoSolution):
        return
    skipped = list(run.finder.skipped)
    for each in skipped:
        yield from about_network(each, client, run.finder.reader.forbidden)
    if failure.missing is not None and not skipped:
        yield from about_missing(failure.missing, run.finder)
    elif failure.projects:
        yield from loosened(failure.projects, run.collected, run.ports, run.finder, run.known)


def network_fault(failure: BaseException) -> NetworkError | None:
    """Return the failed request that led to `failure`, None if there is none."""
    seen = 0
    one: BaseException | None = failure
    while one is not None and seen < 10:
        if isinstance(one, NetworkError):
            return one
        one, seen = one.__cause__, seen + 1
    return None
