"""Compare exit code, output, requests and use of the proxy with pip in each row."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from itertools import combinations, product

import pytest

from compat.network.rows import DIMENSIONS, Row, covering
from compat.network.stage import Stage, staged

TRACEBACK = "Traceback (most recent call last):"
ROWS = covering(3 if "NETWORK_WHOLE" in os.environ else 2)

pytestmark = pytest.mark.skipif(
    not (shutil.which("openssl") and shutil.which("git")), reason="needs openssl and git"
)


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with staged(tmp_path_factory.mktemp("stage")) as running:
        yield running


def is_sent_on(row: Row) -> bool:
    """Return whether a redirect leads to another scheme, to which pip sends the credentials.

    docs/differences.md: credentials are sent to the scheme, host and port that they are for.
    """
    return "-to-" in row.scheme and row.credentials not in ("open", "missing")


@pytest.mark.parametrize("row", ROWS, ids=map(" ".join, ROWS))
def test_a_row_ends_as_with_pip(stage: Stage, row: Row) -> None:
    of_pip, ours = stage.outcome("pip", row), stage.outcome("pipfast", row)
    if TRACEBACK in of_pip.lines:  # pip cannot reach https through SOCKS, for example
        assert ours.code in (0, 1)
        assert TRACEBACK not in ours.lines
    elif is_sent_on(row):
        assert ours.accounts <= of_pip.accounts
        assert ours.code == of_pip.code or "401" in " ".join(ours.lines)
    else:
        assert ours.comparable(row) == of_pip.comparable(row)
        assert ours.refused <= of_pip.refused  # a server may count them, and lock the account


@pytest.mark.parametrize("strength", [2, 3])
def test_values_of_different_dimensions_meet(strength: int) -> None:
    rows = covering(strength)
    for places in combinations(range(len(DIMENSIONS)), strength):
        values = (tuple(DIMENSIONS.values())[place] for place in places)
        assert {tuple(row[place] for place in places) for row in rows} == set(product(*values))
