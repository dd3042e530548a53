"""The journal: every change to an environment is written down, and synced, before it is made.

It is a file of JSON lines in the transaction's own folder. A line is whole or it does not count.
The lines name moves and folders; whether a move was made is seen on the disk, so that undoing can
itself be interrupted and done again.
"""

from __future__ import annotations

import errno
import json
import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

from pipfast.errors import PipfastError
from pipfast.model.remedies import FilesInJournal
from pipfast.store.filesystem.rmtree import remove_trees

FOLDER = ".pipfast-transaction"
"""The name of a transaction's folder: one an environment, so that one look finds it."""

Move = tuple[str, str]


class NotRestored(PipfastError):
    """The way back of a transaction has failed: its journal is there still, for the next run.

    Nothing else may change the environment before, real pip neither.
    """

    def __init__(self, folder: str, error: Exception) -> None:
        super().__init__(
            f"The environment could not be made whole again: {type(error).__name__}: {error}",
            FilesInJournal(folder),
        )
        self.folder = folder


class Journal:
    """The journal of one transaction in the folder `folder`, which it makes.

    `record` comes before `perform`, `commit` after all; `undo` and `finish`, or `settle`, end it
    and remove every folder of the transaction. All of them may be repeated.
    """

    def __init__(self, folder: str) -> None:
        self.folder = folder
        self.stages: list[str] = [folder]
        self.changes: list[tuple[list[str], list[Move]]] = []
        self.emptied: list[str] = []
        self.hollow: list[str] = []
        self.committed = False

    @classmethod
    def read(cls, folder: str) -> Journal:
        """The journal of a transaction that did not end; one without lines changed nothing.

        Raises NotRestored for one that cannot be read.
        """
        journal = cls(folder)
        try:
            with suppress(FileNotFoundError):
                text = Path(folder, "journal").read_bytes()
                for line in text.splitlines(keepends=True):
                    if line.endswith(b"\n"):
                        journal._take(json.loads(line))
        except Exception as error:
            raise NotRestored(folder, error) from error
        return journal

    def _take(self, line: dict[str, object]) -> None:
        self.stages += _texts(line.get("stages"))
        self.emptied += _texts(line.get("emptied"))
        self.hollow += _texts(line.get("hollow"))
        moves = line.get("moves")
        pairs = [(move[0], move[1]) for move in moves] if isinstance(moves, list) else []
        self.changes.append((_texts(line.get("made")), pairs))
        self.committed = self.committed or bool(line.get("committed"))

    def record(
        self,
        *,
        stages: Iterable[str] = (),
        made: Iterable[str] = (),
        moves: Iterable[Move] = (),
        emptied: Iterable[str] = (),
        hollow: Iterable[str] = (),
        committed: bool = False,
    ) -> None:
        """Write down what is about to be done, and wait until the disk has it."""
        line: dict[str, object] = {
            "stages": list(stages),
            "made": list(made),
            "moves": list(moves),
            "emptied": list(emptied),
            "hollow": list(hollow),
            "committed": committed,
        }
        with Path(self.folder, "journal").open("ab") as file:
            file.write(json.dumps(line).encode("ascii") + b"\n")
            file.flush()
            _sync(file.fileno())
        _sync_folder(self.folder)
        self._take(line)

    def perform(self, moves: Iterable[Move]) -> None:
        """Make moves that were recorded. Raises OSError; then `undo` is due."""
        for source, target in moves:
            try:
                os.rename(source, target)
            except OSError as error:  # noqa: PERF203
                if error.errno != errno.EXDEV:
                    raise
                self._move_far(source, target)

    def _move_far(self, source: str, target: str) -> None:
        """Move what cannot be renamed: a folder of a lower overlay, or to another file system."""
        if os.path.isdir(source) and not os.path.islink(source):
            inner = [
                (os.path.join(source, name), os.path.join(target, name))
                for name in os.listdir(source)
            ]
            self.record(made=[target], moves=inner, emptied=[source])
            os.mkdir(target)
            shutil.copystat(source, target)
            self.perform(inner)
            os.rmdir(source)
        else:
            beside = f"{target}.pipfast"
            shutil.copy2(source, beside, follow_symlinks=False)
            os.rename(beside, target)
            os.unlink(source)

    def settle(self) -> None:
        """To its end if it had committed, else back. Raises NotRestored where that fails."""
        try:
            if self.committed:
                self.finish()
            else:
                self.undo()
        except Exception as error:
            raise NotRestored(self.folder, error) from error

    def undo(self) -> None:
        """Put everything back where it was. Raises OSError if that cannot be; try again then."""
        for made, moves in reversed(self.changes):
            for source, target in reversed(moves):
                if not os.path.lexists(source) and os.path.lexists(target):
                    Path(source).parent.mkdir(parents=True, exist_ok=True)
                    self._back(target, source)
            _remove_empty(reversed(made))
        self._remove_stages()
        _remove_empty(folder for made, _ in self.changes for folder in reversed(made))

    def _back(self, target: str, source: str) -> None:
        try:
            os.rename(target, source)
        except OSError as error:
            if error.errno != errno.EXDEV:
                raise
            shutil.move(target, source)

    def commit(self) -> None:
        """From here on the environment is the new one, whatever happens."""
        self.record(committed=True)

    def finish(self) -> None:
        """Remove the old files and the transaction's folders, and folders that lost all content."""
        self._remove_stages()
        _remove_empty(self.hollow)
        for folder in sorted(set(self.emptied), key=len, reverse=True):
            _prune(folder)

    def _remove_stages(self) -> None:
        """The folders of the transaction; the journal's own last, since it names the others."""
        for stage in reversed(self.stages):
            folders = []
            for entry in _entries(stage):
                if entry.is_dir(follow_symlinks=False):
                    folders.append(entry.path)
                elif entry.name != "journal":
                    os.unlink(entry.path)
            _remove_all(folders)
            with suppress(FileNotFoundError):
                if stage == self.folder:
                    os.unlink(os.path.join(stage, "journal"))
            with suppress(FileNotFoundError):
                os.rmdir(stage)


def _remove_empty(folders: Iterable[str]) -> None:
    for folder in folders:
        with suppress(OSError):
            os.rmdir(folder)


def _prune(folder: str) -> None:
    """Remove `folder` if it is empty, and then its parents, as pip's uninstall does."""
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


def _remove_all(folders: Iterable[str]) -> None:
    """Remove folders; files that another program holds open (Windows) stay for the next run."""
    try:
        remove_trees(*folders)
    except OSError:
        if os.name != "nt":
            raise


def _entries(folder: str) -> Iterator[os.DirEntry[str]]:
    with suppress(FileNotFoundError), os.scandir(folder) as entries:
        yield from entries


def _texts(value: object) -> list[str]:
    return [str(item) for item in value] if isinstance(value, list) else []


def _sync(handle: int) -> None:
    with suppress(OSError):  # not every file system can
        os.fsync(handle)


def _sync_folder(folder: str) -> None:
    if os.name != "nt":
        handle = os.open(folder, os.O_RDONLY)
        try:
            _sync(handle)
        finally:
            os.close(handle)
