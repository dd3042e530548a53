from __future__ import annotations

import json
from pathlib import Path

import pytest

from pipfast.model.digest import Digest
from pipfast.model.direct_url import ArchiveOrigin, FolderOrigin, Origin, RepositoryOrigin
from pipfast.model.events import Event, Level, Message
from pipfast.model.link import Link
from pipfast.report.render import text_of
from pipfast.store.build_cache.pip_wheel_cache import folder_of, is_kept, read_origin, write_origin

ARCHIVE = "https://files.example.org/demo-1.0.tar.gz"
COMMIT = "0" * 40
SHA256 = Digest("sha256", "ab" * 32)
ORIGIN = ArchiveOrigin(url=ARCHIVE, digests=(SHA256,))


@pytest.mark.parametrize(
    ("link", "folder"),
    [
        (Link(url=ARCHIVE), "10/1d/ac/f17a3062a950ddd318452c72d8f64933b487a3408c100ad13d"),
        (
            Link(url=ARCHIVE, digests=(SHA256,), fragment=f"sha256={SHA256.value}"),
            "ae/57/81/af4dc81a20ca2763fee742925cef0e182df3c2c668dc7d7ac5",
        ),
        (
            Link(url=f"{ARCHIVE}?a=b", fragment="egg=demo&subdirectory=pkg"),
            "80/ad/97/0d4902d39bbd3d08c2dfc339f0f805fed6ecb7d0c53076c5ef",
        ),
        (
            Link(url=f"git+https://example.org/demo.git@{COMMIT}", fragment="subdirectory=a/b"),
            "30/f4/64/b37f27f0be2fd23d61a583af8943e5e8e8f8a70f3b4150b9d1",
        ),
        (
            Link(url=f"git+file:///srv/demo@{COMMIT}"),
            "bb/c8/3e/ff4366192b417de3244e20748be28fc9fd041d37ea9252cf75",
        ),
        (
            Link(url="file:///srv/d%C3%A9mo-1.0.zip"),
            "b1/43/ed/fc3aaccc4fcd56aadfc433583d542abe674191fb5c0519617e",
        ),
    ],
)
def test_a_folder_is_where_pip_looks_for_it(link: Link, folder: str) -> None:
    assert folder_of("cache", link, "cp311") == Path("cache", "wheels", folder)


def test_each_python_has_a_folder_of_its_own() -> None:
    folders = {folder_of("c", Link(url=ARCHIVE), python) for python in ("cp311", "cp312", "pp311")}
    assert len(folders) == 3


def _git(requested: str | None) -> RepositoryOrigin:
    url = "https://example.org/demo.git"
    return RepositoryOrigin(url=url, system="git", commit=COMMIT, requested=requested)


@pytest.mark.parametrize(
    ("url", "origin", "kept"),
    [
        (ARCHIVE, ORIGIN, True),
        ("https://example.org/demo-1.0.zip", ORIGIN, True),
        ("https://example.org/archive/main.zip", ORIGIN, False),
        ("https://example.org/my-project.tar.gz", ORIGIN, True),
        ("https://example.org/v1.0.tar.gz", ORIGIN, False),
        ("file:///srv/demo-1.0", FolderOrigin(url="file:///srv/demo-1.0"), False),
        ("git+https://example.org/demo.git@main", _git("main"), False),
        ("git+https://example.org/demo.git", _git(None), False),
        (f"git+https://example.org/demo.git@{COMMIT}", _git(COMMIT), True),
        ("git+https://example.org/demo.git@0000000", _git("0000000"), False),
        (
            f"hg+https://example.org/demo@{COMMIT}",
            RepositoryOrigin(url="", system="hg", commit=COMMIT, requested=COMMIT),
            False,
        ),
    ],
)
def test_only_what_cannot_change_is_kept(url: str, origin: Origin, kept: bool) -> None:
    assert is_kept(Link(url=url), origin) is kept


def test_an_origin_comes_back_as_it_was_written(tmp_path: Path) -> None:
    heard: list[Event] = []
    write_origin(tmp_path, ORIGIN, heard.append)
    write_origin(tmp_path, ORIGIN, heard.append)
    assert read_origin(tmp_path / "demo-1.0-py3-none-any.whl", heard.append) == ORIGIN
    assert heard == []


def test_a_wheel_of_an_old_pip_has_no_origin(tmp_path: Path) -> None:
    heard: list[Event] = []
    assert read_origin(tmp_path / "demo-1.0-py3-none-any.whl", heard.append) is None
    assert heard == []


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"url": 1}', '{"url": "u", "dir_info": 3}'])
def test_an_unreadable_origin_is_told_of_and_replaced(tmp_path: Path, text: str) -> None:
    heard: list[Event] = []
    path = tmp_path / "origin.json"
    path.write_text(text, encoding="utf-8")
    assert read_origin(tmp_path / "demo-1.0-py3-none-any.whl", heard.append) is None
    write_origin(tmp_path, ORIGIN, heard.append)
    assert json.loads(path.read_text("utf-8"))["url"] == ARCHIVE
    ignored, replaced = (event for event in heard if isinstance(event, Message))
    assert ignored.level is replaced.level is Level.WARNING
    assert text_of(ignored).startswith(
        f"Ignoring invalid cache entry origin file {path} for demo-1.0-py3-none-any.whl ("
    )
    assert text_of(replaced).startswith(f"Could not read origin file {path} in cache entry (")


def test_another_origin_is_told_of_and_replaced(tmp_path: Path) -> None:
    heard: list[Event] = []
    write_origin(tmp_path, ArchiveOrigin(url="https://example.org/other-1.0.zip"), heard.append)
    write_origin(tmp_path, ORIGIN, heard.append)
    assert read_origin(tmp_path / "demo-1.0-py3-none-any.whl", heard.append) == ORIGIN
    (said,) = (event for event in heard if isinstance(event, Message))
    assert text_of(said).startswith(
        f"Origin URL https://example.org/other-1.0.zip in cache entry {tmp_path} does not match "
        f"download URL {ARCHIVE}. "
    )
