"""A transaction: changes to an environment that are all made, or all undone."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import TypeVar

from pipfast.concurrency.interrupts import HeldSignals, interruptible
from pipfast.environment.presence import is_folder, is_there, make_folders
from pipfast.model.events import Listener
from pipfast.transaction.errors import RollbackFailed
from pipfast.transaction.events import CleanUpDelayed
from pipfast.transaction.install_environment import InstallEnvironment
from pipfast.transaction.journal import Change, Journal, Move
from pipfast.transaction.journal_file import JournalFile
from pipfast.transaction.reserved_names import unused_transaction_folder

T = TypeVar("T")

OLD_FILES = "old"
"""Folder in a folder of the transaction for what was in the environment before."""


class Transaction:
    """The journal and the folders of a transaction; it has a folder on each file system it changes.

    New files are staged in these folders, and replaced files are moved there until the commit.
    """

    def __init__(self, environment: InstallEnvironment, journal: Journal) -> None:
        self.environment = environment
        self.journal = journal
        self._count = 0
        self._folders: dict[int, str] = {}
        self._names: set[tuple[str, str]] = set()

    def unused_path(self, path: str) -> str:
        """Return an unused path in a folder of the transaction on the file system of `path`."""
        self._count += 1
        return os.path.join(self._folder(path), str(self._count))

    def old_path(self, path: str) -> str:
        """Return the path for the old content of `path`; the name stays, if it is not taken."""
        parent = os.path.dirname(path)  # a folder that is moved must not contain its destination
        folder = os.path.join(self._folder(parent), OLD_FILES)
        name = os.path.basename(path)
        if (folder, name.lower()) in self._names or name.isdigit():
            self._count += 1
            name = str(self._count)
        if not self._names.intersection([(folder, "")]):
            with suppress(FileExistsError):
                os.mkdir(folder)
            self._names.add((folder, ""))
        self._names.add((folder, name.lower()))
        return os.path.join(folder, name)

    def move(
        self,
        moves: Sequence[Move],
        *,
        created: Sequence[str] = (),
        emptied: Sequence[str] = (),
        cleared: Sequence[str] = (),
    ) -> None:
        """Record moves in the journal and make them; `created` folders are created before.

        `emptied` and `cleared` are as for `Journal.record`.
        """
        self.journal.record(Change(created, moves), emptied=emptied, cleared=cleared)
        for folder in created:
            make_folders(folder)
        self.journal.perform(moves)

    def _folder(self, path: str) -> str:
        existing = _existing_parent(path)
        device = os.stat(existing).st_dev
        if not self._folders:
            main = self.journal.folder
            self._folders[os.stat(main).st_dev] = main
        if device not in self._folders:
            folder = unused_transaction_folder(existing)
            self.journal.add_stage(folder)
            os.mkdir(folder, 0o700)
            self._folders[device] = folder
        return self._folders[device]


def run_transaction(
    environment: InstallEnvironment,
    created: Sequence[str],
    prepare: Callable[[Transaction], T],
    change: Callable[[Transaction, T], None],
    emit: Listener,
) -> None:
    """Call `prepare`, then `change` with its result, and commit; undo everything if one raises.

    The caller holds the lock. `prepare` changes nothing outside the transaction's folders, and
    signals interrupt it; in `change` they take effect between two moves. An undone transaction
    removes the folders `created`, which were made for the environment. Raises RollbackFailed if the
    changes can be neither made nor undone. After the commit nothing is raised.
    """
    with HeldSignals() as held:
        folder = unused_transaction_folder(environment.root)
        journal = Journal(JournalFile.create(folder, environment.keys), environment.folders)
        try:
            journal.record(Change(created))
            transaction = Transaction(environment, journal)
            journal.between = held.check
            with interruptible():
                prepared = prepare(transaction)
            change(transaction, prepared)
            held.check()
            journal.commit()
        except BaseException:
            _undo(journal)
            raise
        held.committed()
        _clean_up(journal, emit)


def _undo(journal: Journal) -> None:
    """Undo an unfinished transaction of this process. Raises RollbackFailed."""
    try:
        journal.decide_to_undo()
        if journal.undo():
            raise FileExistsError(17, os.strerror(17), journal.folder)
    except Exception as error:
        raise RollbackFailed(journal.folder, error) from error
    finally:
        journal.close()


def _clean_up(journal: Journal, emit: Listener) -> None:
    """Remove what a committed transaction leaves, or say that a later run does."""
    try:
        journal.clean_up()
    except Exception as error:  # noqa: BLE001 - the change itself has succeeded
        emit(CleanUpDelayed(journal.folder, f"{type(error).__name__}: {error}"))
    finally:
        journal.close()


@contextmanager
def existing_folder(folder: str) -> Iterator[list[str]]:
    """Create `folder` if it is missing, and yield the folders that were created.

    If the block raises, those of them that are empty are removed.
    """
    missing = missing_folders(os.path.abspath(folder))
    make_folders(folder)
    try:
        yield missing
    except BaseException:
        for path in reversed(missing):
            with suppress(OSError):
                os.rmdir(path)
        raise


def missing_folders(folder: str) -> list[str]:
    """Return `folder` and its parents as far as they do not exist, parents first."""
    missing = []
    while not is_there(folder):
        missing.append(folder)
        folder = os.path.dirname(folder)
    return missing[::-1]


def _existing_parent(path: str) -> str:
    while not is_folder(path):
        path = os.path.dirname(path)
    return path
