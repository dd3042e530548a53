"""Run one scenario and print what both programs did: ``python -m compat.harness RULE [TOOL]``."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from compat.harness.compare import judge, observations, verdict
from compat.harness.scenario import Scenario
from compat.harness.twin import House, Seen
from compat.scenarios.test_scenarios import SCENARIOS


def _show(name: str, seen: Seen) -> None:
    for ran in seen.steps:
        print(f"=== {name}: {' '.join(ran.argv)}\n{ran.stdout}--- stderr\n{ran.stderr}", end="")
        print(f"--- exit {ran.code}")
    print("--- left:", *(path for path, entry in seen.tree.items() if entry.kind != "folder"))


def main(rule: str, tool: str) -> int:
    """Run every scenario whose name contains `rule`; return 1 if any result differs."""
    chosen: list[Scenario] = [each for each in SCENARIOS if rule in each.rule]
    failed = False
    with tempfile.TemporaryDirectory() as folder:
        house = House(Path(folder))
        for each in chosen:
            print(f"##### {each.rule}")
            if each.stance is None:
                expected, received = observations(house, each, tool)
                _show("pip", expected)
                if tool != "pip":
                    _show(tool, received)
                found = judge(each, expected, received)
            else:
                found = verdict(house, each, tool)
            print(*found.invalid, *found.differences, sep="\n")
            failed |= bool(found.invalid or found.differences)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else "pipfast"))
