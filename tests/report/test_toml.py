from __future__ import annotations

import sys
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pip._vendor import tomli_w

from pipfast.report.toml import WIDTH, written

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

VALUES = st.recursive(
    st.one_of(st.booleans(), st.integers(-9, 9), st.text(st.characters(codec="utf-8"), max_size=9)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.text("aé. -", max_size=4), inner, max_size=3),
    ),
    max_leaves=12,
)
TABLES = st.dictionaries(st.text("abé_-. ", max_size=5), VALUES, max_size=4)


@given(TABLES)
def test_every_table_is_laid_out_as_pip_does(table: dict[str, Any]) -> None:
    assert written(table) == tomli_w.dumps(table)


@given(TABLES)
def test_what_is_written_is_read_back(table: dict[str, Any]) -> None:
    assert tomllib.loads(written(table)) == table


def test_an_array_of_short_tables_stays_in_line() -> None:
    assert (
        written({"packages": [{"name": "a"}, {}]})
        == 'packages = [\n    { name = "a" },\n    {},\n]\n'
    )


@pytest.mark.parametrize(("spare", "apart"), [(0, False), (-1, True)])
def test_a_table_too_wide_for_a_line_stands_apart(spare: int, apart: bool) -> None:
    around = len('    { n = "" },')
    text = written({"t": [{"n": "x" * (WIDTH - around - spare)}]})
    assert text.startswith("[[t]]") is apart


def test_a_value_that_no_lock_file_holds_is_refused() -> None:
    with pytest.raises(TypeError):
        written({"a": object()})
