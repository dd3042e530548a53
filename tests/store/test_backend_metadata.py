"""A backend is asked once for the metadata of the same contents."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipfast.model.events import Event, Level, Said, Status, Work
from pipfast.model.frozen_dataclass import replace
from pipfast.store.build_cache.backend_metadata import AREA, BackendMetadata, BackendMetadataCache
from pipfast.store.build_cache.build_key import BuildKey
from pipfast.store.filesystem.root import Store

QUESTION = BuildKey(python="cp311", source="sha256:00")
TOLD = BackendMetadata(
    "Name: demo\nVersion: 1\n\nä\udcff",
    (
        Work("Preparing metadata (pyproject.toml)", Status.DONE, depth=1),
        Said(Level.VERBOSE, "  running", of_program=True),
        Said(Level.WARNING, "  careful"),
    ),
)


@pytest.fixture
def shelf(tmp_path: Path) -> BackendMetadataCache:
    return BackendMetadataCache(Store(tmp_path))


def test_what_was_told_comes_back_and_is_said_again(shelf: BackendMetadataCache) -> None:
    shelf.write(QUESTION, ["demo"], TOLD)
    again = shelf.read(QUESTION, ["demo"])
    assert again == TOLD
    heard: list[Event] = []
    again.say_again(heard.append)
    assert heard == list(TOLD.heard)


@pytest.mark.parametrize(
    ("question", "words"),
    [
        (QUESTION, ["other"]),
        (replace(QUESTION, source="sha256:01"), ["demo"]),
        (replace(QUESTION, python="cp312"), ["demo"]),
        (replace(QUESTION, settings={"a": "b"}), ["demo"]),
        (replace(QUESTION, variables={"A": "b"}), ["demo"]),
        (replace(QUESTION, constraints=("a<2",)), ["demo"]),
        (replace(QUESTION, visible=("a==2",)), ["demo"]),
    ],
)
def test_another_question_is_asked_anew(
    shelf: BackendMetadataCache, question: BuildKey, words: list[str]
) -> None:
    shelf.write(QUESTION, ["demo"], TOLD)
    assert shelf.read(question, words) is None


def test_nothing_is_kept_of_contents_that_nobody_knows(
    shelf: BackendMetadataCache, tmp_path: Path
) -> None:
    shelf.write(replace(QUESTION, source=""), [], TOLD)
    assert not (tmp_path / AREA).exists()


@pytest.mark.parametrize("damage", ["", "{}", '{"document": "", "heard": [["work"]]}', "nonsense"])
def test_a_damaged_entry_counts_as_none(
    shelf: BackendMetadataCache, tmp_path: Path, damage: str
) -> None:
    shelf.write(QUESTION, [], TOLD)
    [entry] = (tmp_path / AREA).glob("*/*")
    entry.write_text(damage)
    assert shelf.read(QUESTION, []) is None
