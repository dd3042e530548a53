import hashlib
import os
import stat
from pathlib import Path

import pytest

from pipfast.errors import InstallationError
from pipfast.fetch.downloads.destination import Destination
from pipfast.model.digest import Digest
from pipfast.model.events import Event
from pipfast.model.file_urls import url_of_path
from pipfast.model.link import Link
from tests.kit.texts import texts

LINK = Link(url="https://host/demo-1.0-py3-none-any.whl")


def digest(content: bytes) -> Digest:
    return Digest("sha256", hashlib.sha256(content).hexdigest())


@pytest.mark.parametrize("expected", [(), (digest(b"x"),), (digest(b"y"), digest(b"x"))])
def test_a_file_that_lies_there_is_taken(tmp_path: Path, expected: tuple[Digest, ...]) -> None:
    path = tmp_path / LINK.filename
    path.write_bytes(b"x")
    emitted: list[Event] = []
    assert Destination(tmp_path).look(LINK, expected, emitted.append) == (path, (digest(b"x"),))
    assert texts(emitted) == [f"  File was already downloaded {path}"]


def test_a_file_with_another_digest_is_told_of_and_removed(tmp_path: Path) -> None:
    path = tmp_path / LINK.filename
    path.write_bytes(b"x")
    emitted: list[Event] = []
    assert Destination(tmp_path).look(LINK, (digest(b"y"),), emitted.append) is None
    text = f"  Previously-downloaded file {path} has bad hash. Re-downloading."
    assert texts(emitted[1:]) == [text]
    assert not path.exists()


def test_nothing_is_said_of_a_file_that_is_not_there(tmp_path: Path) -> None:
    emitted: list[Event] = []
    assert Destination(tmp_path).look(LINK, (), emitted.append) is None
    assert not emitted


@pytest.mark.parametrize("url", ["https://host/", "https://host/a/..%2F..", "https://host/%2E"])
def test_a_link_without_a_file_name_is_refused(tmp_path: Path, url: str) -> None:
    with pytest.raises(InstallationError, match="Unexpected file name derived from URL"):
        Destination(tmp_path).holds(Link(url=url))


def test_a_file_of_the_run_is_moved_and_a_users_is_copied_with_its_mode(tmp_path: Path) -> None:
    (tmp_path / "to").mkdir()
    ours, theirs = tmp_path / "ours.whl", tmp_path / "theirs-1.0.zip"
    ours.write_bytes(b"o")
    theirs.write_bytes(b"t")
    theirs.chmod(0o600)
    destination = Destination(tmp_path / "to")
    assert destination.save(ours, LINK, ours=True) == tmp_path / "to" / LINK.filename
    saved = destination.save(theirs, Link(url=url_of_path(str(theirs))), ours=False)
    assert saved is not None
    assert not ours.exists()
    assert theirs.exists()
    assert saved.read_bytes() == b"t"
    if os.name == "posix":
        assert stat.S_IMODE(saved.stat().st_mode) == 0o600
    assert sorted(path.name for path in destination.folder.iterdir()) == [LINK.filename, saved.name]


def test_what_lies_there_is_never_written_over(tmp_path: Path) -> None:
    (tmp_path / "to").mkdir()
    (tmp_path / "to" / LINK.filename).write_bytes(b"old")
    new = tmp_path / "new"
    new.write_bytes(b"new")
    assert Destination(tmp_path / "to").save(new, LINK, ours=True) is None
    assert (tmp_path / "to" / LINK.filename).read_bytes() == b"old"


def test_a_folder_is_bare_without_files(tmp_path: Path) -> None:
    assert Destination(tmp_path / "missing").is_bare
    (tmp_path / "folder").mkdir()
    assert Destination(tmp_path).is_bare
    (tmp_path / "x.whl").write_bytes(b"")
    assert not Destination(tmp_path).is_bare
