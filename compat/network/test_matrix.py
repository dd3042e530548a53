"""Compare exit code, output, requests and use of the proxy with pip in each row."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from itertools import combinations, product

import pytest

from compat.network.rows import DIMENSIONS, Row, covering
from compat.network.stage import Outcome, Stage, staged

TRACEBACK = "Traceback (most recent call last):"
DIFFERED = (Row("http-to-https", "cert-folder", "socks-account", "netrc", "page"),)
"""Rows that differed from pip and are not among those of pairs."""
ROWS = covering(3) if "NETWORK_WHOLE" in os.environ else [*covering(2), *DIFFERED]
TIMES = int(os.environ.get("NETWORK_TIMES", "1"))

pytestmark = pytest.mark.skipif(
    not (shutil.which("openssl") and shutil.which("git")), reason="needs openssl and git"
)


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    forks = "NETWORK_FORKS" in os.environ
    with staged(tmp_path_factory.mktemp("stage"), forks=forks) as running:
        yield running


REJECTED = "WARNING: 401 Error, Credentials not correct for "


def is_sent_on(row: Row) -> bool:
    """Return whether a redirect leads to another scheme, to which pip sends the credentials.

    docs/differences.md: credentials are sent to the scheme, host and port that they are for.
    """
    return "-to-" in row.scheme and row.credentials not in ("open", "missing")


def compare_until_sent_on(row: Row, of_pip: Outcome, ours: Outcome) -> None:
    """Check that all is as with pip up to the request with which pip sends an account on.

    Without it the run ends with the server's 401 in place of pip's success or of pip's second
    401, or it goes on with the other account that belongs there.
    """
    same = len(os.path.commonprefix([of_pip.log, ours.log]))
    assert of_pip.log[same:], "pip sends nothing more"
    assert of_pip.log[same][2], "pip sends no account"
    assert not ours.log[same:] or ours.log[same][:2] == of_pip.log[same][:2]
    assert ours.accounts <= of_pip.accounts
    assert ours.refused_at("/again") <= of_pip.refused_at("/again")  # only these are checked
    assert set(ours.through) <= set(of_pip.through)
    lines, expected = ours.comparable(row)[1], of_pip.comparable(row)[1]
    assert isinstance(lines, tuple)
    assert isinstance(expected, tuple)
    if ours.code == of_pip.code:
        assert lines == tuple(line for line in expected if not line.startswith(REJECTED))
    else:
        assert (ours.code, of_pip.code) == (1, 0)
        new = [line for line in lines if line not in expected]
        assert re.match(" *ERROR: (401 Client|HTTP error 401|Could not find a version)", new[0])


@pytest.mark.parametrize("row", ROWS, ids=map(" ".join, ROWS))
def test_a_row_ends_as_with_pip(stage: Stage, row: Row) -> None:
    of_pip, ours = stage.outcome("pip", row), stage.outcome("pipfast", row)
    for _ in range(1, TIMES):
        assert stage.outcome("pipfast", row).unvarying(row) == ours.unvarying(row)
    if TRACEBACK in of_pip.lines:  # pip cannot reach https through SOCKS, for example
        assert ours.code in (0, 1)
        assert TRACEBACK not in ours.lines
    elif is_sent_on(row) and ours.log != of_pip.log:
        compare_until_sent_on(row, of_pip, ours)
    else:
        assert ours.comparable(row) == of_pip.comparable(row)
        assert ours.refused_at("") <= of_pip.refused_at(
            ""
        )  # a server may count them, and lock the account


@pytest.mark.parametrize("strength", [2, 3])
def test_values_of_different_dimensions_meet(strength: int) -> None:
    rows = covering(strength)
    for places in combinations(range(len(DIMENSIONS)), strength):
        values = (tuple(DIMENSIONS.values())[place] for place in places)
        assert {tuple(row[place] for place in places) for row in rows} == set(product(*values))
