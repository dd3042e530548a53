from __future__ import annotations

from pathlib import Path

import pytest

from pipfast.errors import Diagnostic, InstallationError, ProgramFailed, UsageError
from pipfast.model.events import Level
from pipfast.model.remedies import Advice
from pipfast.report.console import Console
from pipfast.report.failure import print_error
from tests.kit.messages import message

EVERY = tuple(Level)


@pytest.mark.parametrize(
    ("verbosity", "out", "err"),
    [
        (2, ["DEBUG", "VERBOSE", "INFO"], ["WARNING", "ERROR", "CRITICAL"]),
        (1, ["VERBOSE", "INFO"], ["WARNING", "ERROR", "CRITICAL"]),
        (0, ["INFO"], ["WARNING", "ERROR", "CRITICAL"]),
        (-1, [], ["WARNING", "ERROR", "CRITICAL"]),
        (-2, [], ["ERROR", "CRITICAL"]),
        (-3, [], ["CRITICAL"]),
        (-9, [], ["CRITICAL"]),
    ],
)
def test_verbosity_says_what_is_shown_and_the_level_where(
    capsys: pytest.CaptureFixture[str], verbosity: int, out: list[str], err: list[str]
) -> None:
    console = Console(verbosity=verbosity)
    for level in EVERY:
        console.say(level.name, level)
    shown = capsys.readouterr()
    assert shown.out.split() == out
    assert [line.partition(": ")[2] for line in shown.err.splitlines()] == err


def test_what_a_program_says_goes_to_standard_error_without_a_prefix(
    capsys: pytest.CaptureFixture[str],
) -> None:
    console = Console()
    for level in (Level.VERBOSE, Level.INFO, Level.ERROR):
        console(message(f"  {level.name}", level, of_program=True))
    shown = capsys.readouterr()
    assert (shown.out, shown.err) == ("", "  INFO\n  ERROR\n")


def test_a_failed_program_is_told_with_what_it_wrote_unless_that_was_seen() -> None:
    shown_text = ProgramFailed("git fetch", 128, ["fatal: gone"]).message
    assert shown_text == (
        "error: subprocess-exited-with-error\n\n"
        "× git fetch did not run successfully.\n│ exit code: 128\n"  # noqa: RUF001
        "╰─> [1 lines of output]\n    fatal: gone\n    [end of output]\n\n"
        "note: This error originates from a subprocess, and is likely not a problem with pip."
    )
    assert "╰─> No available output." in ProgramFailed("git fetch", 128, None).message


def test_a_prefix_stands_behind_the_messages_own_indentation(
    capsys: pytest.CaptureFixture[str],
) -> None:
    Console().say("  two\nlines", Level.WARNING)
    assert capsys.readouterr().err == "  WARNING: two\nlines\n"


def test_what_was_said_is_an_answer_only_without_warnings() -> None:
    console = Console()
    console.say("line")
    console.say("too quiet", Level.DEBUG)
    assert console.lines() == ["line"]
    console.say("careful", Level.WARNING)
    assert console.lines() is None


def test_the_log_file_gets_everything_with_its_time(tmp_path: Path) -> None:
    log = tmp_path / "folder" / "log.txt"
    console = Console(verbosity=-3, log=str(log))
    console(message("one\ntwo", Level.DEBUG))
    lines = log.read_text().splitlines()
    assert [line.rpartition(" ")[2] for line in lines] == ["one", "two"]


@pytest.mark.parametrize(
    ("error", "text", "code"),
    [
        (InstallationError("it broke"), "ERROR: it broke\n", 1),
        (InstallationError("it broke", Advice("mend it")), "ERROR: it broke\nhint: mend it\n", 1),
        (
            UsageError("no such option: -%", usage="\nUsage:\n"),
            "\nUsage:\n\nno such option: -%\n",
            2,
        ),
        (Diagnostic("a-b", "What"), "error: a-b\n\n\N{MULTIPLICATION SIGN} What\n", 1),
    ],
)
def test_an_error_is_told_on_standard_error_with_pips_code(
    capsys: pytest.CaptureFixture[str], error: InstallationError, text: str, code: int
) -> None:
    assert print_error(error, Console()) == code
    assert capsys.readouterr().err == text
