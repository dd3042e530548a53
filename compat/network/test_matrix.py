"""Compare exit code, error, credentials and use of the proxy with pip in each row."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations

import pytest

from compat.network.matrix import Row, Stage, every_row, pairwise, staged

ROWS = every_row() if "NETWORK_WHOLE" in os.environ else pairwise()

pytestmark = pytest.mark.skipif(shutil.which("openssl") is None, reason="needs openssl")


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with staged(tmp_path_factory.mktemp("stage")) as running:
        yield running


def keeps_credentials(row: Row) -> bool:
    """Return whether a redirect leads to another scheme, to which pip sends the credentials.

    docs/differences.md: credentials are sent to the scheme, host and port that they are for.
    """
    return "-to-" in row[0] and row[3] in ("url", "netrc", "wrong")


@pytest.mark.parametrize("row", ROWS, ids=map(" ".join, ROWS))
def test_a_row_ends_as_with_pip(stage: Stage, row: Row) -> None:
    of_pip, ours = stage.outcome("pip", row), stage.outcome("pipfast", row)
    if keeps_credentials(row) and ours.code == 1 and "401" in ours.error:
        assert ours.accounts <= of_pip.accounts
    else:
        assert replace(ours, refused=of_pip.refused) == of_pip
    assert ours.refused <= of_pip.refused  # a server may count them, and lock the account


def test_each_two_values_of_different_dimensions_meet() -> None:
    def pairs(rows: list[Row]) -> set[tuple[tuple[int, str], ...]]:
        return {pair for row in rows for pair in combinations(enumerate(row), 2)}

    assert pairs(pairwise()) == pairs(every_row())
