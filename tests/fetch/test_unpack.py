from __future__ import annotations

import io
import os
import sys
import tarfile
import zipfile
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipfast.errors import InstallationError
from pipfast.fetch.archive_limits import Bomb
from pipfast.fetch.unpack import BrokenArchive, unpack
from tests.kit.archives import Kind, Member, members
from tests.kit.archives import archive as packed

SUFFIXES = (
    ".tar.gz", ".tgz", ".tar.bz2", ".tbz", ".tar.xz", ".txz", ".tlz", ".tar.lz", ".tar.lzma",
    ".tar", ".zip",
)  # fmt: skip


def put(folder: Path, content: bytes, name: str = "p-1.tar.gz") -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


def unpacked(folder: Path, content: bytes, name: str = "p-1.tar.gz") -> Path:
    out = folder / "out" / "tree"
    unpack(put(folder, content, name), out)
    return out


def files(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): path.read_text("utf-8")
        for path in folder.rglob("*")
        if path.is_file()
    }


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_every_kind_of_archive_is_unpacked_without_the_folder_around_it(
    tmp_path: Path, suffix: str
) -> None:
    content = packed(suffix, members({"setup.py": "s", "pkg/mod.py": "m"}, "p-1"))
    assert files(unpacked(tmp_path, content, f"p-1{suffix}")) == {
        "setup.py": "s",
        "pkg/mod.py": "m",
    }


@pytest.mark.parametrize("suffix", [".tar.gz", ".zip"])
@pytest.mark.parametrize(
    ("names", "laid"),
    [
        (["a", "b/c"], ["a", "b/c"]),
        (["x/a", "y/b"], ["x/a", "y/b"]),
        (["./a", "./p/b"], ["a", "p/b"]),
        (["p/q/a", "p/q/b"], ["q/a", "q/b"]),
        (["p\\a", "p\\b"], ["a", "b"]),
    ],
)
def test_only_a_folder_around_everything_is_left_out(
    tmp_path: Path, suffix: str, names: list[str], laid: list[str]
) -> None:
    content = packed(suffix, members(dict.fromkeys(names, "")))
    assert sorted(files(unpacked(tmp_path, content, f"p{suffix}"))) == laid


@pytest.mark.parametrize(
    ("bad", "text"),
    [
        (Member(path="p/../../evil"), "would be extracted to"),
        (Member(path="p/l", kind=Kind.SYMBOLIC, target="../../x"), "would link to"),
        (Member(path="p/l", kind=Kind.SYMBOLIC, target="/etc/passwd"), "absolute"),
        (Member(path="p/l", kind=Kind.HARD, target="p/../../x"), "would link to"),
        (Member(path="p/null", kind=Kind.DEVICE), "special file"),
        (Member(path="p/pipe", kind=Kind.PIPE), "special file"),
        (Member(path="p/l/", kind=Kind.SYMBOLIC, target=".."), "outside the destination"),
    ],
)
def test_a_member_that_would_lie_or_lead_elsewhere_or_is_a_device_is_refused(
    tmp_path: Path, bad: Member, text: str
) -> None:
    content = packed(".tar.gz", (Member(path="p/a"), bad))
    with pytest.raises(InstallationError, match="Invalid member in the tar file") as caught:
        unpacked(tmp_path, content)
    assert text in caught.value.message
    assert not list((tmp_path / "out").glob("evil"))


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="every such Python has PEP 706")
@pytest.mark.parametrize(
    "bad",
    [
        Member(path="p/../../evil"),
        Member(path="p/l", kind=Kind.SYMBOLIC, target="../../x"),
        Member(path="p/l", kind=Kind.SYMBOLIC, target="/etc/passwd"),
        Member(path="p/l", kind=Kind.HARD, target="p/../../x"),
        Member(path="p/null", kind=Kind.DEVICE),
    ],
)
def test_a_python_without_filters_refuses_the_same(
    tmp_path: Path, bad: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipfast.fetch.unpack._HAS_FILTERS", False)
    fine = (
        Member(path="p/a", body="x", mode=0o755),
        Member(path="p/s", kind=Kind.SYMBOLIC, target="a"),
    )
    assert files(unpacked(tmp_path, packed(".tar.gz", fine))) == {"a": "x", "s": "x"}
    with pytest.raises(InstallationError, match="Invalid member in the tar file"):
        unpacked(tmp_path / "out", packed(".tar.gz", (Member(path="p/a"), bad)))


@pytest.mark.skipif(os.name == "nt", reason="links need a privilege there")
def test_links_that_make_a_path_too_long_to_follow_lead_nowhere(tmp_path: Path) -> None:
    steps, content, at = "abcdefghijklmnop", [], "p"
    for step in steps:  # CVE-2025-4517: each link shortens the name of a long folder
        content.append(Member(path=f"{at}/{'d' * 247}", kind=Kind.FOLDER, mode=0o755))
        content.append(Member(path=f"{at}/{step}", kind=Kind.SYMBOLIC, target="d" * 247))
        at = f"{at}/{'d' * 247}"
    short = "/".join(steps)
    way = f"p/{short}/{'l' * 254}"
    content.append(Member(path=way, kind=Kind.SYMBOLIC, target="../" * len(steps)))
    content.append(Member(path="p/out", kind=Kind.SYMBOLIC, target=f"{way[2:]}/../../../evil"))
    with pytest.raises(InstallationError, match="outside the destination"):
        unpacked(tmp_path, packed(".tar.gz", content))


@pytest.mark.parametrize("name", ["p/../../evil", "../evil", "/etc/evil"])
def test_a_zip_file_writes_nothing_outside(tmp_path: Path, name: str) -> None:
    content = packed(".zip", members({"p/a": "", name: ""}))
    with pytest.raises(InstallationError, match="trying to install outside target directory"):
        unpacked(tmp_path, content, "p.zip")
    assert {path.name for path in (tmp_path / "out").rglob("*")} <= {"tree", "p", "a"}


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")
@pytest.mark.parametrize("suffix", [".tar.gz", ".zip"])
def test_a_mode_is_the_umasks_and_executable_for_all_if_it_was_for_one(
    tmp_path: Path, suffix: str
) -> None:
    modes = {"plain": 0o600, "run": 0o755, "owner": 0o700, "set": 0o4755, "none": 0o000}
    content = packed(suffix, [Member(path=f"p/{name}", mode=mode) for name, mode in modes.items()])
    mask = os.umask(0o027)
    try:
        out = unpacked(tmp_path, content, f"p{suffix}")
    finally:
        os.umask(mask)
    assert {path.name: path.stat().st_mode & 0o7777 for path in out.iterdir()} == {
        "plain": 0o640, "run": 0o751, "owner": 0o751, "set": 0o751, "none": 0o640,
    }  # fmt: skip


@pytest.mark.skipif(os.name == "nt", reason="links need a privilege there")
def test_links_inside_are_kept_and_lose_the_folder_around_them(tmp_path: Path) -> None:
    out = unpacked(
        tmp_path,
        packed(
            ".tar.gz",
            (
                Member(path="p/a", body="x"),
                Member(path="p/d/s", kind=Kind.SYMBOLIC, target="../a"),
                Member(path="p/h", kind=Kind.HARD, target="p/a"),
            ),
        ),
    )
    assert (out / "d/s").readlink() == Path("../a")
    assert (out / "h").samefile(out / "a")


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("p.tar.gz", b"no archive"),
        ("p.zip", b"no archive"),
        ("p.tar.bz2", b"no archive"),
        ("p.tar.xz", b"no archive"),
        ("p.tar.gz", packed(".zip", members({"a": ""}))),
        ("p.tar.gz", packed(".tar.gz", members({"a": "text" * 99}))[:-30]),
        ("p.tar.gz", b""),
    ],
)
def test_what_is_no_archive_of_its_kind_ends_the_run_with_pips_code(
    tmp_path: Path, name: str, content: bytes
) -> None:
    with pytest.raises(BrokenArchive) as caught:
        unpacked(tmp_path, content, name)
    assert caught.value.exit_code == 2


