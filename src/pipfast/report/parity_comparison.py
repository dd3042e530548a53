"""Compare the results of two resolvers by their installation reports."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from enum import Enum
from types import MappingProxyType
from typing import Any

from packaging.utils import canonicalize_name

from pipfast.model.frozen_dataclass import dataclass, field
from pipfast.model.lazy_pattern import lazy_pattern
from pipfast.model.link import redact


@dataclass(frozen=True, slots=True)
class Selected:
    """A chosen distribution: its location is `origin`, its digests are `hashes`."""

    version: str
    origin: str
    hashes: str
    extras: tuple[str, ...] = ()


class Obstacle(Enum):
    """Why a program had no result to compare: nothing that a resolver decides."""

    NETWORK = "a server or the network"
    CREDENTIALS = "credentials"
    INPUT = "the input"


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """A program's result: `selected` by name, or its last `error` if the exit `code` is not 0.

    `seconds` is how long it ran. `obstacle` is set if it failed before or beside resolving.
    """

    code: int
    selected: Mapping[str, Selected] = field(default_factory=lambda: MappingProxyType({}))
    error: str = ""
    seconds: float = 0.0
    obstacle: Obstacle | None = None


class Aspect(Enum):
    """A property in which two results may differ; the values are the names in JSON."""

    PROJECT = "project"
    VERSION = "version"
    ORIGIN = "origin"
    HASHES = "hashes"
    EXTRAS = "requested extras"
    OUTCOME = "outcome"


@dataclass(frozen=True, slots=True)
class Difference:
    """A difference: what pip has and what pipfast has, None for nothing.

    `project` is empty, and `version` too, if one of the two failed. `version` is empty unless both
    have the same.
    """

    aspect: Aspect
    project: str
    version: str
    pip: str | None
    ours: str | None


class Outcome(Enum):
    """What a comparison found; the values are the names in JSON."""

    SAME = "same"
    DIFFERENT = "different"
    NOT_COMPARED = "not compared"


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Two results of one command line; `name` is the file it is about, empty if there is one."""

    name: str
    pip: Result
    ours: Result

    @property
    def differences(self) -> list[Difference]:
        """How pipfast's result differs from pip's.

        Two failures are equal if exit code and last error are.
        """
        return differences(self.pip, self.ours)

    @property
    def has_nothing_to_compare(self) -> bool:
        """Whether both programs succeed and choose nothing: all of it is installed."""
        return not (self.pip.code or self.ours.code or self.pip.selected or self.ours.selected)

    @property
    def outcome(self) -> Outcome:
        """Whether the results are the same.

        If both programs fail, and one of them for a reason that no resolver decides, nothing was
        compared.
        """
        obstacles = {self.pip.obstacle, self.ours.obstacle} - {None}
        if self.pip.code and self.ours.code and obstacles:
            return Outcome.NOT_COMPARED
        return Outcome.DIFFERENT if self.differences else Outcome.SAME


def selected(report: Mapping[str, Any]) -> dict[str, Selected]:
    """Return the distributions of an installation report (specification version 1), by name."""
    found = {}
    for item in report["install"]:
        metadata, info = item["metadata"], item["download_info"]
        hashes = info.get("archive_info", {}).get("hashes", {})
        found[str(canonicalize_name(metadata["name"]))] = Selected(
            metadata["version"],
            _origin(info),
            " ".join(f"{name}:{hashes[name]}" for name in sorted(hashes)) or "none",
            tuple(item.get("requested_extras", ())),
        )
    return dict(sorted(found.items()))


def differences(pip: Result, ours: Result) -> list[Difference]:
    """Return how `ours` differs from pip's result."""
    if pip.code or ours.code:
        if (pip.code, pip.error) == (ours.code, ours.error):
            return []
        return [Difference(Aspect.OUTCOME, "", "", end_of(pip), end_of(ours))]
    return [
        one
        for name in sorted(pip.selected.keys() | ours.selected.keys())
        for one in _of_project(name, pip.selected.get(name), ours.selected.get(name))
    ]


def _of_project(name: str, pip: Selected | None, ours: Selected | None) -> Iterator[Difference]:
    if pip is None or ours is None:
        versions = (pip.version if pip else None, ours.version if ours else None)
        yield Difference(Aspect.PROJECT, name, "", *versions)
    elif pip.version != ours.version:
        yield Difference(Aspect.VERSION, name, "", pip.version, ours.version)
    else:
        pairs = {
            Aspect.ORIGIN: (pip.origin, ours.origin),
            Aspect.HASHES: (pip.hashes, ours.hashes),
            Aspect.EXTRAS: (_listed(pip.extras), _listed(ours.extras)),
        }
        for aspect, (of_pip, of_pipfast) in pairs.items():
            if of_pip != of_pipfast:
                yield Difference(aspect, name, pip.version, of_pip, of_pipfast)


def end_of(result: Result) -> str:
    """Return how a program ended: what it selects, or its last error."""
    if result.code:
        return f"fails with code {result.code}: {result.error or 'no error message'}"
    return f"selects {count_of(result)}"


def count_of(result: Result) -> str:
    """Return the number of selected distributions with the noun."""
    count = len(result.selected)
    return f"{count} distribution{'' if count == 1 else 's'}"


def _origin(info: Mapping[str, Any]) -> str:
    parts = [redact(info["url"])]
    if "vcs_info" in info:
        parts.append(f"at {info['vcs_info'].get('commit_id')}")
    if info.get("dir_info", {}).get("editable"):
        parts.append("editable")
    if "subdirectory" in info:
        parts.append(f"in {info['subdirectory']}")
    return " ".join(parts)


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names) or "none"


_CREDENTIALS = lazy_pattern(
    r"HTTP error (401|403|407)\b"
    r"|\b(401|403|407)\b.{0,40}(error|forbidden|unauthorized|authentication)"
    r"|401 Error, Credentials not correct|refuses the credentials|without credentials"
    r"|status code (401|403|407)\b",
    re.IGNORECASE,
)
_NETWORK = lazy_pattern(
    r"\b5\d\d (server )?error|status code 5\d\d\b|Connection (refused|reset|aborted|to |error)"
    r"|ConnectionError|timed out|NewConnectionError|MaxRetryError|Temporary failure in name"
    r"|Name or service not known|Network is unreachable|SSLError|certificate verify failed"
    r"|ProxyError|Could not fetch URL|Could not connect|TLS|answers with (an )?error",
    re.IGNORECASE,
)
_INPUT = lazy_pattern(
    r"Could not open requirements file|Invalid requirement|no such option|unknown command"
    r"|You must give at least one requirement|does not appear to be a Python project"
    r"|is not a valid editable|Usage:",
    re.IGNORECASE,
)


def obstacle_in(output: str) -> Obstacle | None:
    """Return what kept a program that failed from a result, from its messages; else None."""
    for pattern, obstacle in (
        (_CREDENTIALS, Obstacle.CREDENTIALS),
        (_NETWORK, Obstacle.NETWORK),
        (_INPUT, Obstacle.INPUT),
    ):
        if pattern.search(output):
            return obstacle
    return None
