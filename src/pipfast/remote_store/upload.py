"""Upload what waits in the queue, for a bounded time."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

from pipfast.model.frozen_dataclass import dataclass
from pipfast.remote_store.engine import EngineFailed, LibraryMissing
from pipfast.remote_store.events import RemoteStoreTooSlow
from pipfast.remote_store.objects import Canceled, Refused, sealed
from pipfast.remote_store.outbox import Waiting
from pipfast.remote_store.remote import PATIENCE, RemoteStore
from pipfast.remote_store.waiting import Progress, TooSlow, waited_for

_CHUNK = 1 << 18  # bytes
_FIRST = 1.0  # seconds that an upload at the end of a run may take, whatever the run did
_SHARE = 0.2  # and this share of the time of the builds whose results it uploads
_PAUSE = 60.0  # seconds without progress after which `cache push` gives up


@dataclass(frozen=True, slots=True)
class Limits:
    """How long to upload in all, and how long without progress, in seconds."""

    total: float
    idle: float


PATIENT = Limits(float("inf"), _PAUSE)
"""The limits of a command that only uploads."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Uploaded:
    """What was uploaded: objects and their bytes; `present` were there; `left` still wait."""

    count: int = 0
    size: int = 0
    present: int = 0
    left: int = 0


def at_end_of_run(remote: RemoteStore, wait: float) -> Limits:
    """Return the limits for the end of a run: at most `wait` seconds.

    A run is longer by a second and a fifth of what its builds took, and less if nothing moves.
    """
    spent = remote.offered
    return Limits(min(wait, _FIRST + _SHARE * spent), PATIENCE + _SHARE * spent / 2)


def upload(remote: RemoteStore, limits: Limits) -> Uploaded:
    """Upload what waits; stop at the first failure, which is reported."""
    began = time.monotonic()
    count = size = present = 0
    for one in remote.outbox.waiting():
        if not remote.is_open:
            break
        left = limits.total - (time.monotonic() - began)
        if left <= 0:
            break
        try:
            is_new = _sent(remote, one, Limits(left, limits.idle))
        except TooSlow:
            if time.monotonic() - began >= limits.total:
                break
            remote.stop(RemoteStoreTooSlow(remote.place.shown))
            break
        except LibraryMissing as missing:
            remote.lack(missing)
            break
        except (EngineFailed, Refused, Canceled, OSError) as failed:
            remote.fail(failed)
            break
        remote.outbox.remove(one)
        if is_new:
            count, size = count + 1, size + one.manifest.size
            remote.count(uploads=1, sent=one.manifest.size)
        else:
            present += 1
    return Uploaded(count=count, size=size, present=present, left=remote.outbox.count())


def _sent(remote: RemoteStore, one: Waiting, limits: Limits) -> bool:
    """Upload an object; return False if the storage has it.

    Raises TooSlow, EngineFailed and LibraryMissing.
    """
    name = remote.place.secret.name_of(one.manifest.key)
    engine = remote.engine
    head = sealed(one.manifest, remote.place.signer)
    progress = Progress()

    def chunks() -> Iterator[bytes]:
        yield head
        for chunk in _read(one.content):
            progress.note()
            yield chunk

    def work() -> bool:
        if not one.replaces and engine.has(name):
            return False
        progress.note()
        engine.put(name, len(head) + one.manifest.size, chunks)
        return True

    may_go_on = lambda: progress.elapsed < limits.total and progress.idle < limits.idle  # noqa: E731
    return waited_for(work, may_go_on)


def _read(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            yield chunk
