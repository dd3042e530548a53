"""Format results as rows of a Markdown table."""

from __future__ import annotations

from collections.abc import Mapping

from compat.threads.ask import Ask, Outcome, Tool


def row(ask: Ask, outcomes: Mapping[Tool, Outcome]) -> str:
    """Return a row with each tool's result: the distributions, or the line of the error."""
    cells = (_cell(outcomes[tool]) for tool in Tool)
    return f"| {ask.about}<br>`{ask.rule}` | {' | '.join(cells)} |"


def _cell(outcome: Outcome) -> str:
    quoted = f"“{outcome.says}”".replace("|", "\\|") if outcome.says else ""
    if not outcome.solved:
        return f"✗ {quoted}"
    installed = "✓ " + "<br>".join(sorted(outcome.installed))
    return f"{installed}<br>{quoted}" if quoted else installed
