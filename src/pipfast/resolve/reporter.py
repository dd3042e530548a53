"""Reporters of resolvelib: record the history of a resolution and emit pip's messages."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping

from packaging.utils import NormalizedName
from resolvelib import BaseReporter
from resolvelib.resolvers import Criterion
from resolvelib.structs import RequirementInformation

from pipfast.model.events import Listener
from pipfast.resolve.constraint import Constraint
from pipfast.resolve.debug_reporter import DebugReporter
from pipfast.resolve.events import (
    Backtracking,
    BacktrackingNotice,
    CandidateRejected,
    ConflictCause,
)
from pipfast.resolve.graph import Dependency, Node
from pipfast.resolve.old_version_notice import ResolutionHistory

_NOTICES = {notice.value: notice for notice in BacktrackingNotice}


def reporter_of(
    emit: Listener,
    history: ResolutionHistory,
    explained: Mapping[NormalizedName, Constraint] | None = None,
    *,
    debug: bool,
) -> BaseReporter[Dependency, Node, str]:
    """Return the reporter of a run; with `debug`, it reports every step.

    With `explained`, the constraints of the run, it reports why candidates are rejected.
    """
    return _DebugHistoryReporter(emit, history) if debug else _PipReporter(emit, history, explained)


class _HistoryReporter(BaseReporter[Dependency, Node, str]):
    """Records which candidates were rejected and why."""

    def __init__(self, history: ResolutionHistory) -> None:
        self._history = history

    def rejecting_candidate(self, criterion: Criterion[Dependency, Node], candidate: Node) -> None:
        """Record a rejected candidate."""
        self._history.reject(candidate, criterion.information)

    def resolving_conflicts(
        self, causes: Collection[RequirementInformation[Dependency, Node]]
    ) -> None:
        """Record a conflict for which the resolver backtracks."""
        self._history.conflict(causes)

    def pinning(self, candidate: Node) -> None:
        """Record a pin."""
        self._history.pin(candidate)


class _PipReporter(_HistoryReporter):
    """Emits pip's notices that several versions of a project were rejected."""

    def __init__(
        self,
        emit: Listener,
        history: ResolutionHistory,
        explained: Mapping[NormalizedName, Constraint] | None,
    ) -> None:
        super().__init__(history)
        self._emit = emit
        self._explained = explained
        self._rejected: Counter[str] = Counter()

    def rejecting_candidate(self, criterion: Criterion[Dependency, Node], candidate: Node) -> None:
        """Record and count a rejected candidate."""
        super().rejecting_candidate(criterion, candidate)
        self._rejected[candidate.key] += 1
        notice = _NOTICES.get(self._rejected[candidate.key])
        if notice is not None:
            self._emit(Backtracking(candidate.key, notice))
        if self._explained is not None:
            self._emit(_rejection(criterion, candidate, self._explained))


def _rejection(
    criterion: Criterion[Dependency, Node],
    candidate: Node,
    constraints: Mapping[NormalizedName, Constraint],
) -> CandidateRejected:
    """Return why a candidate is rejected: all requirements of its project, and its constraint."""
    causes = tuple(
        ConflictCause(
            cause.requirement.describe(),
            f"{cause.parent.key} {cause.parent.version}" if cause.parent else None,
        )
        for cause in criterion.information
    )
    constraint = constraints.get(candidate.name) if candidate.key == candidate.name else None
    is_named = constraint is not None and str(constraint.specifier)
    text = f"{candidate.name}{constraint.describe()}" if constraint and is_named else None
    return CandidateRejected(causes, text)


class _DebugHistoryReporter(DebugReporter, _HistoryReporter):
    """Reports every step, like pip, and emits no notices."""

    def __init__(self, emit: Listener, history: ResolutionHistory) -> None:
        DebugReporter.__init__(self, emit)
        _HistoryReporter.__init__(self, history)

    def rejecting_candidate(self, criterion: Criterion[Dependency, Node], candidate: Node) -> None:
        """Report and record a rejected candidate."""
        DebugReporter.rejecting_candidate(self, criterion, candidate)
        _HistoryReporter.rejecting_candidate(self, criterion, candidate)

    def pinning(self, candidate: Node) -> None:
        """Report and record a pin."""
        DebugReporter.pinning(self, candidate)
        _HistoryReporter.pinning(self, candidate)
