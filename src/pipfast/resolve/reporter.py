"""Reporters of resolvelib: record the history of a resolution and emit pip's messages."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection

from resolvelib import BaseReporter
from resolvelib.resolvers import Criterion
from resolvelib.structs import RequirementInformation

from pipfast.model.events import Listener
from pipfast.resolve.debug_reporter import DebugReporter
from pipfast.resolve.events import Backtracking, BacktrackingNotice
from pipfast.resolve.graph import Dependency, Node
from pipfast.resolve.old_version_notice import ResolutionHistory

_NOTICES = {notice.value: notice for notice in BacktrackingNotice}


def reporter_of(
    emit: Listener, history: ResolutionHistory, *, debug: bool
) -> BaseReporter[Dependency, Node, str]:
    """Return the reporter of a run; with `debug`, it reports every step."""
    return _DebugHistoryReporter(emit, history) if debug else _PipReporter(emit, history)


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

    def __init__(self, emit: Listener, history: ResolutionHistory) -> None:
        super().__init__(history)
        self._emit = emit
        self._rejected: Counter[str] = Counter()

    def rejecting_candidate(self, criterion: Criterion[Dependency, Node], candidate: Node) -> None:
        """Record and count a rejected candidate."""
        super().rejecting_candidate(criterion, candidate)
        self._rejected[candidate.key] += 1
        notice = _NOTICES.get(self._rejected[candidate.key])
        if notice is not None:
            self._emit(Backtracking(candidate.key, notice))


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
