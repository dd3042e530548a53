from __future__ import annotations

from pathlib import Path

import pytest

from pipfast.store.incidents import FOLDER, MOST, keep


def test_a_record_is_named_by_its_time_and_its_text(tmp_path: Path) -> None:
    place = keep(str(tmp_path), "20250101T000000Z", "{}")
    assert place == tmp_path / FOLDER / "20250101T000000Z-44136fa355b3.json"
    assert place.read_text() == "{}"


def test_the_newest_are_kept(tmp_path: Path) -> None:
    places = [keep(str(tmp_path), f"{number:03}", "{}") for number in range(MOST + 3)]
    assert sorted((tmp_path / FOLDER).iterdir()) == places[3:]


@pytest.mark.parametrize("cache", [None, "file/below"])
def test_without_a_cache_it_is_in_the_temporary_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cache: str | None
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    place = keep(cache and str(tmp_path / cache), "20250101", "{}")
    assert (place.parent, place.read_text()) == (tmp_path, "{}")
