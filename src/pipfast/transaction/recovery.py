"""Finish interrupted transactions: undo them, or clean up after them if they were committed.

A journal is only obeyed if this user's runs have written it; otherwise it is reported and left
alone. See decision 0008.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress

from pipfast.concurrency.interrupts import HeldSignals
from pipfast.environment.presence import is_there
from pipfast.model.events import Listener, silent
from pipfast.model.frozen_dataclass import dataclass
from pipfast.transaction.environment_lock import EnvironmentBusy, locked
from pipfast.transaction.errors import JournalRefused, Refusal, RollbackFailed
from pipfast.transaction.events import (
    CleanUpDelayed,
    CleanUpRefused,
    InterruptedRunSeen,
    InterruptedRunUndone,
    JournalIgnored,
    OldFilesRemain,
)
from pipfast.transaction.install_environment import InstallEnvironment
from pipfast.transaction.journal import Journal
from pipfast.transaction.journal_file import JOURNAL_FILE, JournalFile
from pipfast.transaction.reserved_names import transaction_folders
from pipfast.transaction.settlement import is_metadata, settle


def recover(environment: InstallEnvironment, emit: Listener = silent, *, wait: bool = True) -> bool:
    """Finish the transactions of killed runs; return whether there is a transaction's folder.

    Costs one system call if there is none. Raises RollbackFailed if changes cannot be undone, and
    EnvironmentBusy if another run has the lock and the caller does not `wait`.
    """
    root = environment.root
    if not transaction_folders(root):
        return False
    with locked(root, wait=wait), HeldSignals():
        folders = transaction_folders(root)
        for folder in folders:
            journal = _opened(folder, environment, emit)
            if journal is not None:
                _finish(journal, environment, emit)
    return bool(folders)


@dataclass(frozen=True, slots=True)
class EarlierState:
    """What an environment contained before a run that was interrupted and cannot be undone here.

    `metadata` are pairs of a metadata folder, which was moved away, and its path before. `hidden`
    are paths that were not there.
    """

    metadata: tuple[tuple[str, str], ...]
    hidden: frozenset[str]


def recover_or_read(environment: InstallEnvironment, emit: Listener) -> EarlierState | None:
    """Finish interrupted transactions if this user may; else return what was there before.

    For commands that only read an environment. Does nothing while another run changes it.
    """
    try:
        recover(environment, emit, wait=False)
    except EnvironmentBusy:
        return None
    except (RollbackFailed, OSError):
        return _earlier_state(environment, emit)
    return None


def _opened(folder: str, environment: InstallEnvironment, emit: Listener) -> Journal | None:
    """Return the journal in `folder`, None if it was removed or is not trusted."""
    try:
        return _read(folder, environment, writable=True)
    except FileNotFoundError:
        if not _remove_unstarted(folder):
            emit(JournalIgnored(folder, Refusal.SIGNATURE))
    except JournalRefused as refused:
        emit(JournalIgnored(folder, refused.why))
    except OSError as error:
        raise RollbackFailed(folder, error) from error
    return None


def _read(folder: str, environment: InstallEnvironment, *, writable: bool) -> Journal:
    file, records = JournalFile.open(folder, environment.keys, writable=writable)
    try:
        return Journal.read(file, records, environment.folders)
    except BaseException:
        file.close()
        raise


def _remove_unstarted(folder: str) -> bool:
    """Remove a folder with nothing but a journal without records; return whether it is gone."""
    with suppress(OSError):
        if os.listdir(folder) == [JOURNAL_FILE]:
            os.unlink(os.path.join(folder, JOURNAL_FILE))
        os.rmdir(folder)
    return not is_there(folder)


def _finish(journal: Journal, environment: InstallEnvironment, emit: Listener) -> None:
    try:
        if journal.content.committed:
            _clean_up(journal, emit)
        else:
            _undo(journal, environment, emit)
    except Exception as error:
        raise RollbackFailed(journal.folder, error) from error
    finally:
        journal.close()


def _clean_up(journal: Journal, emit: Listener) -> None:
    missing = journal.missing()
    if missing:
        emit(CleanUpRefused(journal.folder, tuple(missing)))
        return
    try:
        journal.clean_up()
    except (OSError, RuntimeError) as error:
        emit(CleanUpDelayed(journal.folder, f"{type(error).__name__}: {error}"))


def _undo(journal: Journal, environment: InstallEnvironment, emit: Listener) -> None:
    kept: tuple[str, ...] = ()
    if journal.content.settlement is None:
        scheme = environment.scheme
        libraries = (environment.root, scheme.purelib, scheme.platlib)
        settlement, kept = settle(journal, libraries)
        journal.decide_to_undo(settlement)
    changed = any(change.moves for change in journal.content.changes)
    occupied = journal.undo()
    if changed:
        emit(InterruptedRunUndone(environment.root, kept))
    if occupied:
        emit(OldFilesRemain(journal.folder, tuple(occupied)))


def _earlier_state(environment: InstallEnvironment, emit: Listener) -> EarlierState | None:
    metadata: list[tuple[str, str]] = []
    hidden: set[str] = set()
    for folder in transaction_folders(environment.root):
        try:
            journal = _read(folder, environment, writable=False)
        except (FileNotFoundError, JournalRefused):
            continue
        except OSError:
            emit(JournalIgnored(folder, Refusal.UNREADABLE))
            continue
        journal.close()
        if not journal.content.committed:
            metadata += _moved_away(journal)
            hidden.update(_moved_in(journal))
    if not metadata and not hidden:
        return None
    emit(InterruptedRunSeen(environment.root))
    return EarlierState(tuple(metadata), frozenset(hidden))


def _moved_away(journal: Journal) -> Iterator[tuple[str, str]]:
    for change in journal.content.changes:
        for source, target in change.moves:
            if is_metadata(source) and not journal.is_staged(source) and is_there(target):
                yield target, source


def _moved_in(journal: Journal) -> Iterator[str]:
    for change in journal.content.changes:
        for source, target in change.moves:
            if journal.is_staged(source) and not is_there(source):
                yield target
