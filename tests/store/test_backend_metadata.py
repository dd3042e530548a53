"""A backend is asked once for the metadata of the same contents."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipfast.model.frozen_dataclass import replace
from pipfast.store.build_cache.backend_metadata import AREA, BackendMetadata, BackendMetadataCache
from pipfast.store.build_cache.build_key import BuildKey
from pipfast.store.filesystem.root import Store

KEY = BuildKey(python="cp311", source="sha256:00")
ENTRY = BackendMetadata(
    "Name: demo\nVersion: 1\n\nä\udcff", ({"kind": "ProgramOutput", "text": "one"},)
)


@pytest.fixture
def shelf(tmp_path: Path) -> BackendMetadataCache:
    return BackendMetadataCache(Store(tmp_path))


def test_an_entry_comes_back(shelf: BackendMetadataCache) -> None:
    shelf.write(KEY, ["demo"], ENTRY)
    assert shelf.read(KEY, ["demo"]) == ENTRY


@pytest.mark.parametrize(
    ("key", "words"),
    [
        (KEY, ["other"]),
        (replace(KEY, source="sha256:01"), ["demo"]),
        (replace(KEY, python="cp312"), ["demo"]),
        (replace(KEY, settings={"a": "b"}), ["demo"]),
        (replace(KEY, variables={"A": "b"}), ["demo"]),
        (replace(KEY, constraints=("a<2",)), ["demo"]),
        (replace(KEY, visible=("a==2",)), ["demo"]),
    ],
)
def test_another_key_is_asked_anew(
    shelf: BackendMetadataCache, key: BuildKey, words: list[str]
) -> None:
    shelf.write(KEY, ["demo"], ENTRY)
    assert shelf.read(key, words) is None


def test_nothing_is_kept_of_contents_that_nobody_knows(
    shelf: BackendMetadataCache, tmp_path: Path
) -> None:
    shelf.write(replace(KEY, source=""), [], ENTRY)
    assert not (tmp_path / AREA).exists()


@pytest.mark.parametrize("damage", ["", "{}", '{"document": "", "events": ["work"]}', "nonsense"])
def test_a_damaged_entry_counts_as_none(
    shelf: BackendMetadataCache, tmp_path: Path, damage: str
) -> None:
    shelf.write(KEY, [], ENTRY)
    [entry] = (tmp_path / AREA).glob("*/*")
    entry.write_text(damage)
    assert shelf.read(KEY, []) is None
