"""Compare the results of two resolvers by their installation reports."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

from packaging.utils import canonicalize_name

from pipfast.model.frozen_dataclass import dataclass, field
from pipfast.model.link import redact


@dataclass(frozen=True, slots=True)
class Taken:
    """A chosen distribution: its location is `origin`, its digests are `hashes`."""

    version: str
    origin: str
    hashes: str
    extras: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """A program's result: `taken` by name, or the last `error` with an exit code other than 0."""

    code: int
    taken: Mapping[str, Taken] = field(default_factory=lambda: MappingProxyType({}))
    error: str = ""


def taken(report: Mapping[str, Any]) -> dict[str, Taken]:
    """Return the distributions of an installation report (specification version 1), by name."""
    found = {}
    for item in report["install"]:
        metadata, info = item["metadata"], item["download_info"]
        hashes = info.get("archive_info", {}).get("hashes", {})
        found[str(canonicalize_name(metadata["name"]))] = Taken(
            metadata["version"],
            _origin(info),
            " ".join(f"{name}:{hashes[name]}" for name in sorted(hashes)) or "none",
            tuple(item.get("requested_extras", ())),
        )
    return dict(sorted(found.items()))


def differences(pip: Result, ours: Result) -> list[str]:
    """Yield how `ours` differs from pip's result, as lines for a reader.

    Two failures are equal if exit code and last error are.
    """
    if pip.code or ours.code:
        if (pip.code, pip.error) == (ours.code, ours.error):
            return []
        return [f"pip {_end(pip)}", f"pipfast {_end(ours)}"]
    return [
        line
        for name in sorted(pip.taken.keys() | ours.taken.keys())
        for line in _of_project(name, pip.taken.get(name), ours.taken.get(name))
    ]


def _of_project(name: str, pip: Taken | None, ours: Taken | None) -> Iterator[str]:
    if pip is None or ours is None:
        takes, does_not = ("pip", "pipfast") if ours is None else ("pipfast", "pip")
        there = pip or ours
        assert there is not None, "one of the two has it"
        yield f"{name}: {takes} selects {there.version}, {does_not} does not select it"
    elif pip.version != ours.version:
        yield f"{name}: pip selects {pip.version}, pipfast selects {ours.version}"
    else:
        pairs = {
            "comes from": (pip.origin, ours.origin),
            "has the hashes": (pip.hashes, ours.hashes),
            "is asked for with the extras": (_listed(pip.extras), _listed(ours.extras)),
        }
        for words, (one, other) in pairs.items():
            if one != other:
                yield f"{name} {pip.version}: with pip it {words} {one}, with pipfast {other}"


def _end(result: Result) -> str:
    if result.code:
        return f"fails with code {result.code}: {result.error or 'no error is told'}"
    return f"selects {counted(result)}"


def counted(result: Result) -> str:
    """Return the number of distributions as text."""
    count = len(result.taken)
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


def _listed(words: tuple[str, ...]) -> str:
    return ", ".join(words) or "none"
