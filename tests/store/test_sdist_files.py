from pathlib import Path

from pipfast.fetch.downloads.hash_check import digests_of
from pipfast.model.digest import Digest
from pipfast.store.filesystem.root import Store
from pipfast.store.sdist_files import FileCache


def test_a_kept_file_is_a_copy_under_its_own_name(tmp_path: Path) -> None:
    file = tmp_path / "demo-1.0.tar.gz"
    file.write_bytes(b"x" * 10)
    digest = digests_of(file)[0]
    shelf = FileCache(Store(tmp_path / "store"))
    shelf.keep(file, digest)
    found = shelf.find(digest, file.name)
    assert found is not None
    assert found.name == file.name
    assert found.read_bytes() == file.read_bytes()
    assert not found.samefile(file)
    assert not list((tmp_path / "store" / "tmp").iterdir())


def test_a_file_is_found_by_its_sha256_and_name_alone(tmp_path: Path) -> None:
    file = tmp_path / "a.whl"
    file.write_bytes(b"x")
    digest = digests_of(file)[0]
    shelf = FileCache(Store(tmp_path / "store"))
    assert shelf.find(digest, "a.whl") is None
    shelf.keep(file, digest)
    assert shelf.find(digest, "b.whl") is None
    assert shelf.find(Digest("md5", digest.value), "a.whl") is None


def test_a_discarded_file_is_gone(tmp_path: Path) -> None:
    file = tmp_path / "a.whl"
    file.write_bytes(b"x")
    digest = digests_of(file)[0]
    shelf = FileCache(Store(tmp_path / "store"))
    shelf.keep(file, digest)
    kept = shelf.find(digest, "a.whl")
    assert kept is not None
    shelf.discard(kept)
    assert shelf.find(digest, "a.whl") is None


def test_a_store_that_takes_nothing_is_done_without(tmp_path: Path) -> None:
    file = tmp_path / "a.whl"
    file.write_bytes(b"x")
    digest = digests_of(file)[0]
    shelf = FileCache(Store(file / "no-folder"))
    shelf.keep(file, digest)
    assert shelf.find(digest, "a.whl") is None
