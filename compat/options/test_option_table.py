"""The option table equals pip's parsers, and both parse many command lines alike."""

from __future__ import annotations

import json
import shlex
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from compat.options.cases import COMMAND_LINES, FILES, UNCAUGHT, VARIABLES, Case
from pipfast.config.option_table import CACHE_DIRECTORY, HIDDEN, SOURCE_DIRECTORY, Command, Option
from pipfast.config.subcommands import COMMANDS, MAIN

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
Answer = dict[str, Any]
OURS = {"global": MAIN, **COMMANDS}


def _run(program: str, question: object) -> Any:
    environment = {"PATH": "", "PYTHONPATH": str(ROOT), "HOME": "/nonexistent"}
    ran = subprocess.run(
        [sys.executable, str(HERE / program)],
        input=json.dumps(question),
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(ran.stdout)


@pytest.fixture(scope="session")
def parsers() -> dict[str, Any]:
    answer: dict[str, Any] = _run("parsers.py", None)
    return answer


def _plain(value: object) -> object:
    if isinstance(value, frozenset):
        return sorted(value)
    if isinstance(value, tuple):
        return [_plain(each) for each in value]
    return {CACHE_DIRECTORY: "<cache>", SOURCE_DIRECTORY: "<src>"}.get(str(value), value)


def _type(option: Option) -> str | None:
    if not option.takes_value:
        return None
    return "choice" if isinstance(option.type, tuple) else option.type


def _row(option: Option, command: Command) -> dict[str, Any]:
    defaults = [o.default for o in command.options if o.dest == option.dest]
    default = next((value for value in reversed(defaults) if value is not None), None)
    typed = option.action in ("store", "append", "callback")
    return {
        "flags": list(option.flags),
        "dest": option.dest,
        "action": option.action,
        "type": _type(option),
        "nargs": 1 if typed else None,
        "choices": list(option.type) if isinstance(option.type, tuple) else None,
        "const": option.type if option.action == "store_const" else None,
        "metavar": option.metavar,
        "hidden": option.name in HIDDEN,
        "default": _plain(default),
    }


def test_the_commands_are_pips_in_its_order(parsers: dict[str, Any]) -> None:
    assert list(OURS) == list(parsers)


@pytest.mark.parametrize("name", OURS)
def test_every_option_of_a_command_is_pips(name: str, parsers: dict[str, Any]) -> None:
    assert [_row(option, OURS[name]) for option in OURS[name].options] == parsers[name]["options"]


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_needs_a_virtualenv_where_pips_does(name: str, parsers: dict[str, Any]) -> None:
    assert COMMANDS[name].outside_virtualenv == parsers[name]["outside_virtualenv"]


@pytest.mark.parametrize("name", COMMANDS)
def test_the_actions_of_a_command_are_pips(name: str, parsers: dict[str, Any]) -> None:
    assert list(COMMANDS[name].actions) == parsers[name]["actions"]


def _question(case: Case, root: Path) -> dict[str, Any]:
    (root / "home").mkdir(parents=True)
    for name, text in case.files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(text.encode(errors="surrogateescape"))
    base = {
        "HOME": str(root / "home"),
        "XDG_CONFIG_DIRS": str(root / "xdg"),
        "COLUMNS": "80",
        "LC_ALL": "C.UTF-8",
    }
    env = base | {key: value.replace("{root}", str(root)) for key, value in case.env.items()}
    argv = [word.replace("{python}", sys.executable) for word in shlex.split(case.line)]
    return {"argv": argv, "env": env, "root": str(root)}


@pytest.fixture(scope="session")
def answers(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Answer, Answer]]:
    """Return the results of pip and pipfast for every case, computed in one process."""
    cases = [*COMMAND_LINES, *VARIABLES, *FILES, *UNCAUGHT]
    questions = [_question(case, tmp_path_factory.mktemp("case") / "root") for case in cases]
    results = _run("driver.py", questions)
    return {case.name: (pip, own) for case, (pip, own) in zip(cases, results, strict=True)}


def _names(cases: Sequence[Case]) -> list[str]:
    return [case.name for case in cases]


@pytest.mark.parametrize("case", PARSED := (*COMMAND_LINES, *VARIABLES, *FILES), ids=_names(PARSED))
def test_a_command_line_means_what_it_means_to_pip(
    case: Case, answers: dict[str, tuple[Answer, Answer]]
) -> None:
    pip, own = answers[case.name]
    assert own["stderr"].rstrip("\n") == pip["stderr"].rstrip("\n")
    assert own["code"] == pip["code"]
    if own["code"]:
        return
    if own.get("command") in ("help", "version") and "values" not in pip:
        assert pip["stdout"]
        return
    assert own.get("command") == pip.get("command")
    assert own.get("words") == pip.get("words")
    assert own.get("values") == pip.get("values")


@pytest.mark.parametrize("case", UNCAUGHT, ids=_names(UNCAUGHT))
def test_where_pip_ends_with_a_traceback_pipfast_says_one_line(
    case: Case, answers: dict[str, tuple[Answer, Answer]]
) -> None:
    pip, own = answers[case.name]
    assert own["code"] == pip["code"] == 1
    assert pip["stderr"].strip().endswith(own["stderr"].removeprefix("ERROR: ").strip())
