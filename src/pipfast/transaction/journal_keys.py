"""The secret that signs journals, so that nobody but the user's own runs can have written one.

It is a file that only the user can read, beside the store and not in it: ``cache purge`` must not
make a journal unreadable. Without a usable cache directory, each transaction has a secret of its
own in the system's folder for temporary files, which is removed at the end of the transaction.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import suppress

from pipfast.model.frozen_dataclass import dataclass
from pipfast.store.filesystem.owned_names import sweep, unused_name

KEY_FILE = "pipfast-journal.key"
_SIZE = 32
_NO_LINKS = getattr(os, "O_NOFOLLOW", 0)
_POSIX = os.name == "posix"
_ABSENT = frozenset((errno.ENOENT, errno.ENOTDIR, errno.ELOOP))
"""The errors of opening a file that is not there, or is a link."""


@dataclass(frozen=True, slots=True)
class JournalKey:
    """A secret; `temporary` is its file if it serves only one transaction."""

    secret: bytes
    temporary: str | None = None

    def forget(self) -> None:
        """Remove the file of a secret that serves only one transaction."""
        if self.temporary is not None:
            with suppress(OSError):
                os.unlink(self.temporary)


@dataclass(frozen=True, slots=True)
class JournalKeys:
    """Where secrets are: in `folder`, created there if necessary, and in `others`, read only."""

    folder: str | None = None
    others: tuple[str, ...] = ()

    def signing_key(self, identity: str) -> JournalKey:
        """Return the secret for the journal of the transaction `identity`.

        If no secret can be stored, it is lost with this process, and so is the journal's proof.
        """
        for folder in self._folders():
            path = os.path.join(folder, KEY_FILE)
            key = _read_if_possible(path)
            if key is not None:
                sweep(folder)
                return JournalKey(key)
        key = os.urandom(_SIZE)
        if self.folder is not None:
            path = os.path.join(self.folder, KEY_FILE)
            with suppress(OSError):
                os.makedirs(self.folder, exist_ok=True)
                _create(path, key)
            stored = _read_if_possible(path)  # another run may have created it at the same time
            if stored is not None:
                return JournalKey(stored)
        path = _temporary(identity)
        with suppress(OSError):
            _create(path, key)
        return JournalKey(key, path)

    def possible_keys(self, identity: str) -> Iterator[JournalKey]:
        """Yield the secrets that may have signed the journal of the transaction `identity`.

        Raises OSError after all others if there is one that cannot be read.
        """
        unreadable = None
        for folder in self._folders():
            try:
                key = _read(os.path.join(folder, KEY_FILE))
            except OSError as error:
                unreadable = error
                continue
            if key is not None:
                yield JournalKey(key)
        temporary = _temporary(identity)  # finding that folder creates and removes a file in it
        key = _read(temporary)
        if key is not None:
            yield JournalKey(key, temporary)
        if unreadable is not None:
            raise unreadable

    def _folders(self) -> tuple[str, ...]:
        return self.others if self.folder is None else (self.folder, *self.others)


def _temporary(identity: str) -> str:
    import tempfile

    return os.path.join(tempfile.gettempdir(), f".pipfast-{identity}.key")


def _read(path: str) -> bytes | None:
    """Return the secret in a file; None unless it is a file that only this user can read.

    Raises OSError if there is a file that cannot be read.
    """
    try:
        handle = os.open(path, os.O_RDONLY | _NO_LINKS)
    except OSError as error:
        if error.errno in _ABSENT:
            return None
        raise
    try:
        facts = os.fstat(handle)
        is_private = not _POSIX or (facts.st_uid == os.geteuid() and not facts.st_mode & 0o077)
        if not (stat.S_ISREG(facts.st_mode) and is_private and facts.st_size == _SIZE):
            return None
        return os.read(handle, _SIZE)
    finally:
        os.close(handle)


def _read_if_possible(path: str) -> bytes | None:
    try:
        return _read(path)
    except OSError:
        return None


def _create(path: str, key: bytes) -> None:
    """Write `key` to a new file, complete at once; an existing file stays. Raises OSError."""
    folder, name = os.path.split(path)
    sweep(folder)
    aside = os.path.join(folder, unused_name(name))
    handle = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _NO_LINKS, 0o600)
    try:
        try:
            os.write(handle, key)
            os.fsync(handle)
        finally:
            os.close(handle)
        try:
            os.link(aside, path)
        except FileExistsError:
            return
        except OSError:  # a file system without links
            os.rename(aside, path)
    finally:
        with suppress(OSError):
            os.unlink(aside)
