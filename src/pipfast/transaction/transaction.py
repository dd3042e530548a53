"""A transaction: changes to an environment that are all made, or rolled back."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress

from pipfast.transaction.environment_lock import locked
from pipfast.transaction.install_environment import InstallEnvironment
from pipfast.transaction.journal import TRANSACTION_FOLDER, Journal, Move
from pipfast.transaction.signal_handling import signals_ignored


class Transaction:
    """The journal and the folders of a transaction; it has a folder on each file system it changes.

    New files are staged in these folders, and replaced files are moved there until the commit.
    """

    def __init__(self, environment: InstallEnvironment, journal: Journal) -> None:
        self.environment = environment
        self.journal = journal
        self._count = 0
        self._folders: dict[int, str] = {}

    def unused_path(self, path: str) -> str:
        """Return an unused path in a folder of the transaction on the file system of `path`."""
        self._count += 1
        return os.path.join(self._folder(path), str(self._count))

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
        self.journal.record(created=created, moves=moves, emptied=emptied, cleared=cleared)
        for folder in created:
            os.makedirs(folder, exist_ok=True)
        self.journal.perform(moves)

    def _folder(self, path: str) -> str:
        existing = _existing_parent(path)
        device = os.stat(existing).st_dev
        if not self._folders:
            main = self.journal.folder
            self._folders[os.stat(main).st_dev] = main
        if device not in self._folders:
            folder = os.path.join(existing, TRANSACTION_FOLDER)
            self.journal.record(stages=[folder])
            os.mkdir(folder)
            self._folders[device] = folder
        return self._folders[device]


def run_transaction(
    environment: InstallEnvironment, created: Sequence[str], change: Callable[[Transaction], None]
) -> None:
    """Call `change` and commit its changes; roll them back if it raises.

    The caller holds the lock. A rollback removes the folders `created`, which were made for the
    environment. Not a context manager: a signal that arrives between its block and its code would
    prevent the rollback.
    """
    folder = os.path.join(environment.root, TRANSACTION_FOLDER)
    os.mkdir(folder)
    journal = Journal(folder)
    try:
        journal.record(created=created)
        change(Transaction(environment, journal))
        journal.commit()
        journal.clean_up()
    except BaseException:
        with signals_ignored():
            journal.recover()
        raise


@contextmanager
def existing_folder(folder: str) -> Iterator[list[str]]:
    """Create `folder` if it is missing, and yield the folders that were created.

    If the block raises, those of them that are empty are removed.
    """
    missing = missing_folders(os.path.abspath(folder))
    os.makedirs(folder, exist_ok=True)
    try:
        yield missing
    except BaseException:
        for path in reversed(missing):
            with suppress(OSError):
                os.rmdir(path)
        raise


def recover(environment: InstallEnvironment) -> bool:
    """Roll back a transaction whose process was killed, or clean up if it was committed.

    Return whether there was one. Costs one system call if there was none. Raises RollbackFailed.
    """
    folder = os.path.join(environment.root, TRANSACTION_FOLDER)
    if not os.path.lexists(folder):
        return False
    with locked(environment.root), signals_ignored():
        if not os.path.lexists(folder):
            return False
        Journal.read(folder).recover()
    return True


def missing_folders(folder: str) -> list[str]:
    """Return `folder` and its parents as far as they do not exist, parents first."""
    missing = []
    while not os.path.lexists(folder):
        missing.append(folder)
        folder = os.path.dirname(folder)
    return missing[::-1]


def _existing_parent(path: str) -> str:
    while not os.path.isdir(path):
        path = os.path.dirname(path)
    return path
