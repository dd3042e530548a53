"""The journal of a transaction: each change to the environment is recorded before it is made.

Whether a recorded move was made is determined from the file system, so what was interrupted can be
repeated. One record decides whether the changes are kept or undone; the first such record counts.
See decision 0008.
"""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from typing import Any

from pipfast.environment.presence import is_real_folder, is_there
from pipfast.model.frozen_dataclass import dataclass, field
from pipfast.transaction.errors import JournalRefused, Refusal
from pipfast.transaction.journal_file import JOURNAL_FILE, JournalFile, Record
from pipfast.transaction.journal_paths import EnvironmentFolders, Place
from pipfast.transaction.journal_undo import (
    COPY_SUFFIX,
    Settlement,
    is_restored,
    put_back,
    remove_dropped,
    take_back,
)
from pipfast.transaction.tree_removal import remove_empty, remove_empty_with_parents, remove_stage

Move = tuple[str, str]
"""Source and target of a rename: one of the two is in a folder of the transaction."""


@dataclass(frozen=True, slots=True)
class Change:
    """Moves, and the folders that are created before them.

    `copies` are paths beside which a temporary copy may exist.
    """

    created: Sequence[str] = ()
    moves: Sequence[Move] = ()
    copies: Sequence[str] = ()


@dataclass(slots=True)
class _Content:
    """What the records of a journal say; `settlement` is set once it was decided to undo."""

    changes: list[Change] = field(default_factory=list)
    emptied: list[str] = field(default_factory=list)
    cleared: list[str] = field(default_factory=list)
    committed: bool = False
    settlement: Settlement | None = None


