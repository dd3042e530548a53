"""The file of a journal: signed lines, each on the disk before what it announces is done.

A line is a signature, a space, JSON and a line feed. The signature is an HMAC over the previous
signature and the JSON, so lines cannot be changed, exchanged or taken from another journal.
"""

from __future__ import annotations

import errno
import hmac
import json
import os
import stat
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from pipfast.transaction.errors import JournalRefused, Refusal
from pipfast.transaction.journal_keys import JournalKey, JournalKeys

JOURNAL_FILE = "journal"

_POSIX = os.name == "posix"
_FLAGS = os.O_APPEND | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
_CANNOT_SYNC = (errno.EINVAL, errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP, errno.EBADF)
_LARGEST = 64 << 20
"""The largest journal that is read, in bytes; a removal of 100,000 files writes about 15 MB."""

Record = Mapping[str, Any]


class JournalFile:
    """The open journal in `folder`. Close it at the end."""

    def __init__(self, folder: str, key: JournalKey) -> None:
        self.folder = folder
        self.time = 0
        """Time of the last change before it was opened (ns); 0 for a new journal."""
        self._key = key
        self._signature = b""
        self._handle = -1
        self._size = 0

    @classmethod
    def create(cls, folder: str, keys: JournalKeys) -> JournalFile:
        """Create `folder`, which must not exist, and an empty journal in it. Raises OSError.

        The caller holds signals back: an interrupt after the first call would leave the folder.
        """
        identity = os.urandom(8).hex()
        file = cls(folder, keys.signing_key(identity))
        try:
            os.mkdir(folder, 0o700)
        except OSError:
            file._key.forget()
            raise
        try:
            path = os.path.join(folder, JOURNAL_FILE)
            file._handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _FLAGS, 0o600)
            file.append({"identity": identity})
            _sync_folder(folder)
        except BaseException:
            file.remove()
            raise
        return file

    @classmethod
    def open(
        cls, folder: str, keys: JournalKeys, *, writable: bool
    ) -> tuple[JournalFile, list[Record]]:
        """Open the journal of an interrupted transaction; return it with its records.

        An incomplete last line, whose announcement was not acted upon, is removed. Raises
        FileNotFoundError if there is no complete line, OSError, and JournalRefused if the journal
        was not written by this user's runs.
        """
        handle, facts = _opened(folder, os.O_RDWR if writable else os.O_RDONLY)
        try:
            *lines, rest = _content(handle, facts).split(b"\n")
            if not lines:
                raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), folder)
            identity = _identity(lines[0])
            for key in keys.possible_keys(identity):
                file = cls(folder, key)
                records = file._verified(lines)
                if records is not None:
                    file._handle, file.time = handle, facts.st_mtime_ns
                    file._size = facts.st_size - len(rest)
                    return file, records
            raise JournalRefused(Refusal.SIGNATURE)
        except BaseException:
            os.close(handle)
            raise

    def append(self, record: Record) -> None:
        """Append a record and sync it to disk; if that fails, the journal is as before.

        Raises OSError.
        """
        text = json.dumps(record, separators=(",", ":")).encode("ascii")
        signature = self._sign(text)
        line = signature + b" " + text + b"\n"
        os.ftruncate(self._handle, self._size)  # removes what an interrupted run began to write
        try:
            self._write(line)
            _sync(self._handle)
        except BaseException:
            with suppress(OSError):
                os.ftruncate(self._handle, self._size)
            raise
        self._size += len(line)
        self._signature = signature

    def close(self) -> None:
        """Close the file; it cannot be written any more."""
        handle, self._handle = self._handle, -1
        if handle >= 0:
            with suppress(OSError):  # each record was synced, and the handle is closed anyway
                os.close(handle)

    def remove(self) -> None:
        """Remove the journal and its empty folder. Raises OSError, but not if they are gone."""
        self.close()
        with suppress(FileNotFoundError):
            os.unlink(os.path.join(self.folder, JOURNAL_FILE))
        with suppress(FileNotFoundError):
            os.rmdir(self.folder)
        self._key.forget()

    def _write(self, line: bytes) -> None:
        while line:
            line = line[os.write(self._handle, line) :]

    def _sign(self, text: bytes) -> bytes:
        return hmac.digest(self._key.secret, self._signature + text, "sha256").hex().encode("ascii")

    def _verified(self, lines: list[bytes]) -> list[Record] | None:
        """Return the records of signed lines, None if one is not signed with this key."""
        records = []
        for line in lines:
            signature, _, text = line.partition(b" ")
            if not hmac.compare_digest(signature, self._sign(text)):
                return None
            self._signature = signature
            records.append(_record(text))
        return records


def _opened(folder: str, access: int) -> tuple[int, os.stat_result]:
    """Open a journal, after checks of what it is and who can have written it."""
    around, outside = os.lstat(folder), os.lstat(os.path.dirname(folder))
    if not stat.S_ISDIR(around.st_mode) or around.st_dev != outside.st_dev:
        raise JournalRefused(Refusal.KIND)
    path = os.path.join(folder, JOURNAL_FILE)
    if not stat.S_ISREG(os.lstat(path).st_mode):
        raise JournalRefused(Refusal.KIND)
    if not (_is_own(around) and _is_own(os.lstat(path))):
        raise JournalRefused(Refusal.OWNER)
    handle = os.open(path, access | _FLAGS)
    facts = os.fstat(handle)
    if not stat.S_ISREG(facts.st_mode) or facts.st_dev != around.st_dev or facts.st_nlink != 1:
        os.close(handle)
        raise JournalRefused(Refusal.KIND)
    if not _is_own(facts):
        os.close(handle)
        raise JournalRefused(Refusal.OWNER)
    return handle, facts


def _is_own(facts: os.stat_result) -> bool:
    """Return whether it belongs to this user (root: to root), and nobody else may write to it."""
    return not _POSIX or (facts.st_uid == os.geteuid() and not facts.st_mode & 0o022)


def _content(handle: int, facts: os.stat_result) -> bytes:
    if facts.st_size > _LARGEST:
        raise JournalRefused(Refusal.SIGNATURE)
    content = b""
    while chunk := os.read(handle, 1 << 20):
        content += chunk
    return content


def _identity(line: bytes) -> str:
    """Return the identity in the first line; it becomes part of a file name, so it is checked."""
    try:
        identity = _record(line.partition(b" ")[2])["identity"]
    except (KeyError, TypeError):
        raise JournalRefused(Refusal.SIGNATURE) from None
    if not (isinstance(identity, str) and len(identity) == 16 and identity.isalnum()):
        raise JournalRefused(Refusal.SIGNATURE)
    return identity


def _record(line: bytes) -> Any:
    try:
        return json.loads(line)
    except (ValueError, RecursionError):
        raise JournalRefused(Refusal.SIGNATURE) from None


def _sync(handle: int) -> None:
    try:
        os.fsync(handle)
    except OSError as error:
        if error.errno not in _CANNOT_SYNC:
            raise


def _sync_folder(folder: str) -> None:
    if os.name != "nt":
        handle = os.open(folder, os.O_RDONLY)
        try:
            _sync(handle)
        finally:
            os.close(handle)
