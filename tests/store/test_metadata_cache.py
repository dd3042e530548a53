from pathlib import Path

import pytest

from pipfast.model.digest import Digest
from pipfast.model.link import Link
from pipfast.store.filesystem.root import Store
from pipfast.store.metadata_cache import CachedMetadata, MetadataCache

LINK = Link(url="https://h/demo.whl", digests=(Digest("sha256", "a"),))
DOCUMENT = b"""Metadata-Version: 2.2
Name: Demo
Version: 1.0
Dynamic: Version
Requires-Dist: a>1
Requires-Python: >=3
Provides-Extra: x

Long words.
"""
KEPT = CachedMetadata.of(DOCUMENT, 70, sidecar=True)


def test_metadata_comes_out_as_it_went_in(tmp_path: Path) -> None:
    shelf = MetadataCache(Store(tmp_path))
    assert shelf.read(LINK) is None
    shelf.write(LINK, KEPT)
    assert shelf.read(LINK) == KEPT
    assert KEPT.document == DOCUMENT.decode()


@pytest.mark.parametrize(
    ("sidecar", "told"),
    [(True, "Name: demo\n\nOne.\nTwo.\n"), (False, "Name: demo\r\n\r\nOne.\rTwo.\r\n")],
    ids=["sidecar", "wheel"],
)
def test_the_lines_of_a_sidecar_end_as_those_of_a_text_file(sidecar: bool, told: str) -> None:
    document = b"Name: demo\r\n\r\nOne.\rTwo.\r\n"
    assert CachedMetadata.of(document, 70, sidecar=sidecar).document == told


@pytest.mark.parametrize(
    "other",
    [
        Link(url="https://h/demo.whl", digests=(Digest("sha256", "b"),)),
        Link(url="https://else/demo.whl", digests=(Digest("sha256", "a"),)),
        Link(url="https://h/demo.whl", digests=LINK.digests, core_metadata=()),
        Link(url="https://h/demo.whl", core_metadata=(Digest("sha256", "a"),)),
    ],
    ids=["digest", "address", "sidecar", "digest of the sidecar"],
)
def test_another_file_has_metadata_of_its_own(tmp_path: Path, other: Link) -> None:
    shelf = MetadataCache(Store(tmp_path))
    shelf.write(LINK, KEPT)
    assert shelf.read(other) is None


@pytest.mark.parametrize("harm", [b"", b"1\n{}", b"nonsense"])
def test_a_broken_entry_counts_as_none(tmp_path: Path, harm: bytes) -> None:
    shelf = MetadataCache(Store(tmp_path))
    shelf.write(LINK, KEPT)
    (file,) = (path for path in tmp_path.rglob("*") if path.is_file())
    file.write_bytes(harm)
    assert shelf.read(LINK) is None
