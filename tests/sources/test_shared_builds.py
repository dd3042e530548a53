"""Which builds are shared, what is part of their key, and which files are accepted."""

from __future__ import annotations

import time
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path

import pytest
from packaging.tags import Tag
from packaging.utils import NormalizedName

from pipfast.model.digest import Digest
from pipfast.model.direct_url import ArchiveOrigin, FolderOrigin, Origin, RepositoryOrigin
from pipfast.model.events import Event, silent
from pipfast.model.frozen_dataclass import replace
from pipfast.model.link import Link
from pipfast.remote_store.events import RemoteObjectRefused
from pipfast.remote_store.folder_engine import FolderEngine
from pipfast.remote_store.objects import Manifest, sealed
from pipfast.remote_store.remote import Place, RemoteStore
from pipfast.remote_store.secret import Secret
from pipfast.sources.shared_builds import SharedBuild, SharedBuilds
from pipfast.store.build_cache.build_key import BuildKey
from pipfast.store.filesystem.root import Store

SECRET = Secret("a secret of at least 16 characters")
DEMO = NormalizedName("demo")
LINK = Link(url="https://example.com/demo-1.0.tar.gz")
ARCHIVE = ArchiveOrigin(url=LINK.url, digests=(Digest("sha256", "1" * 64),))
KEY = BuildKey(python="cp311", platform="linux-x86_64")
MACHINE: Mapping[str, object] = {"tag": "cp311-cp311-linux_x86_64", "platforms": ["a"]}
TAGS = (Tag("cp311", "cp311", "linux_x86_64"), Tag("py3", "none", "any"))
COMMIT = "0" * 40
AT_COMMIT = Link(url=f"git+https://user:token@example.com/demo@{COMMIT}")


def repository(requested: str = COMMIT, system: str = "git") -> RepositoryOrigin:
    url = "https://user:token@example.com/demo"
    return RepositoryOrigin(url=url, system=system, commit=COMMIT, requested=requested)


@pytest.fixture
def said() -> list[Event]:
    return []


@pytest.fixture
def builds(tmp_path: Path, said: list[Event]) -> SharedBuilds:
    return made(tmp_path, said)


def made(
    tmp_path: Path, said: list[Event], machine: Mapping[str, object] = MACHINE
) -> SharedBuilds:
    for name in ("shelf", "store"):
        (tmp_path / name).mkdir(exist_ok=True)
    engine = FolderEngine(tmp_path / "shelf")
    place = Place(open=lambda: engine, shown="file:", secret=SECRET, signer=SECRET, writes=True)
    remote = RemoteStore(place, Store(tmp_path / "store"), said.append)
    return SharedBuilds(remote, lambda: machine, tags=TAGS, is_asked=lambda name: name != "here")


@pytest.mark.parametrize(
    ("link", "origin", "is_shared"),
    [
        (LINK, ARCHIVE, True),
        (LINK, ArchiveOrigin(url=LINK.url), False),
        (LINK, ArchiveOrigin(url=LINK.url, digests=(Digest("md5", "1" * 32),)), False),
        (Link(url="file:///demo"), FolderOrigin(url="file:///demo"), False),
        (AT_COMMIT, repository(), True),
        (AT_COMMIT, repository(requested="main"), False),
        (AT_COMMIT, repository(system="hg"), False),
    ],
    ids=str,
)
def test_only_archives_and_commits_are_shared(
    link: Link, origin: Origin, is_shared: bool, builds: SharedBuilds
) -> None:
    assert builds.may_share(link, origin, KEY) is is_shared


@pytest.mark.parametrize(
    "key",
    [
        replace(KEY, ambient={"CFLAGS": "-O2 -march=native"}),
        replace(KEY, variables={"RUSTFLAGS": "-C target-cpu=native"}),
        replace(KEY, settings={"--build-option": ["-mtune=native"]}),
    ],
    ids=str,
)
def test_builds_for_one_processor_are_not_shared(key: BuildKey, builds: SharedBuilds) -> None:
    assert not builds.may_share(LINK, ARCHIVE, key)


