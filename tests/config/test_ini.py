"""The quick reader of plain files against configparser, which says what they mean."""

from __future__ import annotations

import configparser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipfast.config.ini import plain_values

_LINES = st.sampled_from(
    [
        "[global]", "[install]", "[DEFAULT]", "[a]b]", "[global] x", " [x]", "[", "", "  ",
        "timeout = 3", "timeout: 3", "Time_out=3", "--timeout = 4", "no value", "= x", "x =",
        "a = b = c", "a : b = c", "# timeout = 3", "; x", "  more", "\tmore", "  # indented",
        "key = v # not a comment", "k=\xe9", "proxy =  http://u:p@h:1  ", "a=1\r",
    ]
)  # fmt: skip


def _meaning(text: str) -> list[tuple[str, str, str]]:
    parser = configparser.RawConfigParser()
    parser.read_string(text)
    return [(s, k, v) for s in parser.sections() for k, v in parser.items(s)]


@given(st.lists(_LINES, max_size=8).map("\n".join))
def test_a_plain_file_means_what_configparser_says(text: str) -> None:
    values = plain_values(text.encode())
    if values is not None:
        assert sorted((s, k.lower(), v) for s, k, v in values) == sorted(_meaning(text))


@pytest.mark.parametrize(
    "text",
    [
        "[global]\nindex-url = https://a.example/simple\ntimeout: 3\n",
        "# remark\n\n[install]\n; remark\nno-index = true\n[list]\nformat=json\n",
    ],
)
def test_the_usual_file_is_plain(text: str) -> None:
    assert plain_values(text.encode()) == _meaning(text)


@pytest.mark.parametrize(
    "text",
    [
        "[global]\nfind-links =\n    a\n    b\n",
        "[global\nx = 1\n",
        "x = 1\n",
        "[global]\nx\n",
        "[global]\nx = 1\nx = 2\n",
        "[global]\nno_index = 1\nno-index = 2\n",
        "[a]\n[a]\n",
        "[DEFAULT]\nx = 1\n",
        "[global]\nproxy = \N{SNOWMAN}\n",
    ],
)
def test_what_is_not_plain_is_left_to_configparser(text: str) -> None:
    assert plain_values(text.encode()) is None
