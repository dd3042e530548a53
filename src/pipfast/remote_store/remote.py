"""The store that machines share: take objects from it, and queue what it lacks.

It never ends a run and never delays one by more than about a second: after the first failure, or
when it has cost that much without giving anything, it is not asked again in this run.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from pipfast.model.events import Level, Listener
from pipfast.model.frozen_dataclass import dataclass
from pipfast.remote_store import counts
from pipfast.remote_store.counts import Counts
from pipfast.remote_store.engine import Engine, EngineFailed, LibraryMissing
from pipfast.remote_store.events import (
    Found,
    RemoteObjectAnswered,
    RemoteObjectAsked,
    RemoteObjectRefused,
    RemoteStoreFailed,
    RemoteStoreTooSlow,
    RemoteStoreUnusable,
    Unusable,
)
from pipfast.remote_store.objects import (
    Canceled,
    Fault,
    Manifest,
    Receiver,
    Refused,
    Signer,
)
from pipfast.remote_store.outbox import Outbox
from pipfast.remote_store.secret import Secret
from pipfast.remote_store.waiting import Progress, TooSlow, waited_for
from pipfast.store.filesystem.atomic import sha256_of
from pipfast.store.filesystem.root import Store

PATIENCE = 0.8
"""How long a run waits for the next bytes, in seconds."""

BYTECODE = "bytecode "
"""What the keys of bytecode begin with."""

_FREE = 0.1  # seconds that a lookup without result may take; every one is followed by a build
_ALL = 1.0  # seconds that all of them may take beyond that
_MEASURED = 0.5  # seconds after which the rate of a download is known
_GIVEN_UP = RemoteObjectAnswered(Found.GIVEN_UP)
_SHARE = 0.5  # of the time of the build elsewhere: a download that takes longer is given up


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """The storage: how to open it, its URL for messages, and whether to upload.

    The secret names objects, the signer vouches for them.
    """

    open: Callable[[], Engine]
    shown: str
    secret: Secret
    signer: Signer
    writes: bool

    def url_of(self, key: str) -> str:
        """Return the URL of the object for `key`, for messages."""
        return f"{self.shown.rstrip('/')}/{self.secret.name_of(key)}"


def is_bytecode(key: str) -> bool:
    """Return whether `key` is that of the bytecode of a wheel."""
    return key.startswith(BYTECODE)


class RemoteStore:
    """The shared store in one run. Safe for several threads; `close` it at the end.

    `emit` gets its warnings, from any thread.
    """

    def __init__(self, place: Place, store: Store, emit: Listener) -> None:
        self.place = place
        self._emit = emit
        self.outbox = Outbox(store)
        self.is_open = True
        """Whether it is still asked."""
        self.offered = 0.0
        """The seconds that the work took whose results were queued in this run."""
        self._store = store
        self._engine: Engine | None = None
        self._lock = threading.Lock()
        self._counts = Counts()
        self._lost = 0.0
        self._has_refused = False
        self._refused: set[str] = set()
        self._later: list[Callable[[], None]] = []

    @property
    def engine(self) -> Engine:
        """The storage, opened when it is first used. Raises EngineFailed, LibraryMissing."""
        return self._opened()

    def _opened(self) -> Engine:
        with self._lock:
            if self._engine is None:
                self.place.signer.prepare()
                self._engine = self.place.open()
            return self._engine

    def get(
        self, key: str, file: BinaryIO, project: str, listen: Listener, share: float | None = None
    ) -> Manifest | None:
        """Write the content of the object for `key` to `file`; None if there is nothing usable.

        `project` is for messages; `listen` gets those about the lookup. The content is verified
        when this returns. With `share`, other work goes on meanwhile, so a lookup without result
        is no reason not to ask for others; a download is given up if it would take longer than
        that share of the work that the object spares.
        """
        if not self.is_open:
            return None
        listen(RemoteObjectAsked(self.place.url_of(key), project, is_bytecode(key)))
        manifest, answered = self._looked_up(key, file, project, share)
        listen(answered)
        return manifest

    def _looked_up(
        self, key: str, file: BinaryIO, project: str, share: float | None
    ) -> tuple[Manifest | None, RemoteObjectAnswered]:
        receiver = Receiver(key, self.place.signer, file)
        progress = Progress()
        try:
            engine = self.engine
            progress = Progress()  # imports are over
            may_go_on = lambda: self._is_worth_it(receiver, progress, share)  # noqa: E731
            manifest = self._received(engine, key, receiver, progress, may_go_on)
        except Refused as refused:
            self.refuse(key, refused.fault, project)
            self._note_lost(progress.elapsed if share is None else 0.0)
            return None, RemoteObjectAnswered(Found.REFUSED, fault=refused.fault)
        except TooSlow:
            receiver.cancel()
            if share is not None:
                pass  # the line may be busy with the wheels themselves
            elif receiver.manifest is None or progress.idle > PATIENCE:
                self.stop(RemoteStoreTooSlow(self.place.shown))
            else:  # it may be worth it for another object
                self._note_lost(progress.elapsed)
            return None, _GIVEN_UP
        except LibraryMissing as missing:
            self.lack(missing)
            return None, _GIVEN_UP
        except (EngineFailed, Canceled) as failed:
            self.fail(failed)
            return None, _GIVEN_UP
        if manifest is None:
            self._note_lost(progress.elapsed if share is None else 0.0)
            return None, RemoteObjectAnswered(Found.MISS)
        self.count(
            hits=1, received=manifest.size, saved=max(0.0, manifest.seconds - progress.elapsed)
        )
        return manifest, RemoteObjectAnswered(Found.HIT, manifest.size)

    def _received(
        self,
        engine: Engine,
        key: str,
        receiver: Receiver,
        progress: Progress,
        may_go_on: Callable[[], bool],
    ) -> Manifest | None:
        """Return the manifest of a verified object, None if there is none."""

        def take(chunk: bytes) -> None:
            progress.note()
            receiver.write(chunk)

        name = self.place.secret.name_of(key)
        if not waited_for(lambda: engine.get(name, take), may_go_on):
            self.count(misses=1)
            return None
        return receiver.finish()

    def _is_worth_it(self, receiver: Receiver, progress: Progress, share: float | None) -> bool:
        """Return whether to wait on: bytes come, and will all be here long before a build is done.

        The rate is known well enough after half a second.
        """
        if progress.idle > PATIENCE:
            return False
        manifest, elapsed = receiver.manifest, progress.elapsed
        if manifest is None:
            return elapsed < PATIENCE
        if elapsed < _MEASURED or not receiver.received:
            return True
        expected = elapsed * manifest.size / receiver.received
        if share is not None:
            return expected < manifest.seconds * share
        return expected < max(_ALL, manifest.seconds * _SHARE)

    def _note_lost(self, seconds: float) -> None:
        """Note what a lookup without a result took; stop if it is too much."""
        with self._lock:
            self._lost += max(0.0, seconds - _FREE)
            is_too_much = self._lost > _ALL
        if is_too_much:
            self.stop(RemoteStoreTooSlow(self.place.shown))

    def refuse(self, key: str, fault: Fault, project: str) -> None:
        """Count an object that must not be used, and say so; the first one is a warning."""
        with self._lock:
            level = Level.VERBOSE if self._has_refused else Level.WARNING
            self._has_refused = True
            self._refused.add(key)
        self.count(refused=1)
        self._emit(RemoteObjectRefused(project, fault, is_bytecode(key), level=level))

    def stop(self, message: RemoteStoreFailed | RemoteStoreTooSlow | RemoteStoreUnusable) -> None:
        """Ask no more in this run, and say so once."""
        with self._lock:
            was_open, self.is_open = self.is_open, False
        if was_open:
            self.count(failures=1)
            self._emit(message)

    def fail(self, failed: Exception) -> None:
        """Ask no more in this run because of a failure, and say so once."""
        status = getattr(failed, "status", None)
        self.stop(RemoteStoreFailed(self.place.shown, str(failed), status))

    def lack(self, missing: LibraryMissing) -> None:
        """Ask nothing in this run because a library is not installed, and say so once."""
        is_engine = missing.name == "obstore"
        why = Unusable.NO_ENGINE if is_engine else Unusable.NO_SIGNATURES
        self.stop(RemoteStoreUnusable(self.place.shown, why))

    def count(self, **more: float) -> None:
        """Count what happened."""
        with self._lock:
            self._counts = self._counts.plus(**more)

    def offer(self, key: str, content: Path, seconds: float) -> None:
        """Queue the file `content` for upload: the result of work that took `seconds`."""
        if not self.place.writes:
            return
        self._open_for_uploads()
        try:
            manifest = Manifest(
                key=key,
                sha256=sha256_of(content),
                size=content.stat().st_size,
                made=time.time(),
                seconds=round(seconds, 3),
                file=content.name,
            )
        except OSError:
            return
        self.outbox.add(manifest, content, replaces=key in self._refused)
        with self._lock:
            self.offered += seconds

    def _open_for_uploads(self) -> None:
        """Open the storage now: an import at the end of the run could run what was installed."""
        if not self.is_open:
            return
        try:
            self._opened()
        except LibraryMissing as missing:
            self.lack(missing)
        except EngineFailed as failed:
            self.fail(failed)

    def offer_bytes(self, key: str, content: bytes, seconds: float) -> None:
        """Queue `content` for upload, as `offer` does."""
        if self.place.writes:
            try:
                with self._store.aside() as folder:
                    (folder / "content").write_bytes(content)
                    self.offer(key, folder / "content", seconds)
            except OSError:
                return

    def offer_later(self, work: Callable[[], None]) -> None:
        """Call `work`, which offers something, at the end of the run, if that succeeds."""
        if self.place.writes:
            self._open_for_uploads()
            self._later.append(work)

    def finish_offers(self) -> None:
        """Offer what was left for the end of the run."""
        while self._later:
            self._later.pop(0)()

    def close(self) -> None:
        """Note the counts of the run, and release the storage."""
        self.is_open = False
        with self._lock:
            engine, self._engine = self._engine, None
            found, self._counts = self._counts, Counts()
        counts.add(self._store, found)
        if engine is not None:
            engine.close()
