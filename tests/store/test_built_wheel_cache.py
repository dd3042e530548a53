from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from packaging.tags import Tag
from packaging.utils import NormalizedName

from pipfast.model.digest import Digest
from pipfast.model.direct_url import ArchiveOrigin, FolderOrigin, RepositoryOrigin
from pipfast.model.frozen_dataclass import replace
from pipfast.model.link import Link
from pipfast.store.build_cache.build_key import BuildKey
from pipfast.store.build_cache.built_wheel_cache import BuiltWheelCache, CachedWheel
from pipfast.store.build_cache.pip_wheel_cache import folder_of, write_origin
from pipfast.store.filesystem.root import Store

DEMO = NormalizedName("demo")
WHEEL = "demo-1.0-py3-none-any.whl"
SHA256 = Digest("sha256", "ab" * 32)
LINK = Link(url="https://example.org/demo-1.0.tar.gz", digests=(SHA256,))
ORIGIN = ArchiveOrigin(url=LINK.url, digests=(SHA256,))
COMMIT = "0" * 40
BRANCH = Link(url="git+https://example.org/demo.git@main")
AT_BRANCH = RepositoryOrigin(
    url="https://example.org/demo.git", system="git", commit=COMMIT, requested="main"
)
PLAIN = BuildKey(python="cp311", platform="linux-x86_64")
OTHERS = {
    "settings": replace(PLAIN, settings={"debug": "1"}),
    "more settings": replace(PLAIN, settings={"debug": ["1", "2"]}),
    "variables": replace(PLAIN, variables={"CUDA_HOME": "/cuda"}),
    "ambient": replace(PLAIN, ambient={"CFLAGS": "-O0"}),
    "constraints": replace(PLAIN, constraints=("setuptools<60",)),
    "visible": replace(PLAIN, visible=("numpy==1.0",)),
    "against": replace(PLAIN, against=("numpy==1.0",)),
}
TAGS = [Tag("cp311", "cp311", "linux_x86_64"), Tag("py3", "none", "any")]


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "cache"


@pytest.fixture
def shelf(cache: Path) -> Iterator[BuiltWheelCache]:
    with BuiltWheelCache(str(cache), Store(cache / "pipfast")) as shelf:
        yield shelf


def test_what_an_open_build_left_answers_an_isolated_one_only_where_it_is_trusted(
    cache: Path, tmp_path: Path
) -> None:
    store, seen = Store(cache / "pipfast"), replace(PLAIN, visible=("numpy==1.0",))
    with BuiltWheelCache(str(cache), store) as careful:
        careful.keep(built(tmp_path), LINK, ORIGIN, seen)
        assert careful.find(LINK, DEMO, TAGS, PLAIN) is None
    with BuiltWheelCache(str(cache), store, trusts_open=True) as trusting:
        assert trusting.find(LINK, DEMO, TAGS, PLAIN) is not None
        assert trusting.find(LINK, DEMO, TAGS, replace(PLAIN, visible=("numpy==2.0",))) is None
        assert trusting.find(LINK, DEMO, TAGS, replace(PLAIN, settings={"a": "b"})) is None


def built(folder: Path, content: str = "wheel", name: str = WHEEL) -> Path:
    """A file that a backend has just made."""
    wheel = folder / name
    wheel.parent.mkdir(parents=True, exist_ok=True)
    wheel.write_text(content, encoding="utf-8")
    return wheel


def read(kept: CachedWheel | None) -> str | None:
    """What is in the wheel that was found."""
    return kept.path.read_text("utf-8") if kept else None


def test_a_kept_wheel_is_where_pip_looks_for_it(
    tmp_path: Path, cache: Path, shelf: BuiltWheelCache
) -> None:
    kept = shelf.keep(built(tmp_path), LINK, ORIGIN, PLAIN)
    assert kept.folder == folder_of(str(cache), LINK, "cp311")
    assert sorted(path.name for path in kept.folder.iterdir()) == [WHEEL, "origin.json"]
    assert kept.sha256 == hashlib.sha256(b"wheel").hexdigest()


def test_a_kept_wheel_is_found(tmp_path: Path, shelf: BuiltWheelCache) -> None:
    kept = shelf.keep(built(tmp_path), LINK, ORIGIN, PLAIN)
    found = shelf.find(LINK, DEMO, TAGS, PLAIN)
    assert found is not None
    assert replace(found, path=kept.path) == kept
    assert found.path.samefile(kept.path)


def test_a_wheel_of_pip_is_found_with_its_origin(cache: Path, shelf: BuiltWheelCache) -> None:
    folder = folder_of(str(cache), LINK, "cp311")
    wheel = built(folder)
    write_origin(folder, ORIGIN, lambda _: None)
    kept = CachedWheel(wheel, folder, ORIGIN, hashlib.sha256(b"wheel").hexdigest())
    found = [shelf.find(LINK, DEMO, TAGS, PLAIN) for _ in range(2)]
    assert [replace(each, path=wheel) for each in found if each] == [kept, kept]


