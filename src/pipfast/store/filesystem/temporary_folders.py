"""Temporary folders in the store that become entries or are removed."""

from __future__ import annotations

import os
from contextlib import suppress
from types import TracebackType
from typing import TYPE_CHECKING

from pipfast.concurrency.interrupts import held
from pipfast.store.filesystem.owned_names import temporary_store_folder
from pipfast.store.filesystem.rmtree import remove_trees

if TYPE_CHECKING:
    from typing import Self  # type: ignore[attr-defined, unused-ignore]  # 3.11


class TemporaryFolders:
    """A context manager that removes its temporary folders at the end, unless they were renamed.

    Signals are held back while a folder is created and recorded, and while folders are removed.
    """

    def __init__(self) -> None:
        self._folders: list[str] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with held():
            left = filter(os.path.lexists, self._folders)
            with suppress(OSError):
                remove_trees(*left)

    def make(self, root: str) -> str:
        """Create a temporary folder in the store `root` and return its path. Raises OSError."""
        with held():
            folder = temporary_store_folder(root)
            self._folders.append(folder)
        return folder
