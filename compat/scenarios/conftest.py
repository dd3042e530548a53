"""The twin worlds of the scenarios, and the option that selects the program."""

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
    """Return one place for all worlds of a process."""
    return House(tmp_path_factory.mktemp("house"))


@pytest.fixture(scope="session")
def tool(request: pytest.FixtureRequest) -> str:
    """Return the module that is compared with pip."""
    return "pip" if request.config.getoption("self_check") else "pipfast"
