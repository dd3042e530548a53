"""The remote store never ends a run and never makes it much longer."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from hashlib import sha256
from io import BytesIO
from pathlib import Path

import pytest

from pipfast.model.events import Event, Level, Message
from pipfast.model.frozen_dataclass import replace
from pipfast.remote_store.counts import total
from pipfast.remote_store.engine import Chunks, Engine, EngineFailed, LibraryMissing, Take
from pipfast.remote_store.events import (
    RemoteObjectAnswered,
    RemoteObjectAsked,
    RemoteObjectRefused,
    RemoteStoreFailed,
    RemoteStoreTooSlow,
    RemoteStoreUnusable,
)
from pipfast.remote_store.folder_engine import FolderEngine
from pipfast.remote_store.objects import Manifest, sealed
from pipfast.remote_store.outbox import Outbox
from pipfast.remote_store.remote import Place, RemoteStore
from pipfast.remote_store.secret import Secret
from pipfast.remote_store.upload import PATIENT, Limits, at_end_of_run, upload
from pipfast.report.render import text_of
from pipfast.store.filesystem.root import Store

SECRET = Secret("a secret of at least 16 characters")
CONTENT = b"x" * 10_000
SLACK = 0.6
"""Seconds that a busy machine may add."""


class Scripted:
    """A storage that does what a test says."""

    def __init__(self, chunks: Callable[[], Iterator[bytes]]) -> None:
        self.chunks = chunks
        self.asked = 0

    def get(self, name: str, take: Take) -> bool:
        del name
        self.asked += 1
        found = False
        for chunk in self.chunks():
            found = True
            take(chunk)
        return found

    def has(self, name: str) -> bool:
        del name
        return any(True for _ in self.chunks())

    def put(self, name: str, size: int, chunks: Chunks) -> None:
        del name, size, chunks
        for _ in self.chunks():
            pass

    def close(self) -> None:
        pass


class Run:
    """A run with a remote store; `said` are its messages, `told` those about lookups."""

    def __init__(self, store: Store, engine: Engine | Callable[[], Engine]) -> None:
        self.said: list[Event] = []
        self.told: list[Event] = []
        opening = engine if callable(engine) else lambda: engine
        place = Place(open=opening, shown="http://here", secret=SECRET, signer=SECRET, writes=True)
        self.remote = RemoteStore(place, store, self.said.append)

    def get(self, key: str = "wheel 1") -> bytes | None:
        file = BytesIO()
        found = self.remote.get(key, file, "demo", self.told.append)
        return None if found is None else file.getvalue()

    @property
    def kinds(self) -> list[type]:
        return [type(one) for one in self.said]


@pytest.fixture
def store(tmp_path: Path) -> Store:
    root = tmp_path / "cache" / "pipfast" / "v1"
    root.mkdir(parents=True)
    return Store(root)


@pytest.fixture
def shelf(tmp_path: Path) -> FolderEngine:
    (tmp_path / "shelf").mkdir()
    return FolderEngine(tmp_path / "shelf")


def whole(content: bytes = CONTENT, **changes: object) -> bytes:
    digest, now = sha256(content).hexdigest(), time.time()
    made = Manifest(key="wheel 1", sha256=digest, size=len(content), made=now, seconds=9.0)
    return sealed(replace(made, **changes), SECRET) + content  # type: ignore[arg-type]


def nothing() -> Iterator[bytes]:
    return iter(())


def fails() -> Iterator[bytes]:
    raise EngineFailed("no route")


def crashes() -> Iterator[bytes]:
    raise ZeroDivisionError("a bug of a library")


def hangs() -> Iterator[bytes]:
    time.sleep(20)
    yield b""


def drips() -> Iterator[bytes]:
    yield whole()[:400]
    while True:
        time.sleep(0.2)
        yield b"x"


def stops() -> Iterator[bytes]:
    yield whole(seconds=900.0)[:2000]  # so long a build is worth waiting for
    time.sleep(20)


def test_what_one_run_offers_another_one_gets(
    store: Store, shelf: FolderEngine, tmp_path: Path
) -> None:
    wheel = tmp_path / "demo-1.0-py3-none-any.whl"
    wheel.write_bytes(CONTENT)
    maker, taker = Run(store, shelf), Run(store, shelf)
    assert maker.get() is None
    maker.remote.offer("wheel 1", wheel, 12.0)
    wheel.unlink()  # the cache may be emptied meanwhile
    assert upload(maker.remote, PATIENT).count == 1
    assert taker.get() == CONTENT
    for one in (maker, taker):
        one.remote.close()
        assert one.said == []
    counts = total(store)
    assert counts is not None
    assert (counts.hits, counts.misses, counts.uploads) == (1, 1, 1)
    assert 11 < counts.saved <= 12


@pytest.mark.parametrize(
    ("script", "message"),
    [
        (fails, RemoteStoreFailed),
        (crashes, RemoteStoreFailed),
        (hangs, RemoteStoreTooSlow),
        (stops, RemoteStoreTooSlow),
    ],
)
def test_after_one_failure_the_store_is_not_asked_again(
    script: Callable[[], Iterator[bytes]], message: type, store: Store
) -> None:
    engine = Scripted(script)
    run = Run(store, engine)
    began = time.monotonic()
    assert [run.get() for _ in range(5)] == [None] * 5
    assert time.monotonic() - began < 1.0 + SLACK
    assert engine.asked == 1
    assert run.kinds == [message]


def test_a_store_that_drips_is_left_after_a_second_or_two(store: Store) -> None:
    run = Run(store, Scripted(drips))
    began = time.monotonic()
    for _ in range(5):
        run.get()
    assert time.monotonic() - began < 2.2 + SLACK
    assert run.kinds == [RemoteStoreTooSlow]


def test_slow_misses_may_take_a_second_in_all(store: Store) -> None:
    def late() -> Iterator[bytes]:
        time.sleep(0.35)
        return nothing()

    engine = Scripted(late)
    run = Run(store, engine)
    began = time.monotonic()
    for _ in range(50):
        run.get()
    assert time.monotonic() - began < 2.0 + SLACK
    assert run.kinds == [RemoteStoreTooSlow]


def test_many_quick_misses_close_nothing(store: Store) -> None:
    run = Run(store, Scripted(nothing))
    for _ in range(60):
        assert run.get() is None
    assert (run.remote.is_open, run.said) == (True, [])


def test_the_first_refusal_is_a_warning_and_the_store_stays_open(store: Store) -> None:
    run = Run(store, Scripted(lambda: iter([whole()[:-1]])))
    for _ in range(3):
        assert run.get() is None
    assert run.kinds == [RemoteObjectRefused] * 3
    levels = [one.level.name for one in run.said if isinstance(one, Message)]
    assert levels == ["WARNING", "VERBOSE", "VERBOSE"]
    assert run.remote.is_open


LOOKUPS: dict[str, tuple[Callable[[], Iterator[bytes]], str]] = {
    "hit": (lambda: iter([whole()]), "Found (10.0 kB)"),
    "miss": (nothing, "Not there"),
    "refused": (lambda: iter([whole()[:-1]]), "Refused: it is incomplete"),
    "failed": (fails, "No answer that is worth waiting for"),
}


@pytest.mark.parametrize("outcome", LOOKUPS)
def test_each_lookup_is_told_by_its_url_with_what_it_found(outcome: str, store: Store) -> None:
    script, text = LOOKUPS[outcome]
    run = Run(store, Scripted(script))
    run.get()
    asked, answered = run.told
    assert isinstance(asked, RemoteObjectAsked)
    assert isinstance(answered, RemoteObjectAnswered)
    assert (asked.level, answered.level) == (Level.DEBUG, Level.DEBUG)
    assert asked.url == f"http://here/{SECRET.name_of('wheel 1')}"
    assert text_of(asked) == f"Looking in the remote store for demo: {asked.url}"
    assert text_of(answered).strip() == text
    run.remote.close()
    run.get()
    assert len(run.told) == 2  # a store that is closed is not asked


def test_a_missing_library_is_said_once(store: Store) -> None:
    def missing() -> Engine:
        raise LibraryMissing("obstore")

    run = Run(store, missing)
    assert [run.get() for _ in range(2)] == [None, None]
    assert run.kinds == [RemoteStoreUnusable]
    assert isinstance(run.said[0], Message)
    assert "pipfast[remote]" in text_of(run.said[0])


def test_what_uploads_import_is_imported_before_the_environment_changes(
    store: Store, tmp_path: Path
) -> None:
    opened: list[str] = []

    def opening() -> Engine:
        opened.append("storage")
        return Scripted(nothing)

    offered(Run(store, opening), tmp_path)
    assert opened == ["storage"]


def test_a_library_that_is_missing_for_an_upload_leaves_the_queue(
    store: Store, tmp_path: Path
) -> None:
    def missing() -> Engine:
        raise LibraryMissing("obstore")

    run = Run(store, missing)
    offered(run, tmp_path)
    assert upload(run.remote, PATIENT).left == 1
    assert run.kinds == [RemoteStoreUnusable]


def offered(run: Run, tmp_path: Path, seconds: float = 1.0) -> None:
    path = tmp_path / "content"
    path.write_bytes(CONTENT)
    run.remote.offer("wheel 1", path, seconds)


@pytest.mark.parametrize("script", [fails, crashes, hangs])
def test_a_failed_upload_stays_in_the_queue(
    script: Callable[[], Iterator[bytes]], store: Store, tmp_path: Path
) -> None:
    run = Run(store, Scripted(script))
    offered(run, tmp_path)
    began = time.monotonic()
    assert upload(run.remote, at_end_of_run(run.remote, 30)).left == 1
    assert time.monotonic() - began < 1.2 + SLACK
    assert len(run.said) <= 1


def test_no_wait_leaves_everything_in_the_queue(
    store: Store, shelf: FolderEngine, tmp_path: Path
) -> None:
    run = Run(store, shelf)
    offered(run, tmp_path)
    assert upload(run.remote, at_end_of_run(run.remote, 0)).left == 1
    assert run.said == []


def test_the_end_of_a_run_waits_for_a_fifth_of_its_builds(
    store: Store, shelf: FolderEngine, tmp_path: Path
) -> None:
    run = Run(store, shelf)
    offered(run, tmp_path, 600.0)
    assert at_end_of_run(run.remote, 30) == Limits(30, 60.8)
    assert at_end_of_run(run.remote, 500) == Limits(121.0, 60.8)


def test_an_object_that_was_refused_is_replaced(
    store: Store, shelf: FolderEngine, tmp_path: Path
) -> None:
    place = shelf.root / SECRET.name_of("wheel 1")
    place.parent.mkdir(parents=True)
    place.write_bytes(b"something else")
    run = Run(store, shelf)
    assert run.get() is None
    offered(run, tmp_path)
    assert upload(run.remote, PATIENT).count == 1
    assert Run(store, shelf).get() == CONTENT


def test_a_reader_queues_nothing(store: Store, shelf: FolderEngine, tmp_path: Path) -> None:
    run = Run(store, shelf)
    run.remote.place = replace(run.remote.place, writes=False)
    offered(run, tmp_path)
    assert Outbox(store).count() == 0


def test_a_broken_queue_is_cleared(store: Store, shelf: FolderEngine, tmp_path: Path) -> None:
    run = Run(store, shelf)
    offered(run, tmp_path)
    (entry,) = store.path("remote", "queue").glob("*.json")
    entry.write_text("{")
    assert [*Outbox(store).waiting()] == []
    assert [*store.path("remote", "queue").iterdir()] == []


def test_a_folder_that_does_not_exist_is_no_empty_store(store: Store, tmp_path: Path) -> None:
    run = Run(store, FolderEngine(tmp_path / "unmounted"))
    assert run.get() is None
    assert run.kinds == [RemoteStoreFailed]
    assert not (tmp_path / "unmounted").exists()


def test_a_broken_upload_into_a_folder_leaves_no_object(shelf: FolderEngine) -> None:
    def broken() -> Iterator[bytes]:
        yield b"the first part"
        raise OSError("disk full")

    with pytest.raises(EngineFailed):
        shelf.put("v1/aa/bb", 100, broken)
    assert not [path for path in shelf.root.rglob("*") if path.is_file()]
