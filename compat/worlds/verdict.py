"""How the results of a random world differ, without what docs/differences.md admits."""

from __future__ import annotations

import re
from dataclasses import replace

from packaging.utils import canonicalize_name

from compat.harness import known
from compat.harness.compare import judge
from compat.harness.scenario import Allow, Part, Scenario
from compat.harness.tree import Tree
from compat.harness.twin import Seen
from compat.kit.index import Listed
from tests.kit.wheels import Sdist, Wheel

BEYOND = "WARNING: pip would have failed here: "
"""The beginning of the line that announces a relaxed rule."""

MISMATCH = "ERROR: THESE PACKAGES DO NOT MATCH THE HASHES"
"""The beginning of the error about a file with another hash."""

_NAME = re.compile(r"[\w.-]*")

ALWAYS = (*known.STATIC, *known.OLD_TOLD, *known.TOLD_SKIPS, *known.WRITTEN_OVER)


def beyond(expected: Seen, received: Seen) -> int | None:
    """Return the first step in which pip fails and pipfast goes on with its line, else None."""
    for number, (one, other) in enumerate(zip(expected.steps, received.steps, strict=True)):
        if one.code and BEYOND in other.stderr:
            return number
    return None


def differences(scenario: Scenario, expected: Seen, received: Seen) -> tuple[str, ...]:
    """Return the differences between the results, none if all of them are admitted.

    From a step on in which parity mode goes on where pip fails, there is nothing to compare.
    """
    stop = beyond(expected, received)
    if stop is not None:
        expected, received = (
            replace(seen, steps=seen.steps[:stop], tree={}) for seen in (expected, received)
        )
    expected, received = (replace(seen, tree=_levelled(seen.tree)) for seen in (expected, received))
    codes = tuple(ran.code for ran in expected.steps) or (0,)
    allow = (*scenario.allow, *_allowed(codes), *_of_hashes(expected, received))
    if _has_cycle(scenario):
        allow += known.CYCLES
    allowed = replace(scenario, exits=codes, allow=allow)
    return judge(allowed, expected, received).differences


def _levelled(found: Tree) -> Tree:
    """Return the files with one Metadata-Version in reports.

    The sdists of `tests.kit` declare 2.2 in PKG-INFO and build wheels with 2.1, as no backend does.
    """
    return {
        path: replace(entry, body=entry.body.replace(b'_version": "2.2"', b'_version": "2.1"'))
        if path.endswith("report.json")
        else entry
        for path, entry in found.items()
    }


def _allowed(codes: tuple[int, ...]) -> tuple[Allow, ...]:
    found = [*ALWAYS]
    if 2 in codes:
        found += known.PIP_CRASHES
        found.append(replace(known.PIP_CRASHES[0], part=Part.STDOUT))  # pip may stop later
    if any(codes):
        found += known.WHOLE_OR_NOT
    return tuple(found)


def _of_hashes(expected: Seen, received: Seen) -> tuple[Allow, ...]:
    """Return what is admitted if pip ends because a file is not what the index states.

    pipfast then ends for the same reason or, if nothing fits, before it has that file.
    """
    pairs = zip(expected.steps, received.steps, strict=True)
    ends = [other for one, other in pairs if MISMATCH in one.stderr and other.code]
    if not ends:
        return ()
    same = all(MISMATCH in other.stderr for other in ends)
    return known.VERIFIED_TOGETHER if same else known.NOTHING_FITS


def _has_cycle(scenario: Scenario) -> bool:
    """Return whether projects of the world require each other."""
    needs: dict[str, set[str]] = {}
    for listed in (file for index in scenario.indexes for file in index.files):
        built = listed.file if isinstance(listed, Listed) else listed
        if isinstance(built, Wheel | Sdist):
            names = {canonicalize_name(_NAME.findall(line)[0]) for line in built.requires}
            own = canonicalize_name(built.name)
            needs.setdefault(own, set()).update(names - {own})
    while leaves := [name for name in needs if not needs[name] & needs.keys()]:
        for name in leaves:
            del needs[name]
    return bool(needs)


def kind(found: tuple[str, ...]) -> str:
    """Return a short name for the first difference, under which reproductions are sorted."""
    for line in found:
        if line.startswith(("-", "+")) and not line.startswith(("---", "+++")):
            return line[:60]
        if not line.startswith(("---", "+++", "@@", " ")):
            return line[:60]
    return ""
