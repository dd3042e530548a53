"""The JSON output of `pipfast why` for a resolution."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from packaging.utils import NormalizedName

from pipfast.model.frozen_dataclass import names_of
from pipfast.model.lazy_pattern import lazy_pattern
from pipfast.model.passed_over import Limit, PassedOver, Reason, Trial, VersionChoice
from pipfast.plan.dependency_graph import DependencyGraph
from pipfast.plan.dependency_paths import Dependent
from pipfast.report.version_lines import advice, reason_text
from pipfast.report.why_lines import dependents_json

_CAPITAL = lazy_pattern(r"(?<!^)([A-Z])")


def version_json(
    project: NormalizedName,
    choice: VersionChoice | None,
    found: Sequence[Dependent],
    graph: DependencyGraph,
) -> str:
    """Return as JSON why a resolution has its version; `choice` is None without the project."""
    node = graph.nodes.get(project)
    document: dict[str, Any] = {
        "version": "1",
        "project": project,
        "chosen_version": choice.version if choice else None,
        "requested": bool(node and node.requested),
        **dependents_json(found, graph),
    }
    if choice is not None:
        document |= {
            "file": choice.file,
            "page": choice.origin or None,
            "is_direct": choice.is_direct,
            "limits": [_limit(one) for one in choice.limits],
            "newer": [_release(choice.project, one) for one in choice.newer],
        }
    return json.dumps(document, indent=2)


def _release(project: str, release: PassedOver) -> dict[str, Any]:
    return {
        "version": release.version,
        "reasons": [_reason(one) for one in release.reasons],
        "advice": advice(project, release),
        "tried": kind_of(release.trial) if release.trial else None,
    }


def _reason(reason: Reason) -> dict[str, Any]:
    """Return a reason with its kind (``needs-python``), its text, and its data."""
    data = {name: _plain(getattr(reason, name)) for name in names_of(type(reason))}
    return {"kind": kind_of(reason), "text": reason_text(reason), **data}


def kind_of(reason: Reason | Trial) -> str:
    """Return the name of a reason or a trial in JSON: ``needs-python`` for NeedsPython."""
    return _CAPITAL.sub(r"-\1", type(reason).__name__).lower()


def _plain(value: object) -> object:
    if isinstance(value, tuple):
        return [_plain(one) for one in value]
    return _limit(value) if isinstance(value, Limit) else value


def _limit(limit: Limit) -> dict[str, Any]:
    return {name: getattr(limit, name) for name in names_of(Limit)}