def test_a_wheel_that_was_found_outlives_a_purge(tmp_path: Path, shelf: BuiltWheelCache) -> None:
    kept = shelf.keep(built(tmp_path), LINK, ORIGIN, PLAIN)
    found = shelf.find(LINK, DEMO, TAGS, PLAIN)
    shutil.rmtree(kept.folder)
    assert (read(kept), read(found)) == ("wheel", "wheel")


def test_a_wheel_that_pip_built_anew_is_found_with_its_new_digest(
    tmp_path: Path, shelf: BuiltWheelCache
) -> None:
    kept = shelf.keep(built(tmp_path), LINK, ORIGIN, PLAIN)
    kept.path.write_text("another wheel", encoding="utf-8")
    found = shelf.find(LINK, DEMO, TAGS, PLAIN)
    assert found
    assert found.sha256 == hashlib.sha256(b"another wheel").hexdigest()


@pytest.mark.parametrize("asked", OTHERS.values(), ids=OTHERS)
def test_a_wheel_of_pip_answers_what_pip_would_not_ask_for_anew(
    cache: Path, shelf: BuiltWheelCache, asked: BuildKey
) -> None:
    built(folder_of(str(cache), LINK, "cp311"))
    kept = shelf.find(LINK, DEMO, TAGS, asked)
    assert (kept is not None) == (asked is OTHERS["ambient"])


@pytest.mark.parametrize("asked", OTHERS.values(), ids=OTHERS)
def test_each_question_has_its_own_wheel(
    tmp_path: Path, shelf: BuiltWheelCache, asked: BuildKey
) -> None:
    shelf.keep(built(tmp_path, "special"), LINK, ORIGIN, asked)
    assert shelf.find(LINK, DEMO, TAGS, PLAIN) is None
    shelf.keep(built(tmp_path, "plain"), LINK, ORIGIN, PLAIN)
    assert read(shelf.find(LINK, DEMO, TAGS, asked)) == "special"
    assert read(shelf.find(LINK, DEMO, TAGS, PLAIN)) == "plain"
    for other in OTHERS.values():
        if other != asked:
            assert shelf.find(LINK, DEMO, TAGS, other) is None


def test_pip_is_not_shown_what_variables_of_ours_made(
    tmp_path: Path, cache: Path, shelf: BuiltWheelCache
) -> None:
    shelf.keep(built(tmp_path), LINK, ORIGIN, OTHERS["variables"])
    assert not (cache / "wheels").exists()


def test_pip_is_shown_what_it_would_have_kept_itself(
    tmp_path: Path, cache: Path, shelf: BuiltWheelCache
) -> None:
    kept = shelf.keep(built(tmp_path), LINK, ORIGIN, OTHERS["settings"])
    assert kept.folder == folder_of(str(cache), LINK, "cp311")
    assert (kept.folder / WHEEL).read_text("utf-8") == "wheel"


def test_other_contents_at_the_same_address_are_not_what_was_built(
    tmp_path: Path, shelf: BuiltWheelCache
) -> None:
    link = Link(url="file:///srv/demo-1.0.tar.gz")
    shelf.keep(built(tmp_path), link, ORIGIN, replace(PLAIN, source="sha256:01"))
    assert shelf.find(link, DEMO, TAGS, replace(PLAIN, source="sha256:02")) is None
    assert shelf.find(link, DEMO, TAGS, replace(PLAIN, source="sha256:01"))


def test_the_same_contents_are_found_at_another_address(
    tmp_path: Path, shelf: BuiltWheelCache
) -> None:
    shelf.keep(built(tmp_path), LINK, ORIGIN, PLAIN)
    mirror = Link(url="file:///srv/d.tar.gz")
    found = shelf.find(mirror, None, TAGS, replace(PLAIN, source=str(SHA256)))
    assert found
    assert found.origin == ArchiveOrigin(url=mirror.url, digests=(SHA256,))


def test_another_folder_of_the_same_archive_is_another_source(
    tmp_path: Path, shelf: BuiltWheelCache
) -> None:
    shelf.keep(built(tmp_path), LINK, ORIGIN, PLAIN)
    assert shelf.find(replace(LINK, fragment="subdirectory=b"), DEMO, TAGS, PLAIN) is None


def test_without_a_name_a_link_alone_finds_nothing(tmp_path: Path, shelf: BuiltWheelCache) -> None:
    link = Link(url=LINK.url)
    shelf.keep(built(tmp_path), link, ORIGIN, PLAIN)
    assert shelf.find(link, None, TAGS, PLAIN) is None
    assert shelf.find(link, DEMO, TAGS, PLAIN)


