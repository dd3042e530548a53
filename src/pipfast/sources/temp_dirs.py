"""Temporary folders of a run, which are removed however it ends."""

from __future__ import annotations

import os
import threading
from contextlib import suppress
from contextvars import ContextVar
from glob import escape
from pathlib import Path

from pipfast.concurrency.interrupts import held
from pipfast.store.filesystem.owned_names import temporary_folder, unused_name
from pipfast.store.filesystem.rmtree import remove_trees
from pipfast.store.filesystem.root import own_temporary_files
from pipfast.store.workers.watchdog import Watchdog

_AROUND: ContextVar[TempDirs | None] = ContextVar("the scratch of the run around", default=None)


class TempDirs:
    """A run's temporary folder, created when needed, and further ones beside it.

    Other temporary files of this process are created in it as well. If the process is killed,
    the watchdog removes it, including what is in `store`. A nested run uses the outer run's
    folder.
    """

    def __init__(self, store: Path) -> None:
        self._store = store
        self._around = _AROUND.get()
        self._token = _AROUND.set(self)
        self._lock = threading.RLock()
        self._folder: Path | None = None
        self._beside: list[Path] = []
        self._keeper: Watchdog | None = None

    def folder(self) -> Path:
        """The folder."""
        with held(), self._lock:  # no signal arrives between creating and remembering it
            if self._folder is None:
                self._folder = self._made()
            return self._folder

    @property
    def keeper(self) -> Watchdog:
        """The watchdog, which ends processes and removes folders if this process is killed."""
        if self._around is not None:
            return self._around.keeper
        self.folder()
        assert self._keeper is not None
        return self._keeper

    def beside(self, prefix: str) -> Path:
        """Return a path beside it that does not exist, whose name starts with `prefix`."""
        found = self.folder().with_name(unused_name(prefix.rstrip("-")))
        self._beside.append(found)
        self.keeper.folder(escape(str(found)))
        return found

    def close(self, *, clean: bool) -> None:
        """Release the folders; with `clean`, remove them."""
        _AROUND.reset(self._token)
        if self._keeper is not None:
            import tempfile

            tempfile.tempdir = None
        made = [self._folder] if self._folder else []
        for folder in (*made, *filter(os.path.lexists, self._beside)) if clean else ():
            with suppress(OSError):
                remove_trees(str(folder))
        if self._keeper is not None:
            self._keeper.close()

    def _made(self) -> Path:
        import tempfile

        if self._around is not None:
            return Path(tempfile.mkdtemp(prefix="pip-install-", dir=self._around.folder()))
        folder = os.path.realpath(temporary_folder("pip-install"))
        self._keeper = Watchdog([escape(folder), own_temporary_files(self._store)])
        tempfile.tempdir = folder
        return Path(folder)
