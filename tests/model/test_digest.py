"""There is one list of hash algorithms."""

from __future__ import annotations

import re
from pathlib import Path

from pip._internal.utils.hashes import STRONG_HASHES

import pipfast
from pipfast.config.subcommands import COMMANDS
from pipfast.model.digest import KNOWN, STRONG

SOURCE = Path(pipfast.__path__[0])
LIST = re.compile(r"(sha\d+)\W+(?!\1)(sha\d+|md5)")
ALLOWED = {"model/digest.py", "config/subcommands.py"}
"""The list, and pip's table of options, which loads no other module."""


def test_no_other_module_lists_algorithms() -> None:
    found = {
        path.relative_to(SOURCE).as_posix()
        for path in SOURCE.rglob("*.py")
        if LIST.search(path.read_text(encoding="utf-8"))
    }
    assert found == ALLOWED


def test_strong_algorithms_are_pips() -> None:
    assert set(STRONG) == set(STRONG_HASHES) <= set(KNOWN)
    (option,) = (one for one in COMMANDS["hash"].options if one.dest == "algorithm")
    assert option.type == STRONG
