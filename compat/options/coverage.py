"""Update the table of options in docs/coverage.md.

    python -m compat.options.coverage

An option is covered by a scenario that names it in its arguments or in a ``PIP_*`` variable.
"""

from __future__ import annotations

import importlib
import pkgutil
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import compat.scenarios
from compat.harness.scenario import Scenario
from pipfast.cli.registry import COMMANDS as NATIVE
from pipfast.config.option_table import Command, Option
from pipfast.config.subcommands import COMMANDS

DOCUMENT = Path(__file__).parents[2] / "docs" / "coverage.md"
BEGIN, END = "<!-- options: begin -->", "<!-- options: end -->"
ELSEWHERE = {"--python": "compat/harness/twin.py"}
"""Where options are tested that no scenario names itself."""

Use = tuple[str, str]
"""A command and one of its flags."""


def scenarios() -> Iterator[Scenario]:
    """Yield all scenarios in the order of their modules."""
    for module in pkgutil.iter_modules(compat.scenarios.__path__):
        if module.name not in ("conftest", "test_scenarios"):
            yield from importlib.import_module(f"compat.scenarios.{module.name}").SCENARIOS


def uses() -> dict[Use, str]:
    """Return the simplest scenario for each use: one in which pip succeeds with few arguments."""
    found: dict[Use, tuple[bool, int, str]] = {}
    for each in scenarios():
        variables = [
            f"--{name[4:].lower().replace('_', '-')}"
            for name in each.environ
            if name.startswith("PIP_")
        ]
        for number, step in enumerate(each.steps):
            command = next((word for word in step if word in COMMANDS), "")
            worth = bool(each.exit_of(number)), len(step), each.rule
            for flag in (*map(_flag, step), *variables):
                found[command, flag] = min(worth, found.get((command, flag), worth))
    return {use: rule for use, (_, _, rule) in found.items()}


def _flag(word: str) -> str:
    if word.startswith("--"):
        return word.partition("=")[0]
    return word[:2] if word.startswith("-") else ""


def shown(option: Option, commands: Sequence[Command], known: dict[Use, str]) -> dict[str, str]:
    """Return, for each command, the scenario that covers the option, if there is one."""
    found = {}
    for command in commands:
        rules = [
            known[command.name, flag] for flag in option.flags if (command.name, flag) in known
        ]
        if rules:
            found[command.name] = rules[0]
    return found


def options() -> dict[Option, list[Command]]:
    """Return every option with the commands that accept it."""
    found: dict[Option, list[Command]] = {}
    for command in COMMANDS.values():
        for option in command.options:
            found.setdefault(option, []).append(command)
    return found


def table() -> str:
    """Return the options of all commands as a Markdown table."""
    known = uses()
    lines = ["| option | commands | shown by |", "| --- | --- | --- |"]
    for option, commands in options().items():
        flags = ", ".join(f"`{flag}`" for flag in option.flags)
        proof = shown(option, commands, known)
        if proof:
            by = ", ".join(f"{name}: {rule}" for name, rule in list(proof.items())[:4])
        else:
            by = next((f"`{ELSEWHERE[flag]}`" for flag in option.flags if flag in ELSEWHERE), "")
        lines.append(f"| {flags} | {_named(commands)} | {by} |")
    return "\n".join(lines)


def _named(commands: Sequence[Command]) -> str:
    if len(commands) == len(COMMANDS):
        return "all"
    return ", ".join(_marked(command.name) for command in commands)


def _marked(name: str) -> str:
    return name if name in NATIVE else f"{name} (pip)"


def document() -> str:
    """Return docs/coverage.md with an updated table."""
    text = DOCUMENT.read_text(encoding="utf-8")
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n\n{table()}\n\n{END}{after}"


if __name__ == "__main__":
    DOCUMENT.write_text(document(), encoding="utf-8")
    sys.stdout.write(f"{len(options())} options\n")
