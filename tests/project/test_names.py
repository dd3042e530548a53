"""Module and class names are unambiguous."""

from __future__ import annotations

import ast
from collections import defaultdict
from pathlib import Path

import pipfast

SOURCE = Path(pipfast.__path__[0])
SAME_MEANING = {
    "errors": "the errors of its package",
    "events": "the messages of its package",
    "transaction": "the transaction, and the texts of its messages",
    "uninstall": "the subcommand, and the operation that it performs",
}
"""Module names that several packages use with one meaning."""


def test_no_two_modules_of_one_name_mean_different_things() -> None:
    places = defaultdict(list)
    for path in SOURCE.rglob("*.py"):
        # Each package that emits messages has a module of its name in report/messages.
        if path.stem != "__init__" and path.parent.name != "messages":
            places[path.stem].append(path.relative_to(SOURCE).as_posix())
    twice = {name: found for name, found in places.items() if len(found) > 1}
    assert {name: found for name, found in twice.items() if name not in SAME_MEANING} == {}


def test_no_class_name_occurs_twice_in_a_package() -> None:
    places = defaultdict(list)
    for path in SOURCE.rglob("*.py"):
        package = path.relative_to(SOURCE).parts[0]
        for node in ast.walk(ast.parse(path.read_bytes())):
            if isinstance(node, ast.ClassDef):
                places[package, node.name].append(path.relative_to(SOURCE).as_posix())
    assert {name: found for name, found in places.items() if len(found) > 1} == {}
