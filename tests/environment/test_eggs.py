from pathlib import Path

import pytest

from pipfast.environment.eggs import data_in_archive, names_in_archive
from tests.kit.raw_zip import Entry, raw_zip

FAR = bytes((1, 0, 8, 0)) + b"\xff" * 8
"""A ZIP64 field with the largest offset."""


@pytest.mark.parametrize(
    "entry",
    [
        Entry(name=b"EGG-INFO/PKG-INFO", central={"offset": 0xFFFFFFFF}, central_extra=FAR),
        Entry(name=b"EGG-INFO/PKG-INFO", packed=b"\xff\xff"),
        Entry(name=b"EGG-INFO/PKG-INFO", flags=1),
        Entry(name=b"EGG-INFO/PKG-INFO", method=99),
    ],
    ids=["far", "damaged", "encrypted", "unknown-method"],
)
def test_metadata_that_cannot_be_read_are_none(tmp_path: Path, entry: Entry) -> None:
    egg = tmp_path / "demo-1.0-py3.11.egg"
    egg.write_bytes(raw_zip([entry]))
    assert data_in_archive(str(egg / "EGG-INFO"), "PKG-INFO") is None
    assert names_in_archive(str(egg)) == ["EGG-INFO"]
