"""Every error that pip does not have has a text."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pipfast
from pipfast.errors import OwnError, OwnInstallationError
from pipfast.report import error_text
from pipfast.sources.fixpoint import Unsettled

SOURCE = Path(pipfast.__path__[0])


def own_errors() -> Iterator[type[OwnError]]:
    """Yield OwnError and its subclasses in all modules that name it."""
    for path in SOURCE.rglob("*.py"):
        text = path.read_text()
        if "OwnError" in text or "OwnInstallationError" in text:
            import_module(".".join(path.relative_to(SOURCE.parent).with_suffix("").parts))
    waiting: list[type[OwnError]] = [OwnError]
    while waiting:
        kind = waiting.pop()
        waiting += kind.__subclasses__()
        yield kind


def test_every_error_that_is_raised_has_a_text() -> None:
    [function] = (
        node
        for node in ast.parse(Path(error_text.__file__).read_text()).body
        if isinstance(node, ast.FunctionDef) and node.name == "text_of"
    )
    rendered = {
        node.cls.id
        for node in ast.walk(function)
        if isinstance(node, ast.MatchClass) and isinstance(node.cls, ast.Name)
    }
    raised = {kind.__name__ for kind in own_errors() if not kind.__subclasses__()}
    assert len(raised) > 5
    assert raised <= rendered


def test_errors_are_equal_by_value() -> None:
    assert Unsettled(["a"]) == Unsettled(["a"])
    assert Unsettled(["a"]) != Unsettled(["b"])
    assert len({Unsettled(["a"]), Unsettled(["a"])}) == 1
    assert Unsettled(["a"]) != OwnInstallationError()
