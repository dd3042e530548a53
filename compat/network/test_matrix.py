"""Compare exit code, output, requests and use of the proxy with pip in each row."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from itertools import combinations, product

import pytest

from compat.network.rows import DIMENSIONS, Row, covering
from compat.network.stage import Stage, staged

ROWS = covering(3 if "NETWORK_WHOLE" in os.environ else 2)

pytestmark = pytest.mark.skipif(
    not (shutil.which("openssl") and shutil.which("git")), reason="needs openssl and git"
)


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with staged(tmp_path_factory.mktemp("stage")) as running:
        yield running


@pytest.mark.parametrize("row", ROWS, ids=map(" ".join, ROWS))
def test_a_row_ends_as_with_pip(stage: Stage, row: Row) -> None:
    of_pip, ours = stage.outcome("pip", row), stage.outcome("pipfast", row)
    assert ours == of_pip


@pytest.mark.parametrize("strength", [2, 3])
def test_values_of_different_dimensions_meet(strength: int) -> None:
    rows = covering(strength)
    for places in combinations(range(len(DIMENSIONS)), strength):
        values = (tuple(DIMENSIONS.values())[place] for place in places)
        assert {tuple(row[place] for place in places) for row in rows} == set(product(*values))
