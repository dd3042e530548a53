"""Where a run works on its sources: temporary folders that are gone when it is, however it ends."""

from __future__ import annotations

import os
import tempfile
import threading
from contextlib import suppress
from contextvars import ContextVar
from glob import escape
from pathlib import Path

from pipfast.store.filesystem.rmtree import remove_trees
from pipfast.store.filesystem.root import aside_patterns
from pipfast.store.workers.watchdog import Keeper

_AROUND: ContextVar[Scratch | None] = ContextVar("the scratch of the run around", default=None)


class Scratch:
    """A folder in which a run works, made when it is first asked for, and others beside it.

    Whatever else this process puts into temporary folders from then on comes into it, too. What
    is left of that, and in `store`, when the process is killed a keeper removes. A run within a run
    works in the other's folder.
    """

    def __init__(self, store: Path) -> None:
        self._store = store
        self._around = _AROUND.get()
        self._token = _AROUND.set(self)
        self._lock = threading.RLock()
        self._folder: Path | None = None
        self._beside: list[Path] = []
        self._keeper: Keeper | None = None

    def folder(self) -> Path:
        """The folder."""
        with self._lock:
            if self._folder is None:
                self._folder = self._made()
            return self._folder

    @property
    def keeper(self) -> Keeper:
        """Who ends what this run has begun and removes its folders, when it is killed."""
        if self._around is not None:
            return self._around.keeper
        self.folder()
        assert self._keeper is not None
        return self._keeper

    def beside(self, prefix: str) -> Path:
        """A folder beside it, not there yet, whose name begins with `prefix`."""
        found = self.folder().with_name(prefix + os.urandom(4).hex())
        self._beside.append(found)
        self.keeper.folder(escape(str(found)))
        return found

    def close(self, *, clean: bool) -> None:
        """Be done with them; with `clean`, remove all that were made."""
        _AROUND.reset(self._token)
        if self._keeper is not None:
            tempfile.tempdir = None
        made = [self._folder] if self._folder else []
        for folder in (*made, *filter(os.path.lexists, self._beside)) if clean else ():
            with suppress(OSError):
                remove_trees(str(folder))
        if self._keeper is not None:
            self._keeper.close()

    def _made(self) -> Path:
        if self._around is not None:
            return Path(tempfile.mkdtemp(prefix="pip-install-", dir=self._around.folder()))
        folder = os.path.realpath(tempfile.mkdtemp(prefix="pip-install-"))
        self._keeper = Keeper([escape(folder), *aside_patterns(self._store)])
        tempfile.tempdir = folder
        return Path(folder)
