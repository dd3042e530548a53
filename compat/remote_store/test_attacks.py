"""Whoever can write into the store cannot make a run use what was not made for it.

Each case alters the object of a wheel. The run must build the wheel itself, say once that an object
was refused, and put a good one in its place. `tests/remote_store/test_objects.py` shows that each
check is needed.
"""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from compat.remote_store.machines import KEY, Machine, Works
from pipfast.model.frozen_dataclass import replace
from pipfast.remote_store.objects import LONGEST, Manifest, sealed
from pipfast.remote_store.secret import Secret

Change = Callable[[bytes, bytes], bytes]
"""Returns what stands in the store, given the object itself and that of another wheel."""


def parts(whole: bytes) -> tuple[bytes, Manifest, bytes, bytes]:
    """Return the first line, the manifest, the signature and the content of an object."""
    first, document, signature, content = whole.split(b"\n", 3)
    return first, Manifest(**json.loads(document)), signature, content


def _again(whole: bytes, secret: str = KEY, **changes: object) -> bytes:
    """Return the object with changes of its manifest, signed by somebody who has a secret."""
    _, manifest, _, content = parts(whole)
    return sealed(replace(manifest, **changes), Secret(secret)) + content  # type: ignore[arg-type]


def _flipped(whole: bytes, at: int) -> bytes:
    changed = bytearray(whole)
    changed[at] ^= 1
    return bytes(changed)


def _other_content(own: bytes, other: bytes) -> bytes:
    return own[: len(own) - len(parts(own)[3])] + parts(other)[3]


CHANGES: dict[str, Change] = {
    "swapped": lambda _, other: other,
    "manifest of another wheel": lambda own, other: _other_content(other, own),
    "content of another wheel": _other_content,
    "replayed after its time": lambda own, _: _again(own, made=time.time() - LONGEST - 60),
    "from the future": lambda own, _: _again(own, made=time.time() + 10 * 86_400),
    "signed by another key": lambda own, _: _again(own, "the secret of an attacker"),
    "not signed": lambda own, _: own.replace(parts(own)[2], b"", 1),
    "a bit of the content": lambda own, _: _flipped(own, len(own) - 20),
    "a bit of the manifest": lambda own, _: _flipped(own, 40),
    "a bit of the signature": lambda own, _: _flipped(own, own.index(parts(own)[2])),
    "truncated": lambda own, _: own[:-10],
    "truncated in the manifest": lambda own, _: own[:60],
    "longer": lambda own, _: own + b"more",
    "empty": lambda own, other: b"",  # noqa: ARG005
    "a web page": lambda own, other: b"<html>Log in</html>" * 1000,  # noqa: ARG005
    "a name that leaves the folder": lambda own, _: _again(
        own, file="../../demo-1.0-py3-none-any.whl"
    ),
    "a wheel of another project": lambda own, _: _again(own, file="other-1.0-py3-none-any.whl"),
}


def _object(shelf: Path, kind: str, known: set[Path]) -> Path:
    for path in sorted(set(shelf.rglob("*")) - known):
        if path.is_file() and parts(path.read_bytes())[1].key.startswith(kind):
            return path
    raise AssertionError(kind)


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> tuple[Works, Path, Path, Path]:
    """Sources, a store with their objects, and in it the objects of two wheels."""
    place = tmp_path_factory.mktemp("filled")
    shelf, index = place / "shelf", place / "index"
    for folder in (shelf, index):
        folder.mkdir()
    works = Works(index, place / "log")
    first = Machine(folder=place, url=shelf.as_uri(), index=index)
    found: list[Path] = []
    for name in ("demo", "other"):
        known = set(shelf.rglob("*"))
        works.add(name)
        assert first.install(name).code == 0
        found.append(_object(shelf, "wheel", known).relative_to(shelf))
    works.made()
    return works, shelf, found[0], found[1]


@pytest.mark.parametrize("change", CHANGES)
def test_an_altered_object_is_refused_and_replaced(
    change: str, filled: tuple[Works, Path, Path, Path], tmp_path: Path
) -> None:
    works, honest, of_demo, of_other = filled
    shelf = tmp_path / "shelf"
    shutil.copytree(honest, shelf)
    own, good = shelf / of_demo, (honest / of_demo).read_bytes()
    own.write_bytes(CHANGES[change](good, (honest / of_other).read_bytes()))
    victim = Machine(folder=tmp_path, url=shelf.as_uri(), index=works.index)
    ended = victim.install("demo")
    assert (ended.code, works.made()) == (0, ["metadata", "wheel"])
    assert ended.errors.count("WARNING") == 1, ended.errors
    assert "What the remote store has for demo is not used" in ended.errors
    assert "Using cached demo" not in ended.output
    assert victim.remote()["refused"] == 1
    assert parts(own.read_bytes())[3] == parts(good)[3]


def test_names_of_objects_say_nothing_about_projects(
    filled: tuple[Works, Path, Path, Path],
) -> None:
    _, shelf, *_ = filled
    for path in shelf.rglob("*"):
        assert "demo" not in path.name
        if path.is_file():  # nor can who knows the key of a build compute the name
            key = parts(path.read_bytes())[1].key
            assert path != shelf / Secret("guessed by a tenant").name_of(key)
            assert path == shelf / Secret(KEY).name_of(key)
