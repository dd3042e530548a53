"""Compare the results of pip and pipfast."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass
from pathlib import Path

from compat.harness import stance
from compat.harness.output import readable
from compat.harness.scenario import Lines, Part, Scenario
from compat.harness.tree import Tree, differences
from compat.harness.twin import House, Program, Ran, Seen
from compat.kit.index import Index
from compat.kit.server import IndexServer
from pipfast.cli.registry import RUNNERS


@dataclass(frozen=True, slots=True)
class Verdict:
    """`invalid` lists errors in the scenario itself, `differences` how pipfast's result differs."""

    invalid: tuple[str, ...]
    differences: tuple[str, ...]


def observations(house: House, scenario: Scenario, tool: str) -> tuple[Seen, Seen]:
    """Run real pip and `tool`, each in a world of its own.

    If both leave the same tree at the same path, the results of `pip inspect` and of
    uninstalling are the same too and are not collected. That saves two thirds of the time.
    """
    fresh = house.fresh(scenario)
    with _served(scenario) as server:
        world = house.world(scenario, server)
        pip, other = (world.observe(Program(name), fresh) for name in ("pip", tool))
        if not differences(pip.tree, other.tree):
            return pip, other
        other = world.judged(other)
        return world.judged(world.observe(Program("pip"), fresh)), other


def verdict(house: House, scenario: Scenario, tool: str) -> Verdict:
    """Compare `tool` with pip, or with the scenario's stance."""
    if scenario.stance is None or tool == "pip":
        return judge(scenario, *observations(house, scenario, tool))
    fresh = house.fresh(scenario)
    with _served(scenario) as server:
        world = house.world(scenario, server)
        pip = house.of_pip(scenario, lambda: world.observe(Program("pip"), fresh))
        runs = stance.observed(world, tool, scenario.stance, fresh)
    found = stance.differences(scenario, scenario.stance, runs)
    return Verdict(tuple(_invalid(scenario, pip)), tuple(found))


def _served(scenario: Scenario) -> IndexServer:
    indexes = list(scenario.indexes)
    if not any(index.name == "main" for index in indexes):
        indexes.append(Index())
    return IndexServer(indexes)


def judge(scenario: Scenario, expected: Seen, received: Seen) -> Verdict:
    """Compare what pip and pipfast left on disk."""
    return Verdict(
        tuple(_invalid(scenario, expected)), tuple(_compare(scenario, expected, received))
    )


def _invalid(scenario: Scenario, expected: Seen) -> list[str]:
    found = []
    for position, ran in enumerate(expected.steps):
        if ran.code != scenario.exit_of(position):
            found.append(f"pip ends step {position + 1} with {ran.code}:\n{ran.stdout}{ran.stderr}")
    output = "".join(ran.stdout + ran.stderr for ran in expected.steps)
    found += [
        f"pip does not say {text!r}:\n{output}" for text in scenario.shows if text not in output
    ]
    return found


def _compare(scenario: Scenario, expected: Seen, received: Seen) -> list[str]:
    found: list[str] = []
    for one, other in zip(expected.steps, received.steps, strict=True):
        found += _compare_runs(scenario, one, other)
    found += _compare_lines(scenario, Part.LOG, expected.log, received.log)
    found += _compare_trees(scenario, "", expected.tree, received.tree)
    if expected.inspected != received.inspected and not _allowed(scenario, Part.INSPECT, ""):
        found.append("pip inspect tells of another environment")
    found += _compare_lines(scenario, Part.FROZEN, expected.frozen, received.frozen)
    if expected.returned and received.returned:
        found += _compare_runs(scenario, expected.returned, received.returned)
        found += _compare_trees(scenario, "uninstalled: ", expected.tree_after, received.tree_after)
    handed = native(received.delegated)
    if not scenario.delegates:
        found += [f"handed over to real pip: {line}" for line in handed]
    elif not handed and "pipfast" in received.steps[0].argv:
        found.append("nothing was handed over to real pip")
    return found


def native(delegated: str) -> list[str]:
    """Yield the command lines that real pip ran although their command is native."""
    return [line for line in delegated.splitlines() if RUNNERS.keys() & set(line.split())]


def _compare_runs(scenario: Scenario, one: Ran, other: Ran) -> list[str]:
    found = []
    if one.code != other.code and not _allowed(scenario, Part.EXIT, ""):
        found.append(f"exit code {one.code} with pip, {other.code} with pipfast")
        if other.code not in (0, 1) or "Traceback" in other.stderr:
            found.append(other.stderr)
    if scenario.lines is Lines.ALL:
        found += _compare_lines(scenario, Part.STDOUT, one.stdout, other.stdout)
        found += _compare_lines(scenario, Part.STDERR, one.stderr, other.stderr)
    return found


def _allowed(scenario: Scenario, part: Part, text: str) -> bool:
    return any(allow.part is part and re.search(allow.pattern, text) for allow in scenario.allow)


def _compare_lines(scenario: Scenario, part: Part, one: str, other: str) -> list[str]:
    old, new = (
        [line for line in readable(text) if not _allowed(scenario, part, line)]
        for text in (one, other)
    )
    name = part.name.lower()
    return [*difflib.unified_diff(old, new, f"pip: {name}", f"pipfast: {name}", n=1, lineterm="")]


def _compare_trees(scenario: Scenario, head: str, one: Tree, other: Tree) -> list[str]:
    return [
        f"{head}{line}"
        for path, line in differences(one, other)
        if not _allowed(scenario, Part.TREE, path)
    ]


def reasons(scenarios: list[Scenario]) -> dict[str, str]:
    """Return each known difference with a scenario that shows it."""
    return {allow.reason: each.rule for each in scenarios for allow in each.allow}


def documented(page: Path, reason: str) -> bool:
    """Return whether the page of differences contains the reason, ignoring line breaks."""
    return " ".join(reason.split()) in " ".join(page.read_text(encoding="utf-8").split())