@pytest.mark.parametrize("asked", OTHERS.values(), ids=OTHERS)
def test_a_link_alone_finds_what_was_built_from_it_with_the_same_settings(
    tmp_path: Path, shelf: BuiltWheelCache, asked: BuildKey
) -> None:
    link = Link(url=LINK.url)
    shelf.keep(built(tmp_path), link, ORIGIN, replace(asked, source=str(SHA256)))
    assert read(shelf.find(link, DEMO, TAGS, asked)) == "wheel"
    assert shelf.find(link, DEMO, TAGS, replace(asked, source="sha256:00")) is None
    assert shelf.find(link, None, TAGS, asked) is None
    assert shelf.find(link, DEMO, TAGS, PLAIN) is None


def test_a_wheel_of_another_project_is_passed_over(tmp_path: Path, shelf: BuiltWheelCache) -> None:
    shelf.keep(built(tmp_path), LINK, ORIGIN, PLAIN)
    assert shelf.find(LINK, NormalizedName("other"), TAGS, PLAIN) is None


def test_a_local_version_is_no_reason_to_pass_a_wheel_over(
    tmp_path: Path, shelf: BuiltWheelCache
) -> None:
    shelf.keep(built(tmp_path, name="demo-1.0+cpu-py3-none-any.whl"), LINK, ORIGIN, PLAIN)
    assert shelf.find(LINK, DEMO, TAGS, PLAIN)


def test_the_wheel_with_the_best_tag_is_found(tmp_path: Path, shelf: BuiltWheelCache) -> None:
    shelf.keep(built(tmp_path), LINK, ORIGIN, PLAIN)
    special = built(tmp_path, name="demo-1.0-cp311-cp311-linux_x86_64.whl")
    foreign = built(tmp_path, name="demo-1.0-cp27-none-any.whl")
    for wheel in (foreign, special):
        shelf.keep(wheel, LINK, ORIGIN, PLAIN)
    found = shelf.find(LINK, DEMO, TAGS, PLAIN)
    assert found
    assert found.path.name == special.name


def test_a_branch_is_not_kept_unless_its_contents_are_known(
    tmp_path: Path, cache: Path, shelf: BuiltWheelCache
) -> None:
    known = replace(PLAIN, source=f"{COMMIT} v1.0")
    for asked in (PLAIN, known):
        shelf.keep(built(tmp_path), BRANCH, AT_BRANCH, asked)
        assert not (cache / "wheels").exists()
    assert shelf.find(BRANCH, DEMO, TAGS, PLAIN) is None
    assert shelf.find(BRANCH, DEMO, TAGS, known)
    assert shelf.find(BRANCH, DEMO, TAGS, replace(PLAIN, source=f"{COMMIT} v1.0 v1.1")) is None


def test_a_commit_is_found_before_it_is_checked_out(tmp_path: Path, shelf: BuiltWheelCache) -> None:
    link = Link(url=f"git+https://example.org/demo.git@{COMMIT}")
    origin = replace(AT_BRANCH, requested=COMMIT)
    shelf.keep(built(tmp_path), link, origin, replace(PLAIN, source=COMMIT))
    found = shelf.find(link, DEMO, TAGS, PLAIN)
    assert found
    assert found.origin == origin


def test_what_a_folder_gave_is_gone_after_the_run(tmp_path: Path, cache: Path) -> None:
    (tmp_path / "source").mkdir()
    link = Link(url=(tmp_path / "source").as_uri())
    with BuiltWheelCache(str(cache), Store(cache / "pipfast")) as shelf:
        asked = replace(PLAIN, source="sha256:01")
        kept = shelf.keep(built(tmp_path), link, FolderOrigin(url=link.url), asked)
        assert kept.path.read_text("utf-8") == "wheel"
        assert shelf.find(link, DEMO, TAGS, asked) is None
    assert not kept.path.exists()
    assert not list(cache.rglob("*.whl"))


def test_without_a_cache_a_wheel_lives_as_long_as_the_run(tmp_path: Path) -> None:
    with BuiltWheelCache(None, Store(tmp_path / "passing")) as shelf:
        kept = shelf.keep(built(tmp_path), LINK, ORIGIN, PLAIN)
        assert read(kept) == "wheel"
        assert read(shelf.find(LINK, None, TAGS, PLAIN)) == "wheel"
    assert not kept.folder.exists()


def test_a_cache_that_cannot_be_written_is_done_without(tmp_path: Path) -> None:
    blocked = tmp_path / "blocked"
    blocked.write_text("not a folder", encoding="utf-8")
    with BuiltWheelCache(str(blocked), Store(blocked / "pipfast")) as shelf:
        assert read(shelf.keep(built(tmp_path), LINK, ORIGIN, PLAIN)) == "wheel"


def test_a_wheel_that_somebody_removed_is_not_found(tmp_path: Path, shelf: BuiltWheelCache) -> None:
    shutil.rmtree(shelf.keep(built(tmp_path), LINK, ORIGIN, PLAIN).folder)
    assert shelf.find(LINK, DEMO, TAGS, PLAIN) is None
