"""Each of four tools has the expected result in the scenarios of five uv issues."""

from __future__ import annotations

from pathlib import Path

import pytest

from compat.harness.twin import House
from compat.threads.ask import Ask, Thread, Tool
from compat.threads.stage import act, faults, version
from compat.threads.tables import row
from compat.threads.theatre import ASKS

PAGE = Path(__file__).parents[2] / "docs" / "threads.md"


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory) -> House:
    """Return one place for all worlds of a process."""
    return House(tmp_path_factory.mktemp("house"))


@pytest.mark.parametrize("tool", Tool, ids=[tool.name.lower() for tool in Tool])
@pytest.mark.parametrize("ask", ASKS, ids=[ask.rule for ask in ASKS])
def test_a_tool_does_with_an_ask_what_is_foretold(ask: Ask, tool: Tool, house: House) -> None:
    wrong = faults(ask.outcomes[tool], act(house, ask, tool))
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("ask", ASKS, ids=[ask.rule for ask in ASKS])
def test_parity_solves_what_can_be_solved(ask: Ask) -> None:
    assert ask.outcomes[Tool.PARITY].solved is not bool(ask.insoluble)


@pytest.mark.parametrize("ask", ASKS, ids=[ask.rule for ask in ASKS])
def test_parity_never_changes_an_answer_of_pips(ask: Ask) -> None:
    pip = ask.outcomes[Tool.PIP]
    assert not pip.solved or ask.outcomes[Tool.PARITY].installed == pip.installed


@pytest.mark.parametrize("ask", ASKS, ids=[ask.rule for ask in ASKS])
def test_what_nobody_can_solve_nobody_has_solved(ask: Ask) -> None:
    assert not (ask.insoluble and any(outcome.solved for outcome in ask.outcomes.values()))


def test_every_scenario_has_a_rule_of_its_own() -> None:
    rules = [ask.rule for ask in ASKS]
    assert len(rules) == len(set(rules))


@pytest.mark.parametrize("thread", Thread)
def test_every_thread_has_scenarios(thread: Thread) -> None:
    assert sum(ask.thread is thread for ask in ASKS) >= 4


@pytest.mark.parametrize("ask", ASKS, ids=[ask.rule for ask in ASKS])
def test_the_page_tells_of_every_outcome(ask: Ask) -> None:
    assert row(ask, ask.outcomes) in PAGE.read_text(encoding="utf-8").splitlines()


@pytest.mark.parametrize("tool", Tool, ids=[tool.name.lower() for tool in Tool])
def test_the_page_counts_what_each_tool_solves(tool: Tool) -> None:
    count = sum(ask.outcomes[tool].solved for ask in ASKS)
    assert f"- {version(tool)}: {count}" in PAGE.read_text(encoding="utf-8").splitlines()
