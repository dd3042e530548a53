from __future__ import annotations

import pytest

from pipfast.config.parity_argv import NAME, command_line, spelled
from pipfast.config.subcommands import COMMANDS


@pytest.mark.parametrize(
    ("line", "question"),
    [
        ("parity demo", "install demo"),
        ("parity install demo", "install demo"),
        ("parity lock -r r.txt", "lock -r r.txt"),
        ("parity -i URL demo", "install -i URL demo"),
        ("parity -v demo -U", "-v install demo -U"),
        ("--python p parity -v wheel demo", "--python p -v wheel demo"),
        ("parity --python p demo", "--python p install demo"),
        ("parity parity", "install parity"),
        ("parity install wheel", "install wheel"),
        ("parity", "install"),
        ("parity --each a.txt b.txt", "install --each a.txt b.txt"),
        ("parity --json lock --each a.txt", "lock --json --each a.txt"),
        ("parity -v download a --json", "-v download --json a"),
        ("parity demo -- --json", "install demo -- --json"),
        ("install parity", None),
        ("--cache-dir parity install x", None),
        ("--bogus parity", None),
    ],
)
def test_parity_takes_another_command_line(line: str, question: str | None) -> None:
    found = command_line(line.split(), "pipfast")
    assert found == (None if question is None else question.split())


@pytest.mark.parametrize("program", ["pip", "/usr/bin/pip3", "pip3.12"])
def test_by_the_name_of_pip_there_is_no_such_command(program: str) -> None:
    assert command_line(["parity", "demo"], program) is None


def test_pip_has_no_command_of_that_name() -> None:
    assert NAME not in COMMANDS


def test_a_command_line_is_spelled_anew_without_some_options() -> None:
    line = "-q download --dest to --pla=any -c c.txt demo -d x --no-binary :all: -- -y"
    options, others = spelled("download", line.split(), {"download_dir", "quiet"})
    assert options == ["--platform", "any", "-c", "c.txt", "--no-binary", ":all:"]
    assert others == ["demo", "-y"]
