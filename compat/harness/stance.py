"""Check a run of pipfast outside parity mode against its expected result."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from compat.harness.scenario import Scenario, Stance
from compat.harness.twin import Program, Seen, World

_HEADER = re.compile(r"^(Name|Version): (.*)$", re.MULTILINE)
_SETTING = re.compile(r"\b(PIPFAST_[A-Z_]+)=([a-z0-9-]+)(?=$|;)")


def observed(world: World, tool: str, stance: Stance, fresh: Path) -> tuple[Seen, ...]:
    """Return what `tool` leaves, and what it leaves after following its own hint."""
    seen = world.observe(Program(tool, stance), fresh)
    settings = hints(seen) if stance.follows else {}
    if not settings:
        return (seen,)
    following = replace(stance, environ={**stance.environ, **settings})
    return seen, world.observe(Program(tool, following), fresh)


def hints(seen: Seen) -> dict[str, str]:
    """Return the settings that the last line of the last step names, with their values."""
    lines = seen.steps[-1].stderr.strip().splitlines()
    is_hint = bool(lines) and lines[-1].startswith("hint: ")
    return dict(_SETTING.findall(lines[-1])) if is_hint else {}


def differences(scenario: Scenario, stance: Stance, runs: tuple[Seen, ...]) -> list[str]:
    """Yield how the runs differ from the stance."""
    first, *followed = runs
    if not stance.follows:
        return [*_spoken(stance, first), *_ended(scenario, stance, first)]
    failing = replace(stance, code=1, leaves=_before(scenario))
    found = [*_spoken(stance, first), *_ended(scenario, failing, first)]
    if not followed:
        return [*found, f"no setting is named in the last line:\n{first.steps[-1].stderr}"]
    return [*found, *(f"as hinted: {text}" for text in _ended(scenario, stance, followed[0]))]


def _before(scenario: Scenario) -> tuple[str, ...]:
    return tuple(f"{wheel.name}=={wheel.version}" for wheel in scenario.before)


def _spoken(stance: Stance, seen: Seen) -> Iterator[str]:
    output = "".join(ran.stdout + ran.stderr for ran in seen.steps)
    yield from (f"{text!r} is missing:\n{output}" for text in stance.says if text not in output)
    yield from (f"{text!r} is there:\n{output}" for text in stance.hides if text in output)


def _ended(scenario: Scenario, stance: Stance, seen: Seen) -> Iterator[str]:
    last = seen.steps[-1]
    if last.code != stance.code:
        yield f"exit code {last.code}, not {stance.code}:\n{last.stdout}{last.stderr}"
    if seen.delegated and not scenario.delegates:
        yield f"handed over to real pip: {seen.delegated}"
    there = _installed(seen)
    if sorted(there) != sorted(stance.leaves):
        yield f"there are {sorted(there)}, not {sorted(stance.leaves)}"
    before = _before(scenario)
    wrong = {who for name, who in there.items() if name not in before} - {stance.installer}
    if stance.installer is not None and wrong:
        yield f"installed by {sorted(wrong)}, not by {stance.installer}"


def _installed(seen: Seen) -> dict[str, str]:
    """Return the environment's content as ``name==version`` with the installer."""
    found: dict[str, str] = {}
    for path, entry in seen.tree.items():
        folder, _, name = path.rpartition("/")
        if name == "METADATA" and folder.endswith(".dist-info"):
            fields = dict(_HEADER.findall(entry.body.decode()))
            installer = seen.tree.get(f"{folder}/INSTALLER")
            who = installer.body.decode().strip() if installer is not None else ""
            found[f"{fields['Name']}=={fields['Version']}"] = who
    return found
