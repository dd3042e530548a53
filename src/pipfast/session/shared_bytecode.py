"""Bytecode that other machines compiled of wheels, and offers of what this machine compiled.

Lookups begin with the downloads of the wheels. An object fits one wheel, by its SHA-256, and one
release of an interpreter on one platform, since compilers change, and fold constants with the
system's library.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

from pipfast.concurrency.thread_pool import ThreadPool
from pipfast.environment.interpreter import Interpreter
from pipfast.model.event_log import EventLog
from pipfast.model.events import Listener
from pipfast.model.frozen_dataclass import dataclass, field
from pipfast.remote_store.events import (
    Found,
    RemoteBytecodeGivenUp,
    RemoteBytecodeUsed,
    RemoteObjectAnswered,
)
from pipfast.remote_store.objects import Fault, Manifest
from pipfast.remote_store.remote import BYTECODE, RemoteStore
from pipfast.store.filesystem.owned_names import remove, temporary_store_folder
from pipfast.store.filesystem.root import Store
from pipfast.store.wheels.bytecode_packs import Block, UnusablePack, sha256_of_wheel
from pipfast.store.wheels.manifest import Archive, Bytecode
from pipfast.store.wheels.pack_files import read_pack, write_pack
from pipfast.store.workers.pool import cpu_count

_FORMAT = 1
_LOOKUPS = 6  # at once
_PATIENCE = 0.2  # seconds that threads get to end

SMALLEST_WHEEL = 200_000
"""Bytes of a wheel below which its bytecode is not shared: it is compiled before an answer came."""

SHORTEST = 0.2
"""Processor seconds of compiling below which the bytecode is not offered."""


@dataclass(slots=True)
class _Lookup:
    """The lookup of an object; `log` holds its messages until the run needs the result."""

    key: str
    filename: str
    path: Path
    log: EventLog
    is_used: bool = False
    is_refused: bool = False

    @property
    def is_given_up(self) -> bool:
        """Return whether the storage did not answer in time; known once the lookup ended."""
        answers = [one for one in self.log.held if isinstance(one, RemoteObjectAnswered)]
        return any(one.found is Found.GIVEN_UP for one in answers)


@dataclass(frozen=True, slots=True)
class _Compiled:
    """An archive that was compiled here, in `seconds`."""

    key: str
    archive: Archive
    known: Bytecode
    seconds: float


@dataclass(slots=True)
class SharedBytecode:
    """The bytecode of wheels in the remote store, for the interpreter `python`.

    `bytecode_key` is the store's key of its bytecode, `folder` gets downloads. Objects are asked
    for and offered for wheels that were announced with `expect`. Called by one thread.
    """

    remote: RemoteStore
    python: Interpreter
    bytecode_key: str
    folder: Path
    emit: Listener
    store: Store
    _lookups: dict[str, _Lookup] = field(default_factory=dict)
    _pool: ThreadPool = field(default_factory=lambda: ThreadPool(_LOOKUPS))
    _compiled: list[_Compiled] = field(default_factory=list)
    _is_slow: bool = False

    def expect(self, digest: str, filename: str, size: int | None) -> None:
        """Begin to ask for the bytecode of a wheel that has `size` bytes, as far as is known."""
        if digest in self._lookups or not self.remote.is_open:
            return
        if size is not None and size < SMALLEST_WHEEL:
            return
        lookup = _Lookup(
            self._key(digest), filename, self.folder / digest, EventLog(self.emit, held=True)
        )
        self._lookups[digest] = lookup
        self._pool.submit(digest, lambda: self._received(lookup))

    def may_come(self, digest: str) -> bool:
        """Return whether there may be a pack for a wheel. Does not wait."""
        lookup = self._lookups.get(digest)
        if lookup is None or lookup.is_refused:
            return False
        return not self._pool.is_done(digest) or self._result(digest, lookup) is not None

    def get(self, archive: Archive) -> str | None:
        """Return the file of the pack for an archive, None if there is none. May wait."""
        digest = sha256_of_wheel(archive)
        lookup = self._lookups.get(digest)
        if lookup is None or lookup.is_refused:
            return None
        return None if self._result(digest, lookup) is None else str(lookup.path)

    def blocks(self, archive: Archive, path: str) -> Sequence[Block]:
        """Return what the pack `path` contains. Raises UnusablePack."""
        try:
            return read_pack(path, archive, self.python.magic_number)
        except OSError:
            raise UnusablePack from None

    def refuse(self, archive: Archive) -> None:
        """Take note that the pack of an archive cannot be used."""
        lookup = self._lookups[sha256_of_wheel(archive)]
        lookup.is_refused = True
        self.remote.refuse(lookup.key, Fault.UNUSABLE, lookup.filename)

    def used(self, archive: Archive) -> None:
        """Take note that an archive got its bytecode from its pack."""
        self._lookups[sha256_of_wheel(archive)].is_used = True

    def compiled(self, archive: Archive, seconds: float) -> None:
        """Take note of an archive that was compiled here, in so many processor seconds."""
        lookup = self._lookups.get(sha256_of_wheel(archive))
        if lookup is None or seconds < SHORTEST:
            return
        known = archive.compiled(self.bytecode_key)
        if known is not None:
            self._compiled.append(_Compiled(lookup.key, archive, known, seconds))

    def report(self) -> None:
        """Report the lookups in the order in which they were announced."""
        for digest, lookup in self._lookups.items():
            manifest, is_given_up = self._result(digest, lookup), lookup.is_given_up
            lookup.log.release()
            if manifest is not None and lookup.is_used:
                url = self.remote.place.url_of(lookup.key)
                self.emit(RemoteBytecodeUsed(lookup.filename, url, manifest.seconds))
                lookup.is_used = False
            elif is_given_up and self.remote.is_open:
                self.emit(RemoteBytecodeGivenUp(lookup.filename))
                lookup.log = EventLog(self.emit)

    def offer(self) -> None:
        """Queue what was compiled here for upload."""
        for one in self._compiled:
            try:
                with self.store.aside() as folder:
                    path = folder / "pack"
                    with path.open("wb") as file:
                        write_pack(
                            file,
                            one.archive,
                            self.bytecode_key,
                            one.known,
                            self.python.magic_number,
                        )
                    self.remote.offer(one.key, path, one.seconds)
            except (OSError, UnusablePack):  # noqa: PERF203 - others emptied the store
                continue

    def close(self) -> None:
        """End lookups, and remove what they downloaded."""
        self._pool.close()
        self._pool.join(_PATIENCE)
        remove(str(self.folder))

    def _result(self, digest: str, lookup: _Lookup) -> Manifest | None:
        return self._pool.result(digest, lambda: self._received(lookup))

    def _received(self, lookup: _Lookup) -> Manifest | None:
        """Download an object, unless compiling is faster on the processors of this machine.

        Once the storage was too slow, nothing more is asked.
        """
        share = 1 / cpu_count()
        if self._is_slow:
            return None
        try:
            with lookup.path.open("wb") as file:
                found = self.remote.get(lookup.key, file, lookup.filename, lookup.log, share)
        except OSError:
            return None
        self._is_slow |= lookup.is_given_up
        return found

    def _key(self, digest: str) -> str:
        python = self.python
        parts = {
            "format": _FORMAT,
            "wheel": digest,
            "implementation": python.implementation,
            "version": python.version_info,
            "magic": python.magic_number,
            "optimization": self.bytecode_key.removesuffix("-hashed"),
            "platform": python.platform,
        }
        return BYTECODE + sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


@contextmanager
def shared_bytecode(
    remote: RemoteStore, python: Interpreter, bytecode_key: str, store: Store, emit: Listener
) -> Iterator[SharedBytecode | None]:
    """Yield the bytecode that is shared; None if the store cannot be written.

    What was compiled here is offered when the run has succeeded. The caller holds signals back
    around it, and is `interruptible` in the block.
    """
    try:
        folder = temporary_store_folder(store.folders.current)
    except OSError:
        yield None
        return
    shared = SharedBytecode(remote, python, bytecode_key, Path(folder), emit, store)
    remote.offer_later(shared.offer)
    try:
        yield shared
    finally:
        shared.close()
