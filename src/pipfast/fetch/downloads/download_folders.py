"""The folders of a run's downloads, one in each store that it uses."""

from __future__ import annotations

import hashlib
import os
import threading
from contextlib import suppress
from pathlib import Path

from pipfast.errors import Interrupted
from pipfast.model.link import Link
from pipfast.store.filesystem.owned_names import remove, temporary_store_folder


class DownloadFolders:
    """Temporary folders in stores for the downloads of this run. Safe for several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._folders: dict[str, Path] = {}
        self.is_stopped = False
        """Whether the run needs no more files."""

    def path_for(self, link: Link, root: str) -> Path:
        """Return the path for the file of `link` in the store `root`.

        Raises OSError, and Interrupted after `stop`.
        """
        with self._lock:
            if self.is_stopped:
                raise Interrupted
            if root not in self._folders:
                self._folders[root] = Path(temporary_store_folder(root))
            folder = self._folders[root] / hashlib.sha256(link.url.encode()).hexdigest()[:16]
        folder.mkdir(exist_ok=True)
        return folder / (link.filename or "file")

    def link_to(self, path: Path, link: Link, root: str) -> Path:
        """Return a hard link to a file of the store that `cache purge` keeps, or `path` itself."""
        own = path
        with suppress(OSError):
            own = self.path_for(link, root)
            own.unlink(missing_ok=True)
            os.link(path, own)
        return own if own.exists() else path

    def contains(self, path: Path) -> bool:
        """Return whether `path` is in one of the folders."""
        return any(folder in path.parents for folder in self._folders.values())

    def stop(self) -> None:
        """Make `path_for` raise Interrupted from now on."""
        self.is_stopped = True

    def close(self) -> None:
        """Remove the folders."""
        self.stop()
        with self._lock:
            folders, self._folders = self._folders, {}
        for folder in folders.values():
            remove(str(folder))
