"""Command lines with a cursor at which pip and pipfast must offer the same completions."""

from __future__ import annotations

import random
from collections.abc import Iterator

from pipfast.config.option_table import HIDDEN, Command
from pipfast.config.subcommands import COMMANDS, MAIN

Case = tuple[str, str]
"""``COMP_WORDS`` and ``COMP_CWORD``."""

FILES = (
    "requirements.txt", "README", "resources/images/one", "REPLAY/two", "r w/x", ".hidden",
    "pyproject.toml", "-r",
)  # fmt: skip
"""The content of the folder in which completion runs."""

_STARTS = ("", "r", "R", "./r", "../", "resources/", "resources/i", "absent/", "README/x", ".", "~")
_CURSORS = tuple(map(str, range(-4, 9)))
_RANDOM = 600


def groups() -> dict[str, list[Case]]:
    """The cases by subject."""
    found = {"main": list(dict.fromkeys(_main()))}
    for command in COMMANDS.values():
        found[command.name] = list(dict.fromkeys(_command(command)))
    found["cursors"] = list(dict.fromkeys(_cursors()))
    found["random"] = list(dict.fromkeys(_random()))
    return found


def _main() -> Iterator[Case]:
    for name in ("", *COMMANDS, "nothing"):
        yield from ((f"pip {name[:end]}", "1") for end in range(len(name) + 1))
    for flag in _flags(MAIN):
        yield f"pip {flag[:-1]}", "1"
        yield f"pip {flag} -", "2"
        yield f"pip {flag} in", "2"
        yield f"pip {flag}=r", "1"
        yield f"pip {flag}=x r", "2"
        yield f"pip nothing {flag} r", "3"
    for start in _STARTS:
        yield f"pip --log {start}", "2"
        yield f"pip --cache-dir {start}", "2"


def _command(command: Command) -> Iterator[Case]:
    name = command.name
    for start in ("", "-", "--", "---", "-x", "--n", "p", "P", "pip"):
        yield f"pip {name} {start}", "2"
    for flag in _flags(command):
        yield f"pip {name} {flag[:-1]}", "2"
        yield f"pip {name} {flag} -", "3"
        yield f"pip {name} {flag} --no", "3"
    for option in command.options:
        if option.metavar or option.name in HIDDEN:
            for flag in option.flags:
                yield f"pip {name} {flag} ", "3"
                yield f"pip {name} {flag} r", "3"
                yield f"pip {name} {flag}=r", "2"
    for action in command.actions:
        yield from ((f"pip {name} {action[:end]}", "2") for end in range(len(action) + 1))
        yield f"pip {name} {action} ", "3"
        yield f"pip {name} --no-input {action} -", "4"
        yield f"pip {action} {name} l", "3"
    if name in ("install", "wheel", "lock"):
        for start in _STARTS:
            for before in ("", " -r", " -e", " --cache-dir", " -x", " a -r"):
                yield f"pip {name}{before} {start}", str(before.count(" ") + 2)


def _cursors() -> Iterator[Case]:
    lines = (
        "pip", " ", "pip install", "pip install -r", "pip install -r req other",
        "pip --log r install", "pip uninstall pip p", "pip show -f pip", "pip help -",
        "pip help list -",
        "pip config set a.b", "pip list --format=json --outdated --format", "pip -v -q list -v -",
        "pip install install --install", "pip show list -", "pip list show -",
        "pip --python x list",
        "/usr/bin/pip3 cache list r", "pip\tcache\n li", "pip search --index=a --index",
    )  # fmt: skip
    yield from ((line, position) for line in lines for position in _CURSORS)
    yield from ((line, "x") for line in lines)
    yield from ((f"pip {name} {start}", "2") for name in ("show", "uninstall")
                for start in ("h", "HTTP", "ruff", "nothing-of-that-name"))  # fmt: skip
    yield "pip uninstall httpx httpcore h", "4"
    yield "pip install r", " 2 "


def _random() -> Iterator[Case]:
    chance = random.Random(26_3)
    flags = [flag for command in COMMANDS.values() for flag in _flags(command)]
    rare = ["", "r", "-", "--", "pip", "=", "--=x", "list", "a=b", "versions"]
    for _ in range(_RANDOM):
        words = [
            chance.choice(chance.choice(([*COMMANDS], flags, rare)))
            for _ in range(chance.randrange(1, 6))
        ]
        words[-1] = words[-1][: chance.randrange(len(words[-1]) + 1)]
        at = len(words) if chance.random() < 0.8 else chance.randrange(-1, len(words) + 2)
        yield " ".join(["pip", *words]), str(at)


def _flags(command: Command) -> list[str]:
    return [flag for option in command.options for flag in option.flags]
