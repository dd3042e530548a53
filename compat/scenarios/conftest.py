"""The twin worlds of the scenarios, and the choice of the program that is judged."""

from __future__ import annotations

import pytest

from compat.harness.twin import House


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--self",
        action="store_true",
        dest="self_check",
        help="judge pip by pip: every scenario must pass, or it is not a scenario",
    )


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory) -> House:
    """One place for the worlds of a process."""
    return House(tmp_path_factory.mktemp("house"))


@pytest.fixture(scope="session")
def tool(request: pytest.FixtureRequest) -> str:
    """The module that is judged."""
    return "pip" if request.config.getoption("self_check") else "pipfast"