def test_without_an_ending_the_first_bytes_decide(tmp_path: Path) -> None:
    for number, suffix in enumerate((".tar.gz", ".tar.xz", ".zip")):
        place = tmp_path / str(number)
        place.mkdir()
        assert files(unpacked(place, packed(suffix, members({"p/a": "x"})), "main")) == {"a": "x"}
    with pytest.raises(InstallationError, match="Cannot determine archive format of"):
        unpacked(tmp_path, b"text", "main")


def test_garbage_behind_an_archive_does_not_matter(tmp_path: Path) -> None:
    content = packed(".tar.gz", members({"p/a": "x"}))
    assert files(unpacked(tmp_path, content + b"garbage")) == {"a": "x"}


@pytest.mark.parametrize("suffix", [".tar.gz", ".tar", ".zip"])
def test_what_unpacks_to_far_more_than_sources_can_is_a_bomb(
    tmp_path: Path, suffix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipfast.fetch.archive_limits.BOMB_SIZE", 100_000)
    monkeypatch.setattr("pipfast.fetch.archive_limits.BOMB_RATIO", 20 if suffix != ".tar" else 0)
    content = packed(suffix, [Member(path="p/zeros", body=bytes(2_000_000))])
    with pytest.raises(Bomb):
        unpacked(tmp_path, content, f"p{suffix}")
    assert sum(len(text) for text in files(tmp_path / "out").values()) < 200_000


@given(
    st.dictionaries(
        st.text("ab/.", min_size=1, max_size=8).map(lambda path: f"p/{path}"),
        st.sampled_from([Kind.FILE, Kind.SYMBOLIC, Kind.HARD]),
        max_size=4,
    ),
    st.text("ab/.", min_size=1, max_size=8),
)
@pytest.mark.skipif(os.name == "nt", reason="links need a privilege there")
def test_nothing_ever_appears_outside_the_folder(
    tmp_path_factory: pytest.TempPathFactory, content: dict[str, Kind], target: str
) -> None:
    place = tmp_path_factory.mktemp("law")
    (place / "out").mkdir()
    made = [Member(path=path, body="x", kind=kind, target=target) for path, kind in content.items()]
    with suppress(InstallationError, OSError):
        unpacked(place, packed(".tar.gz", made))
    assert {path.name for path in place.iterdir()} == {"p-1.tar.gz", "out"}
    assert {path.name for path in (place / "out").iterdir()} <= {"tree"}
    tree = os.path.realpath(place / "out" / "tree")
    for path in (place / "out").rglob("*"):
        if os.path.exists(path):  # noqa: PTH110 - it is calm about a link to itself
            assert Path(os.path.realpath(path)).is_relative_to(tree)


def test_a_name_that_stands_twice_in_a_zip_file_means_the_last(tmp_path: Path) -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as twice:
        twice.writestr("p/a", "first")
        with pytest.warns(UserWarning, match="Duplicate"):
            twice.writestr("p/a", "last")
    assert files(unpacked(tmp_path, stream.getvalue(), "p.zip")) == {"a": "last"}


def test_an_empty_archive_leaves_an_empty_folder(tmp_path: Path) -> None:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w:gz"):
        pass
    assert list(unpacked(tmp_path, stream.getvalue()).iterdir()) == []
