"""Follow each page: every command is run, and what a reader copies is parsed."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from compat.documents.blocks import CONSOLE, Block, Command, blocks, commands, faults, matches
from compat.documents.stages import ROOT, STAGES, Stage, reader

PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])

pytestmark = pytest.mark.skipif(os.name != "posix", reason="the commands are for a POSIX shell")


@pytest.mark.parametrize("name", STAGES)
def test_a_reader_gets_what_the_page_says(name: str, tmp_path: Path) -> None:
    found = blocks(ROOT / name)
    assert found
    with reader(tmp_path, STAGES[name]) as somebody:
        for block in found:
            somebody.read(block)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_each_block_is_tested_or_says_why_not(page: Path) -> None:
    found = blocks(page)
    assert list(faults(found)) == []
    if page.relative_to(ROOT).as_posix() not in STAGES:
        assert [each.place for each in found if each.marked("not run") is None] == []


def _block(body: str, mark: str = "", language: str = CONSOLE) -> Block:
    return Block(Path("page.md"), 1, language, mark, body)


def test_commands_are_told_from_output() -> None:
    block = _block("$ one\n$ two \\\n>   more\nsaid\n\nagain\n", mark="exit 2")
    assert list(commands(block)) == [
        Command("page.md:1", "one"),
        Command("page.md:1", "two \\\n  more", ("said", "again"), 2),
    ]


@pytest.mark.parametrize(
    ("expected", "output", "same"),
    [
        ((), "anything", True),
        (("a … c",), "a b c\n", True),
        (("a … c",), "a b\nc\n", False),
        (("…", "last"), "first\nsecond\nlast\n", True),
        (("…", "last"), "last\n", True),
        (("first",), "first\nsecond\n", False),
    ],
)
def test_output_is_compared_line_by_line(
    expected: tuple[str, ...], output: str, *, same: bool
) -> None:
    assert matches(expected, output) is same


@pytest.mark.parametrize("body", ["$ false\n", "$ echo one\ntwo\n", "$ exit\n"])
def test_a_page_that_is_wrong_is_found(body: str, tmp_path: Path) -> None:
    with (
        reader(tmp_path, Stage()) as somebody,
        pytest.raises((AssertionError, EOFError)),
    ):
        somebody.read(_block(body))


@pytest.mark.parametrize(
    ("language", "body"),
    [
        ("yaml", "jobs: {a: {steps: [{run: 'if'}]}}"),
        ("yaml", "jobs: {a: {steps: [{runs: x}]}}"),
        ("yaml", "a: ["),
        ("dockerfile", "FROM x\nRUM y\n"),
        ("dockerfile", "FROM x\nRUN --mount=type=cache,target=/x if\n"),
        ("toml", "a = "),
        ("ini", "a = 1"),
        ("python", "def"),
    ],
)
def test_a_malformed_block_is_found_even_if_it_is_not_run(
    language: str, body: str, tmp_path: Path
) -> None:
    with reader(tmp_path, Stage()) as somebody, pytest.raises(Exception):  # noqa: B017, PT011
        somebody.read(_block(body, mark="not run: it is malformed", language=language))


@pytest.mark.parametrize("mark", ["", "not run", "not run:"])
def test_a_block_that_nothing_tests_needs_a_reason(mark: str) -> None:
    assert len(list(faults([_block("a: 1", mark=mark, language="yaml")]))) == 1


def test_variables_folders_aliases_and_files_last(tmp_path: Path) -> None:
    with reader(tmp_path, Stage()) as somebody:
        somebody.read(_block("$ mkdir a && cd a && export B=c && alias d='echo $B'\n"))
        somebody.read(_block("text\n", mark="file e.txt", language="text"))
        somebody.read(_block("$ d && cat e.txt\nc\ntext\n"))
