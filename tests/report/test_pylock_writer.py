from __future__ import annotations

import sys
from pathlib import Path

import pytest
import tomli_w
from hypothesis import given
from hypothesis import strategies as st
from packaging.pylock import Pylock
from packaging.utils import canonicalize_name
from packaging.version import Version
from pip._vendor import tomli_w as pips_writer

from pipfast.model.digest import Digest
from pipfast.model.direct_url import ArchiveOrigin, FolderOrigin, Origin, RepositoryOrigin
from pipfast.model.file_urls import url_of_path
from pipfast.report.pylock_writer import Pin, Unlockable, lock_text

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

SHA = Digest("sha256", "0" * 64)
WHEEL = ArchiveOrigin(url="https://h/f/a%2Bb-1.0-py3-none-any.whl", digests=(SHA,))


def pin(origin: Origin, name: str = "a", *, direct: bool = True, is_wheel: bool = False) -> Pin:
    return Pin(
        name=canonicalize_name(name),
        version=Version("1.0"),
        origin=origin,
        direct=direct,
        is_wheel=is_wheel,
    )


def entry(one: Pin, folder: Path = Path()) -> dict[str, object]:
    document = tomllib.loads(lock_text([one], folder))
    found: dict[str, object] = document["packages"][0]
    return found


def test_an_indexs_wheel_is_named_by_its_file_and_has_a_version() -> None:
    assert entry(pin(WHEEL, direct=False, is_wheel=True)) == {
        "name": "a",
        "version": "1.0",
        "wheels": [
            {"name": "a+b-1.0-py3-none-any.whl", "url": WHEEL.url, "hashes": {"sha256": SHA.value}}
        ],
    }


def test_an_indexs_source_distribution_stands_by_itself() -> None:
    origin = ArchiveOrigin(url="https://h/a-1.0.tar.gz", digests=(SHA,))
    assert entry(pin(origin, direct=False))["sdist"] == {
        "name": "a-1.0.tar.gz",
        "url": origin.url,
        "hashes": {"sha256": SHA.value},
    }


def test_a_direct_archive_has_no_version() -> None:
    origin = ArchiveOrigin(url="https://h/a.zip", digests=(SHA,), subdirectory="s")
    hashes = {"sha256": SHA.value}
    archive = {"url": origin.url, "hashes": hashes, "subdirectory": "s"}
    assert entry(pin(origin)) == {"name": "a", "archive": archive}


def test_a_repository_is_locked_to_its_commit() -> None:
    origin = RepositoryOrigin(url="https://h/r.git", system="git", commit="abc", requested="main")
    assert entry(pin(origin))["vcs"] == {
        "type": "git",
        "url": "https://h/r.git",
        "requested-revision": "main",
        "commit-id": "abc",
    }


@pytest.mark.parametrize(("editable", "more"), [(False, {}), (True, {"editable": True})])
def test_a_folder_is_named_from_the_lock_file_on(
    tmp_path: Path, editable: bool, more: dict[str, bool]
) -> None:
    origin = FolderOrigin(url=url_of_path(str(tmp_path / "x" / "y")), editable=editable)
    assert entry(pin(origin), tmp_path)["directory"] == {"path": "x/y", **more}
    origin = FolderOrigin(url=url_of_path(str(tmp_path)), editable=editable)
    assert entry(pin(origin), tmp_path)["directory"] == {"path": ".", **more}


def test_a_folder_elsewhere_cannot_be_locked(tmp_path: Path) -> None:
    origin = FolderOrigin(url=url_of_path(str(tmp_path)))
    with pytest.raises(Unlockable, match="is not below"):
        lock_text([pin(origin)], tmp_path / "sub")


def test_a_file_without_a_digest_cannot_be_locked() -> None:
    with pytest.raises(Unlockable, match="no digest"):
        lock_text([pin(ArchiveOrigin(url="https://h/a.zip"))], Path())


def test_packages_come_by_name_and_the_file_is_valid() -> None:
    pins = [pin(WHEEL, name, direct=False, is_wheel=True) for name in ("c", "a", "b")]
    document = tomllib.loads(lock_text(pins, Path()))
    assert [one["name"] for one in document["packages"]] == ["a", "b", "c"]
    assert (document["lock-version"], document["created-by"]) == ("1.0", "pip")
    Pylock.from_dict({**document, "packages": []})


VALUES = st.recursive(
    st.one_of(st.booleans(), st.integers(-9, 9), st.text(st.characters(codec="utf-8"), max_size=9)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.text("aé. -", max_size=4), inner, max_size=3),
    ),
    max_leaves=12,
)


@given(st.dictionaries(st.text("abé_-. ", max_size=5), VALUES, max_size=4))
def test_the_installed_tomli_w_has_the_layout_of_the_one_that_pip_vendors(
    table: dict[str, object],
) -> None:
    assert tomli_w.dumps(table) == pips_writer.dumps(table)