def test_everything_that_a_build_reads_is_part_of_its_key(
    tmp_path: Path, said: list[Event], builds: SharedBuilds
) -> None:
    other = ArchiveOrigin(url=LINK.url, digests=(Digest("sha256", "2" * 64),))
    older = made(tmp_path, said, {**MACHINE, "platforms": ["b"]})
    keys = [
        builds.build(LINK, ARCHIVE, KEY, ["setuptools==80"], DEMO),
        builds.build(LINK, ARCHIVE, KEY, ["setuptools==81"], DEMO),
        builds.build(LINK, other, KEY, ["setuptools==80"], DEMO),
        builds.build(replace(LINK, fragment="subdirectory=a"), ARCHIVE, KEY, [], DEMO),
        *(
            builds.build(LINK, ARCHIVE, replace(KEY, **changes), ["setuptools==80"], DEMO)
            for changes in (
                {"python": "cp312"},
                {"platform": "linux-aarch64"},
                {"settings": {"a": "b"}},
                {"variables": {"A": "b"}},
                {"ambient": {"CFLAGS": "-O1"}},
                {"constraints": ("numpy<2",)},
                {"visible": ("torch==2.0",)},
                {"against": ("torch==2.0",)},
            )
        ),
        older.build(LINK, ARCHIVE, KEY, ["setuptools==80"], DEMO),
    ]
    wheels, metadata = {one.wheel_key for one in keys}, {one.metadata_key for one in keys}
    assert len(wheels | metadata) == 2 * len(keys)


def test_the_address_and_its_credentials_are_not_part_of_the_key(builds: SharedBuilds) -> None:
    mirror = Link(url="https://mirror.example.com/demo-1.0.tar.gz")
    elsewhere = replace(ARCHIVE, url=mirror.url)
    assert builds.build(LINK, ARCHIVE, KEY, [], DEMO) == builds.build(
        mirror, elsewhere, KEY, [], DEMO
    )
    other = replace(repository(), url="https://you:secret@example.com/demo")
    assert builds.build(AT_COMMIT, repository(), KEY, [], DEMO) == builds.build(
        AT_COMMIT, other, KEY, [], DEMO
    )


def stored(tmp_path: Path, build: SharedBuild, filename: str) -> None:
    """Put an object into the store whose manifest, signed with the secret, names a file."""
    content = b"a wheel"
    manifest = Manifest(
        key=build.wheel_key,
        sha256=sha256(content).hexdigest(),
        size=len(content),
        made=time.time(),
        seconds=1.0,
        file=filename,
    )
    place = tmp_path / "shelf" / SECRET.name_of(build.wheel_key)
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(sealed(manifest, SECRET) + content)


@pytest.mark.parametrize(
    ("filename", "is_used"),
    [
        ("demo-1.0-py3-none-any.whl", True),
        ("demo-1.0-cp311-cp311-linux_x86_64.whl", True),
        ("demo-1.0-cp312-cp312-linux_x86_64.whl", False),
        ("other-1.0-py3-none-any.whl", False),
        ("../demo-1.0-py3-none-any.whl", False),
        ("/tmp/demo-1.0-py3-none-any.whl", False),
        ("demo.txt", False),
        ("", False),
    ],
)
def test_only_wheels_of_the_project_for_this_python_are_used(
    filename: str, is_used: bool, tmp_path: Path, builds: SharedBuilds, said: list[Event]
) -> None:
    build = builds.build(LINK, ARCHIVE, KEY, [], DEMO)
    stored(tmp_path, build, filename)
    found = builds.wheel(build, tmp_path / "built", DEMO, silent)
    assert (found is not None) is is_used
    assert [type(one) for one in said] == ([] if is_used else [RemoteObjectRefused])
    assert [path.name for path in (tmp_path / "built").iterdir()] == [filename] * is_used


def test_without_the_check_a_file_would_leave_its_folder(
    tmp_path: Path, builds: SharedBuilds, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(SharedBuilds, "_is_usable", lambda *_: True)
    build = builds.build(LINK, ARCHIVE, KEY, [], DEMO)
    stored(tmp_path, build, "../demo-1.0-py3-none-any.whl")
    builds.wheel(build, tmp_path / "built", DEMO, silent)
    assert (tmp_path / "demo-1.0-py3-none-any.whl").exists()


def test_a_project_that_is_to_be_built_here_is_not_looked_up(
    tmp_path: Path, builds: SharedBuilds
) -> None:
    build = builds.build(LINK, ARCHIVE, KEY, [], NormalizedName("here"))
    stored(tmp_path, build, "here-1.0-py3-none-any.whl")
    assert builds.wheel(build, tmp_path / "built", NormalizedName("here"), silent) is None
    assert builds.metadata(build, silent) is None
