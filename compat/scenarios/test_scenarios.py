"""Compare real pip and pipfast: one test for each scenario, named by its rule."""

from __future__ import annotations

import importlib
import pkgutil
import sys
from pathlib import Path

import pytest

import compat.scenarios
from compat.harness.compare import documented, reasons, verdict
from compat.harness.scenario import Scenario, Target
from compat.harness.twin import House

DIFFERENCES = Path(__file__).parents[2] / "docs" / "differences.md"


def _collected() -> list[Scenario]:
    found: list[Scenario] = []
    for module in pkgutil.iter_modules(compat.scenarios.__path__):
        if module.name not in ("conftest", "test_scenarios"):
            theme = importlib.import_module(f"compat.scenarios.{module.name}")
            found += theme.SCENARIOS
    return found


SCENARIOS = _collected()


@pytest.mark.parametrize("scenario", SCENARIOS, ids=[each.rule for each in SCENARIOS])
def test_pipfast_leaves_what_pip_leaves(scenario: Scenario, house: House, tool: str) -> None:
    if scenario.target in (Target.ALONE, Target.MANAGED) and sys.platform != "linux":
        pytest.skip("an interpreter of its own is made on Linux only")
    found = verdict(house, scenario, tool)
    assert not found.invalid, "\n".join(found.invalid)
    assert not found.differences, "\n".join(found.differences)


def test_every_scenario_has_a_rule_of_its_own() -> None:
    rules = [each.rule for each in SCENARIOS]
    assert len(rules) == len(set(rules))


@pytest.mark.parametrize(("reason", "rule"), reasons(SCENARIOS).items())
def test_every_known_difference_is_documented(reason: str, rule: str) -> None:
    assert documented(DIFFERENCES, reason), f"docs/differences.md does not tell of {rule}"
