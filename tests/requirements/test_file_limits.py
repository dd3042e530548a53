"""Each limit on files that users name, at the limit and one beyond."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from pipfast.errors import InstallationError
from pipfast.model.file_urls import url_of_path
from pipfast.model.input_limits import LimitExceeded
from pipfast.policy.selection import FormatControl
from pipfast.requirements.dependency_groups import group_requirements
from pipfast.requirements.inline_script import script_requirements
from pipfast.requirements.pylock_reader import LockRequest, LockTarget, locked_requirements
from pipfast.requirements.requirements_file import Reader, read_file

BEYOND = pytest.mark.parametrize("beyond", [0, 1])
LOCK = b'lock-version = "1.0"\ncreated-by = "x"\npackages = []\n'
SCRIPT = b"# /// script\n# dependencies = []\n# ///\n"


def requirements(path: str) -> object:
    return list(read_file(path, READER))


def lock_file(path: str) -> object:
    target = LockTarget(markers={}, tags=[])
    return list(locked_requirements(LockRequest(path=path), target, FormatControl(), READER))


def script(path: str) -> object:
    return script_requirements(path, (3, 11))


def group(path: str) -> object:
    return group_requirements([(path, "g")])


CONTENT: dict[str, bytes] = {}
READER = Reader(remote=lambda url: CONTENT[url].decode(), environ={})


def check(read: Callable[[str], object], path: str, *, fits: bool) -> None:
    if fits:
        read(path)
    else:
        with pytest.raises(LimitExceeded) as caught:
            read(path)
        assert caught.value.source == path


@BEYOND
@pytest.mark.parametrize("remote", ["", "file", "http"])
@pytest.mark.parametrize(
    ("read", "constant", "content", "name"),
    [
        (requirements, "requirements_file.REQUIREMENTS_SIZE", b"a\n", "r.txt"),
        (lock_file, "pylock_reader.TOML_SIZE", LOCK, "pylock.toml"),
        (script, "inline_script.TOML_SIZE", SCRIPT, "x.py"),
        (group, "dependency_groups.PROJECT_FILE_SIZE", b"[dependency-groups]\ng = []", "p.toml"),
    ],
)
def test_sizes(
    read: Callable[[str], object], constant: str, content: bytes, name: str, remote: str,
    beyond: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(f"pipfast.requirements.{constant}", 200)
    path, content = str(tmp_path / name), (content + b"\n").ljust(200 + beyond, b"#")
    Path(path).write_bytes(content)
    if remote and read in (script, group):
        pytest.skip("these are only read from the file system")
    if remote == "file":
        path = url_of_path(path)
    elif remote == "http":
        path = "http://h.test/" + name
        CONTENT[path] = content
    check(read, path, fits=not beyond)


@BEYOND
def test_the_lines_of_requirements(
    beyond: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipfast.requirements.requirements_file.REQUIREMENTS_LINES", 3 - beyond)
    (tmp_path / "r.txt").write_text("a\nb\nc\n")
    check(requirements, str(tmp_path / "r.txt"), fits=not beyond)


@pytest.mark.parametrize(
    "text", ["# a = " + "[" * 50_000, "# requires-python = ['a']", "# dependencies = 1"]
)
def test_a_script_with_other_values_is_an_error(text: str, tmp_path: Path) -> None:
    (tmp_path / "x.py").write_text(f"# /// script\n{text}\n# ///\n")
    with pytest.raises(Exception, match="Failed to parse TOML"):
        script(str(tmp_path / "x.py"))


@pytest.mark.parametrize("name", ["a\0b", "file:a\0b", "//[x"])
def test_a_name_that_no_file_can_have_is_an_error(name: str) -> None:
    with pytest.raises(InstallationError):
        requirements(name)