class Journal:
    """The journal of a transaction.

    Call `record` before `perform`. Decide once, with `commit` or `decide_to_undo`; then call
    `clean_up` or `undo`, which can be repeated, and `close`.
    """

    def __init__(self, file: JournalFile, folders: EnvironmentFolders) -> None:
        self.folder = file.folder
        self.stages: list[str] = [file.folder]
        self.content = _Content()
        self.time = file.time
        self.between: Callable[[], None] = lambda: None
        """Called between two moves; may raise, and then the transaction is undone."""
        self._file = file
        self._folders = folders

    @classmethod
    def read(
        cls, file: JournalFile, records: Sequence[Record], folders: EnvironmentFolders
    ) -> Journal:
        """Return the journal with these records.

        Raises JournalRefused if a path is outside the environment.
        """
        journal = cls(file, folders)
        try:
            for record in records[1:]:
                journal._read(record)
        except (KeyError, TypeError, ValueError, IndexError, AttributeError):
            raise JournalRefused(Refusal.PATH) from None
        return journal

    def add_stage(self, folder: str) -> None:
        """Record a folder of the transaction on a further file system, before it is created."""
        self._file.append({"stage": self._folders.stage_place(folder)})
        self.stages.append(folder)

    def record(
        self, change: Change, *, emptied: Sequence[str] = (), cleared: Sequence[str] = ()
    ) -> None:
        """Append a change and sync it to disk.

        After the commit, folders in `emptied` are removed with their parents if they are empty, and
        folders in `cleared` without their parents.
        """
        self._file.append(
            {
                "created": self._places(change.created),
                "moves": [self._places(move) for move in change.moves],
                "copies": self._places(change.copies),
                "emptied": self._places(emptied),
                "cleared": self._places(cleared),
            }
        )
        self._add(change, emptied, cleared)

    def perform(self, moves: Iterable[Move]) -> None:
        """Make recorded moves. Raises OSError and what `between` raises; the caller then undoes."""
        for source, target in moves:
            self.between()
            try:
                os.rename(source, target)
            except OSError as error:
                if error.errno != errno.EXDEV:
                    raise
                self._copy_and_remove(source, target)

    def commit(self) -> None:
        """Record that all changes were made: from now on nothing is undone. Raises OSError."""
        self._file.append({"decision": "commit"})
        self.content.committed = True

    def decide_to_undo(self, settlement: Settlement | None = None) -> None:
        """Record that the changes are undone, if that was not decided before."""
        if self.content.settlement is None:
            settlement = settlement or Settlement()
            kept, dropped = self._inner(settlement.kept), self._inner(settlement.dropped)
            self.content.settlement = Settlement(settlement.since, kept, dropped)
            with suppress(OSError):  # a full disk; without a decision to commit, it is undone, too
                self._file.append(
                    {
                        "decision": "undo",
                        "since": settlement.since,
                        "kept": self._places(sorted(kept)),
                        "dropped": self._places(sorted(dropped)),
                    }
                )

    def undo(self) -> list[str]:
        """Undo all moves and remove created folders and the transaction's; can be repeated.

        Return the paths whose old content is still in a folder of the transaction, because they
        have another content now; then these folders stay. Raises OSError.
        """
        settlement = self.content.settlement or Settlement()
        asides = dict(move for move in self._moves() if not self.is_staged(move[0]))
        occupied: list[str] = []
        for change in reversed(self.content.changes):
            for path in change.copies:
                with suppress(FileNotFoundError):
                    os.unlink(path + COPY_SUFFIX)
            for source, target in reversed(change.moves):
                if not self.is_staged(source):
                    put_back(source, target, settlement, occupied)
                elif not is_restored(target, asides):
                    take_back(source, target, settlement)
            remove_empty(reversed(change.created))
        remove_dropped(settlement)
        if not occupied:
            self._remove_stages()
            for change in reversed(self.content.changes):
                remove_empty(reversed(change.created))
        return occupied

    def clean_up(self) -> None:
        """Remove old files, the transaction's folders, and what became empty. Raises OSError."""
        self._remove_stages()
        remove_empty(self.content.cleared)
        for folder in sorted(set(self.content.emptied), key=len, reverse=True):
            remove_empty_with_parents(folder)

    def missing(self) -> list[str]:
        """Return what a committed transaction put into the environment and is not there."""
        return [
            target
            for source, target in self._moves()
            if self.is_staged(source) and not is_there(target)
        ]

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def is_staged(self, path: str) -> bool:
        """Return whether `path` is in a folder of the transaction."""
        return path.startswith(tuple(stage + os.sep for stage in self.stages))

    def _moves(self) -> Iterator[Move]:
        for change in self.content.changes:
            yield from change.moves

    def _copy_and_remove(self, source: str, target: str) -> None:
        """Move across file systems, or out of a lower layer of an overlay file system."""
        if is_real_folder(source):
            names = os.listdir(source)
            inner = [(os.path.join(source, name), os.path.join(target, name)) for name in names]
            self.record(Change(created=[target], moves=inner), emptied=[source])
            os.mkdir(target)
            shutil.copystat(source, target)
            self.perform(inner)
            os.rmdir(source)
        else:
            self.record(Change(copies=[target]))
            shutil.copy2(source, target + COPY_SUFFIX, follow_symlinks=False)
            os.rename(target + COPY_SUFFIX, target)
            os.unlink(source)

    def _remove_stages(self) -> None:
        """Remove the transaction's folders; the one with the journal last."""
        for stage in reversed(self.stages[1:]):
            remove_stage(stage)
            with suppress(FileNotFoundError):
                os.rmdir(stage)
        remove_stage(self.folder, JOURNAL_FILE)
        self._file.remove()

    def _places(self, paths: Iterable[str]) -> list[Place]:
        return [self._folders.place(path, self.stages) for path in paths]

    def _inner(self, paths: Iterable[str]) -> frozenset[str]:
        """Return those of `paths` that are in the environment."""
        return frozenset(path for path in paths if self._folders.place(path, self.stages)[0])

    def _add(self, change: Change, emptied: Iterable[str], cleared: Iterable[str]) -> None:
        self.content.changes.append(change)
        self.content.emptied += emptied
        self.content.cleared += cleared

    def _read(self, record: Record) -> None:
        if "stage" in record:
            self.stages.append(self._folders.stage_path(record["stage"]))
        elif "decision" in record:
            self._read_decision(record)
        else:
            moves = [(self._path(source), self._path(target)) for source, target in record["moves"]]
            if any(self.is_staged(source) == self.is_staged(target) for source, target in moves):
                raise JournalRefused(Refusal.PATH)
            created = self._existing_folders(record["created"])
            change = Change(created, moves, self._paths(record["copies"]))
            emptied, cleared = record["emptied"], record["cleared"]
            self._add(change, self._existing_folders(emptied), self._existing_folders(cleared))

    def _read_decision(self, record: Record) -> None:
        if self.content.committed or self.content.settlement is not None:
            return
        if record["decision"] == "commit":
            self.content.committed = True
        else:
            kept, dropped = self._paths(record["kept"]), self._paths(record["dropped"])
            since = record["since"]
            self.content.settlement = Settlement(since, frozenset(kept), frozenset(dropped))

    def _path(self, place: Any) -> str:
        return self._folders.path(place, self.stages)

    def _paths(self, places: Any) -> list[str]:
        return [self._path(place) for place in places]

    def _existing_folders(self, places: Any) -> list[str]:
        """Return folders to remove if they are empty; those around the environment may be among it.

        One that is elsewhere is left out: the environment was moved since.
        """
        paths = [path if not name else self._path((name, path)) for name, path in places]
        return [path for path in paths if self.is_staged(path) or self._folders.is_ours(path)]
