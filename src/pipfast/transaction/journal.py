"""The journal of a transaction: each change to the environment is recorded before it is made.

The journal is a file of JSON lines in the folder of the transaction. Each record is synced to disk
before its moves are made. An incomplete last line is ignored. Whether a recorded move was made is
determined from the file system, so an interrupted rollback can be repeated.
"""

from __future__ import annotations

import errno
import json
import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

from pipfast.store.filesystem.rmtree import remove_trees
from pipfast.transaction.errors import RollbackFailed

TRANSACTION_FOLDER = ".pipfast-transaction"
"""Name of the folder of a transaction. An environment has at most one."""

_JOURNAL_FILE = "journal"

Move = tuple[str, str]
"""Source and target of a rename."""


class Journal:
    """The journal of the transaction whose folder is `folder`.

    Call `record` before `perform`, and `commit` after all changes. End with `clean_up` after a
    commit, with `rollback` without one, or with `recover`, which chooses; each removes all folders
    of the transaction and can be repeated.
    """

    def __init__(self, folder: str) -> None:
        self.folder = folder
        self.stages: list[str] = [folder]
        self.changes: list[tuple[list[str], list[Move]]] = []
        self.emptied: list[str] = []
        self.cleared: list[str] = []
        self.committed = False

    @classmethod
    def read(cls, folder: str) -> Journal:
        """Read the journal of an interrupted transaction; without records it changed nothing.

        Raises RollbackFailed if it cannot be read.
        """
        journal = cls(folder)
        try:
            with suppress(FileNotFoundError):
                text = Path(folder, _JOURNAL_FILE).read_bytes()
                for line in text.splitlines(keepends=True):
                    if line.endswith(b"\n"):
                        journal._add(json.loads(line))
        except Exception as error:
            raise RollbackFailed(folder, error) from error
        return journal

    def _add(self, record: dict[str, object]) -> None:
        self.stages += _strings(record.get("stages"))
        self.emptied += _strings(record.get("emptied"))
        self.cleared += _strings(record.get("hollow"))
        moves = record.get("moves")
        pairs = [(move[0], move[1]) for move in moves] if isinstance(moves, list) else []
        self.changes.append((_strings(record.get("made")), pairs))
        self.committed = self.committed or bool(record.get("committed"))

    def record(
        self,
        *,
        stages: Iterable[str] = (),
        created: Iterable[str] = (),
        moves: Iterable[Move] = (),
        emptied: Iterable[str] = (),
        cleared: Iterable[str] = (),
        committed: bool = False,
    ) -> None:
        """Append a record and sync it to disk.

        `stages` are folders of the transaction on further file systems. `created` are folders that
        will be created before `moves` are made. After the commit, folders in `emptied` are removed
        with their parents if they are empty, and folders in `cleared` without their parents.
        """
        record: dict[str, object] = {  # earlier versions read and write the same keys
            "stages": list(stages),
            "made": list(created),
            "moves": list(moves),
            "emptied": list(emptied),
            "hollow": list(cleared),
            "committed": committed,
        }
        with Path(self.folder, _JOURNAL_FILE).open("ab") as file:
            file.write(json.dumps(record).encode("ascii") + b"\n")
            file.flush()
            _sync(file.fileno())
        _sync_folder(self.folder)
        self._add(record)

    def perform(self, moves: Iterable[Move]) -> None:
        """Make recorded moves. Raises OSError; the caller then rolls back."""
        for source, target in moves:
            try:
                os.rename(source, target)
            except OSError as error:  # noqa: PERF203
                if error.errno != errno.EXDEV:
                    raise
                self._copy_and_remove(source, target)

    def _copy_and_remove(self, source: str, target: str) -> None:
        """Move across file systems, or out of a lower layer of an overlay file system."""
        if os.path.isdir(source) and not os.path.islink(source):
            inner = [
                (os.path.join(source, name), os.path.join(target, name))
                for name in os.listdir(source)
            ]
            self.record(created=[target], moves=inner, emptied=[source])
            os.mkdir(target)
            shutil.copystat(source, target)
            self.perform(inner)
            os.rmdir(source)
        else:
            temporary = f"{target}.pipfast"
            shutil.copy2(source, temporary, follow_symlinks=False)
            os.rename(temporary, target)
            os.unlink(source)

    def recover(self) -> None:
        """Clean up if the transaction was committed, else roll back. Raises RollbackFailed."""
        try:
            if self.committed:
                self.clean_up()
            else:
                self.rollback()
        except Exception as error:
            raise RollbackFailed(self.folder, error) from error

    def rollback(self) -> None:
        """Undo all moves and remove created folders. Raises OSError; can then be repeated."""
        for created, moves in reversed(self.changes):
            for source, target in reversed(moves):
                if not os.path.lexists(source) and os.path.lexists(target):
                    Path(source).parent.mkdir(parents=True, exist_ok=True)
                    self._move_back(target, source)
            _remove_empty(reversed(created))
        self._remove_stages()
        _remove_empty(folder for created, _ in self.changes for folder in reversed(created))

    def _move_back(self, target: str, source: str) -> None:
        try:
            os.rename(target, source)
        except OSError as error:
            if error.errno != errno.EXDEV:
                raise
            shutil.move(target, source)

    def commit(self) -> None:
        """Record that all changes were created: from now on recovery does not roll back."""
        self.record(committed=True)

    def clean_up(self) -> None:
        """Remove the old files, the folders of the transaction, and folders that became empty."""
        self._remove_stages()
        _remove_empty(self.cleared)
        for folder in sorted(set(self.emptied), key=len, reverse=True):
            _remove_empty_with_parents(folder)

    def _remove_stages(self) -> None:
        """Remove the folders of the transaction; the one with the journal last."""
        for stage in reversed(self.stages):
            folders = []
            for entry in _entries(stage):
                if entry.is_dir(follow_symlinks=False):
                    folders.append(entry.path)
                elif entry.name != _JOURNAL_FILE:
                    os.unlink(entry.path)
            _remove_folders(folders)
            with suppress(FileNotFoundError):
                if stage == self.folder:
                    os.unlink(os.path.join(stage, _JOURNAL_FILE))
            with suppress(FileNotFoundError):
                os.rmdir(stage)


def _remove_empty(folders: Iterable[str]) -> None:
    for folder in folders:
        with suppress(OSError):
            os.rmdir(folder)


def _remove_empty_with_parents(folder: str) -> None:
    """Remove `folder` and then its parents, up to the first that is not empty (pip behaviour)."""
    while True:
        try:
            os.rmdir(folder)
        except FileNotFoundError:
            pass
        except OSError:
            return
        folder, name = os.path.split(folder)
        if not name:
            return


def _remove_folders(folders: Iterable[str]) -> None:
    """Remove folders. On Windows, files that another program has open stay for the next run."""
    try:
        remove_trees(*folders)
    except OSError:
        if os.name != "nt":
            raise


def _entries(folder: str) -> Iterator[os.DirEntry[str]]:
    with suppress(FileNotFoundError), os.scandir(folder) as entries:
        yield from entries


def _strings(value: object) -> list[str]:
    return [str(item) for item in value] if isinstance(value, list) else []


def _sync(handle: int) -> None:
    with suppress(OSError):  # some file systems do not support it
        os.fsync(handle)


def _sync_folder(folder: str) -> None:
    if os.name != "nt":
        handle = os.open(folder, os.O_RDONLY)
        try:
            _sync(handle)
        finally:
            os.close(handle)
