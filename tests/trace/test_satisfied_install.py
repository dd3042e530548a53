from __future__ import annotations

from pathlib import Path

import pytest

from pipfast.store.filesystem.root import Store
from pipfast.trace.satisfied_install import AREA, question, recall, remember, stamps

LINES = ("Requirement already satisfied: demo",)


@pytest.fixture
def witness(tmp_path: Path) -> Path:
    """A file that an answer rests on."""
    path = tmp_path / "requirements.txt"
    path.write_text("demo\n")
    return path


def test_an_answer_is_given_again_while_its_files_are_as_they_were(
    tmp_path: Path, witness: Path
) -> None:
    store = Store(tmp_path / "store")
    remember(store, "asked", LINES, stamps([str(witness), str(tmp_path / "absent")]))
    assert recall(store, "asked") == LINES
    assert recall(store, "something else") is None


@pytest.mark.parametrize("change", ["edit", "remove", "appear", "damage"])
def test_an_answer_is_dropped_when_anything_it_rests_on_changes(
    tmp_path: Path, witness: Path, change: str
) -> None:
    store = Store(tmp_path / "store")
    absent = tmp_path / "absent"
    remember(store, "asked", LINES, stamps([str(witness), str(absent)]))
    if change == "edit":
        witness.write_text("demo==2\n")
    elif change == "remove":
        witness.unlink()
    elif change == "appear":
        absent.touch()
    else:
        entry = next(store.path(AREA, "").iterdir())
        entry.write_bytes(entry.read_bytes()[:-9])
    assert recall(store, "asked") is None


def test_the_same_question_has_the_same_text() -> None:
    one = question({"b": frozenset({"x", "y"}), "a": (1, 2)})
    other = question({"a": (1, 2), "b": frozenset({"y", "x"})})
    assert one == other
    assert one != question({"a": (2, 1), "b": frozenset({"y", "x"})})
