"""The output of `pip index versions`, as text and as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from packaging.version import Version


def as_json(project: str, versions: Sequence[str], installed: str | None) -> str:
    """Return an object with the versions, newest first, and the installed one if there is one."""
    found = {"name": project, "versions": versions, "latest": versions[0]}
    if installed is not None:
        found["installed_version"] = installed
    return json.dumps(found)


def as_text(project: str, versions: Sequence[str], installed: str | None) -> str:
    """Return lines with the same."""
    return "\n".join(_lines(project, versions, installed))


def _lines(project: str, versions: Sequence[str], installed: str | None) -> Iterator[str]:
    latest = versions[0]
    yield f"{project} ({latest})"
    yield f"Available versions: {', '.join(versions)}"
    if installed is not None:
        yield f"  INSTALLED: {installed}"
        early = " (pre-release; install with `pip install --pre`)" if Version(latest).pre else ""
        yield f"  LATEST:    {latest}{early}"
