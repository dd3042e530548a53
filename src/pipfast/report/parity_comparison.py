"""Compare the results of two resolvers by their installation reports."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from packaging.utils import canonicalize_name

from pipfast.model.frozen_dataclass import dataclass, field
from pipfast.model.link import redact

USAGE = """Usage:
  pipfast parity [install|download|wheel|lock] [options] <requirement specifier> ...

Resolve the requirements with pip and with pipfast, without installing anything, and compare
distributions, versions, origins and hashes. The default command is install.
The exit code is 0 if the results are the same. Otherwise it is 1, and differences are printed."""


@dataclass(frozen=True, slots=True)
class Selected:
    """A chosen distribution: its location is `origin`, its digests are `hashes`."""

    version: str
    origin: str
    hashes: str
    extras: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """A program's result: `selected` by name, or its last `error` if the exit `code` is not 0."""

    code: int
    selected: Mapping[str, Selected] = field(default_factory=lambda: MappingProxyType({}))
    error: str = ""


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


def differences(pip: Result, ours: Result) -> list[str]:
    """Return how `ours` differs from pip's result, as lines for a reader.

    Two failures are equal if exit code and last error are.
    """
    if pip.code or ours.code:
        if (pip.code, pip.error) == (ours.code, ours.error):
            return []
        return [f"pip {_end(pip)}", f"pipfast {_end(ours)}"]
    return [
        line
        for name in sorted(pip.selected.keys() | ours.selected.keys())
        for line in _of_project(name, pip.selected.get(name), ours.selected.get(name))
    ]


def _of_project(name: str, pip: Selected | None, ours: Selected | None) -> Iterator[str]:
    if pip is None or ours is None:
        selects, other = ("pip", "pipfast") if ours is None else ("pipfast", "pip")
        found = pip or ours
        assert found is not None, "one of the two has it"
        yield f"{name}: {selects} selects {found.version}, {other} does not select it"
    elif pip.version != ours.version:
        yield f"{name}: pip selects {pip.version}, pipfast selects {ours.version}"
    else:
        pairs = {
            "origin": (pip.origin, ours.origin),
            "hashes": (pip.hashes, ours.hashes),
            "requested extras": (_listed(pip.extras), _listed(ours.extras)),
        }
        for what, (of_pip, of_pipfast) in pairs.items():
            if of_pip != of_pipfast:
                yield f"{name} {pip.version}: {what} {of_pip} with pip, {of_pipfast} with pipfast"


def summary(programs: str, lines: Sequence[str], pip: Result, ours: Result) -> str:
    """Return the output of the comparison; `lines` are the differences."""
    if lines:
        return "\n".join([f"{programs} give different results:", *(f"  {each}" for each in lines)])
    if pip.code:
        return f"{programs} fail with the same error: {pip.error}"
    return f"{programs} give the same result: {_count(ours)}"


def _end(result: Result) -> str:
    if result.code:
        return f"fails with code {result.code}: {result.error or 'no error message'}"
    return f"selects {_count(result)}"


def _count(result: Result) -> str:
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


def _listed(names: tuple[str, ...]) -> str:
    return ", ".join(names) or "none"


def not_compared(commands: Sequence[str], command: str) -> str:
    """Return the error for a command that ``parity`` does not compare."""
    return f"parity compares {', '.join(commands)}, it does not compare {command!r}"
