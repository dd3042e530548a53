"""Two answers to one question, by their installation reports, and how they differ."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

from packaging.utils import canonicalize_name

from pipfast.model.frozen_dataclass import dataclass, field
from pipfast.model.link import redact


@dataclass(frozen=True, slots=True)
class Taken:
    """A distribution that an answer holds: where it is `origin`, what proves it `hashes`."""

    version: str
    origin: str
    hashes: str
    extras: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What a program answered: `taken` by name, or with another `code` than 0 its last `error`."""

    code: int
    taken: Mapping[str, Taken] = field(default_factory=lambda: MappingProxyType({}))
    error: str = ""


def taken(report: Mapping[str, Any]) -> dict[str, Taken]:
    """The distributions of an installation report (version 1 of its specification), by name."""
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
    """How `ours` is another answer than pip's, in lines for a reader; none if it is the same.

    Two failures are the same where codes and last errors are.
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
        yield f"{name}: {takes} takes {there.version}, {does_not} does not take it"
    elif pip.version != ours.version:
        yield f"{name}: pip takes {pip.version}, pipfast takes {ours.version}"
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
    return f"takes {counted(result)}"


def counted(result: Result) -> str:
    """How many distributions an answer holds."""
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
