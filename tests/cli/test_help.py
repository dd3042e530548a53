"""Help is pip's with pipfast's name and a section of its own; under the name of pip it is pip's."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from pipfast.cli.own_commands import OWN_COMMANDS
from pipfast.config.pipfast_settings import OWN
from pipfast.report.help_text import SUMMARIES, own_section

ENVIRON = {
    **{name: text for name, text in os.environ.items() if not name.startswith("PIP")},
    "PIP_CONFIG_FILE": os.devnull,
    "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
    "COLUMNS": "200",
}


def run(folder: Path, name: str, body: str, words: list[str]) -> tuple[int, str, str]:
    """Run a program with that name; return its exit code, output and errors."""
    program = folder / name
    program.write_text(body)
    command = [sys.executable, str(program), *words]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=ENVIRON)
    return done.returncode, done.stdout, done.stderr


def ours(folder: Path, name: str, *words: str) -> tuple[int, str, str]:
    return run(folder, name, "from pipfast.main import run\n\nrun()\n", [*words])


def pips(folder: Path, name: str, *words: str) -> tuple[int, str, str]:
    body = "import sys\nfrom pip._internal.cli.main import main\n\nsys.exit(main())\n"
    (folder / "real").mkdir(exist_ok=True)
    return run(folder / "real", name, body, [*words])


LINES = ["", "help", "--help", "-v -h", "help install", "install --help", "help nothing",
         "help parity"]  # fmt: skip


@pytest.mark.parametrize("line", LINES)
def test_under_the_name_of_pip_it_is_pips(line: str, tmp_path: Path) -> None:
    words = line.split()
    assert ours(tmp_path, "pip3", *words) == pips(tmp_path, "pip3", *words)


@pytest.mark.parametrize("line", ["", "help", "--help", "--python none --help"])
def test_general_help_ends_with_a_section_of_its_own(line: str, tmp_path: Path) -> None:
    code, out, err = ours(tmp_path, "pipfast", *line.split())
    text = pips(tmp_path, "pipfast", "help")[1]
    assert (code, out, err) == (0, f"{text}{own_section(OWN_COMMANDS, OWN)}\n", "")
    assert "\n  pipfast <command> [options]\n" in out


@pytest.mark.parametrize("line", ["install --help", "help install"])
def test_help_for_a_command_of_pip_names_modes_and_settings(line: str, tmp_path: Path) -> None:
    code, out, err = ours(tmp_path, "pipfast", *line.split())
    assert (code, err) == (0, "")
    assert out.startswith(pips(tmp_path, "pipfast", "help", "install")[1])
    assert out.endswith("'pipfast help' and 'pipfast help settings' have more.\n")


@pytest.mark.parametrize("name", OWN_COMMANDS)
def test_help_knows_the_subcommands_of_pipfast(name: str, tmp_path: Path) -> None:
    assert ours(tmp_path, "pipfast", "help", name) == ours(tmp_path, "pipfast", name, "--help")
    assert ours(tmp_path, "pipfast", "help", name)[1].startswith(f"Usage:\n  pipfast {name} ")


def test_every_subcommand_of_pipfast_has_a_summary() -> None:
    assert SUMMARIES.keys() == OWN_COMMANDS.keys()


def test_help_on_settings_has_every_variable(tmp_path: Path) -> None:
    code, out, err = ours(tmp_path, "pipfast", "help", "settings")
    assert (code, err) == (0, "")
    assert all(f"\nPIPFAST_{key.upper().replace('-', '_')}=" in out for key in OWN)


def test_an_error_of_pip_is_the_end_of_it(tmp_path: Path) -> None:
    assert ours(tmp_path, "pipfast", "help", "nothing") == pips(tmp_path, "pip", "help", "nothing")


@pytest.mark.parametrize("own", ["own_section", "settings"])
def test_it_is_no_wider_than_a_terminal(own: str, tmp_path: Path) -> None:
    words = ["help", "settings"] if own == "settings" else ["help"]
    lines = ours(tmp_path, "pipfast", *words)[1].splitlines()
    start = 0 if own == "settings" else lines.index("Commands of pipfast:")
    assert [line for line in lines[start:] if len(line) > 80] == []


@pytest.mark.parametrize("name", ["pipfast", "pip"])
def test_an_unknown_setting_is_one_warning_on_standard_error(name: str, tmp_path: Path) -> None:
    ENVIRON["PIPFAST_PIPCOMPAT"] = "1"
    try:
        code, out, err = ours(tmp_path, name, "--version")
    finally:
        del ENVIRON["PIPFAST_PIPCOMPAT"]
    assert (code, out.split()[0]) == (0, name)
    assert err == (
        "WARNING: PIPFAST_PIPCOMPAT is not a setting of pipfast and has no effect; "
        "did you mean PIPFAST_PIP_COMPAT?\n"
    )
