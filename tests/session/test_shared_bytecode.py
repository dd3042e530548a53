"""Which bytecode two machines share, and when a run stops asking for it."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from pipfast.environment.interpreter import Interpreter, interpreter
from pipfast.model.events import Event, Message
from pipfast.model.frozen_dataclass import replace
from pipfast.remote_store.events import (
    RemoteBytecodeGivenUp,
    RemoteObjectAnswered,
    RemoteObjectAsked,
)
from pipfast.remote_store.folder_engine import FolderEngine
from pipfast.remote_store.objects import Manifest, sealed
from pipfast.remote_store.remote import Place, RemoteStore
from pipfast.remote_store.secret import Secret
from pipfast.remote_store.upload import PATIENT, upload
from pipfast.session.shared_bytecode import SMALLEST_WHEEL, SharedBytecode, shared_bytecode
from pipfast.store.filesystem.root import Store
from tests.remote_store.test_remote import Scripted, hangs

SECRET = Secret("a secret of at least 16 characters")
DIGEST, OTHER = "a" * 64, "b" * 64
FILE = "demo-1.0-py3-none-any.whl"
KEY = "cpython-311-a70d0d0a"


@pytest.fixture(scope="module")
def own() -> Interpreter:
    return interpreter(sys.executable, Store(Path("/nowhere")))


class Sharing:
    """Makes runs that share a store."""

    def __init__(self, place: Path) -> None:
        self.place = place
        self.engine: Any = FolderEngine(place)
        self.said: list[Event] = []

    def run(self, python: Interpreter, key: str = KEY) -> tuple[RemoteStore, SharedBytecode]:
        opened = Place(
            open=lambda: self.engine, shown="http://here", secret=SECRET, signer=SECRET, writes=True
        )
        store = Store(self.place / "store")
        remote = RemoteStore(opened, store, self.said.append)
        folder = self.place / f"downloads-{len([*self.place.iterdir()])}"
        folder.mkdir()
        return remote, SharedBytecode(remote, python, key, folder, self.said.append, store)

    def finds(self, python: Interpreter, digest: str = DIGEST, key: str = KEY) -> bool:
        """Return whether there is an object for a wheel."""
        remote, shared = self.run(python, key)
        shared.expect(digest, FILE, SMALLEST_WHEEL)
        shared.report()
        found = shared.may_come(digest)
        shared.close()
        remote.close()
        return found


@pytest.fixture
def sharing(tmp_path: Path) -> Sharing:
    made = Sharing(tmp_path)
    (tmp_path / "store").mkdir()
    return made


@pytest.fixture
def offered(sharing: Sharing, own: Interpreter, tmp_path: Path) -> Sharing:
    """An object for a wheel and `own`."""
    remote, shared = sharing.run(own)
    (tmp_path / "pack").write_bytes(b"x" * 100)
    shared.expect(DIGEST, FILE, None)
    shared.report()
    asked = [one for one in sharing.said if isinstance(one, RemoteObjectAsked)]
    assert asked[0].is_bytecode
    remote.offer(shared._lookups[DIGEST].key, tmp_path / "pack", 3.0)
    assert upload(remote, PATIENT).count == 1
    return sharing


CHANGES: dict[str, Callable[[Interpreter], Interpreter]] = {
    "release": lambda own: replace(own, version_info=(3, 11, 99)),
    "version": lambda own: replace(own, version_info=(3, 12, 0)),
    "implementation": lambda own: replace(own, implementation="pypy"),
    "magic number": lambda own: replace(own, magic_number="ffffffff"),
    "platform": lambda own: replace(own, platform="linux-riscv64"),
}


def test_an_equal_interpreter_elsewhere_finds_it(offered: Sharing, own: Interpreter) -> None:
    assert offered.finds(replace(own, executable="/elsewhere/python", prefix="/elsewhere"))
    assert offered.finds(own, key=f"{KEY}-hashed")  # only headers differ


@pytest.mark.parametrize("change", CHANGES)
def test_another_interpreter_does_not(change: str, offered: Sharing, own: Interpreter) -> None:
    assert not offered.finds(CHANGES[change](own))


def test_another_level_of_optimization_or_wheel_does_not(
    offered: Sharing, own: Interpreter
) -> None:
    assert not offered.finds(own, key="cpython-311.opt-1-a70d0d0a")
    assert not offered.finds(own, OTHER)


def test_small_wheels_are_not_asked_for(sharing: Sharing, own: Interpreter) -> None:
    _, shared = sharing.run(own)
    shared.expect(DIGEST, FILE, SMALLEST_WHEEL - 1)
    shared.report()
    assert sharing.said == []
    assert not shared.may_come(DIGEST)


def test_a_storage_that_hangs_costs_its_patience_once_and_no_warning(
    sharing: Sharing, own: Interpreter
) -> None:
    sharing.engine = engine = Scripted(hangs)
    remote, shared = sharing.run(own)
    began = time.monotonic()
    for number in range(40):
        shared.expect(f"{number:064}", FILE, None)
    shared.report()
    assert time.monotonic() - began < 3
    assert engine.asked <= 12
    assert remote.is_open
    levels = {one.level.name for one in sharing.said if isinstance(one, Message)}
    assert levels == {"DEBUG", "VERBOSE"}
    assert any(isinstance(one, RemoteBytecodeGivenUp) for one in sharing.said)
    shared.report()
    count = len(sharing.said)
    shared.report()
    assert len(sharing.said) == count


def test_a_download_that_takes_longer_than_compiling_is_given_up(
    sharing: Sharing, own: Interpreter
) -> None:
    remote, shared = sharing.run(own)
    shared.expect(DIGEST, FILE, None)
    key = shared._lookups[DIGEST].key
    shared.report()
    sharing.said.clear()

    def drips() -> Iterator[bytes]:
        made = Manifest(key=key, sha256="0" * 64, size=10**6, made=time.time(), seconds=0.6)
        yield sealed(made, SECRET)
        while True:
            time.sleep(0.1)
            yield b"x" * 1000

    sharing.engine = Scripted(drips)
    _, second = sharing.run(own)
    began = time.monotonic()
    second.expect(DIGEST, FILE, None)
    second.report()
    assert time.monotonic() - began < 2.0
    assert [type(one) for one in sharing.said] == [
        RemoteObjectAsked,
        RemoteObjectAnswered,
        RemoteBytecodeGivenUp,
    ]
    assert remote.is_open


def test_what_was_downloaded_is_removed(sharing: Sharing, own: Interpreter, tmp_path: Path) -> None:
    remote, _ = sharing.run(own)
    store = Store(tmp_path / "store")
    with shared_bytecode(remote, own, KEY, store, sharing.said.append) as shared:
        assert shared is not None
        assert [*(tmp_path / "store" / "tmp").iterdir()] != []
    assert [*(tmp_path / "store" / "tmp").iterdir()] == []
