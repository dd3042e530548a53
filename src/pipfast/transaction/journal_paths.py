"""Paths in a journal: relative to the environment's folders, which are known without the journal.

So a journal is valid where its environment is now, and cannot name anything outside it.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence

from pipfast.environment.presence import is_real_folder, is_there
from pipfast.transaction.errors import JournalRefused, Refusal
from pipfast.transaction.reserved_names import is_reserved

Place = list[str]
"""A path as a journal contains it: the name of a folder, and a path below it with slashes.

The name is that of a folder of the environment, or ``@N`` for folder N of the transaction. It is
empty for a path that no folder contains; recovery does not accept one.
"""


class EnvironmentFolders:
    """The folders of an environment: `named` ones may have moved since, `fixed` ones may not."""

    def __init__(self, named: Mapping[str, str], fixed: Iterable[str] = ()) -> None:
        self._bases = {name: os.path.realpath(path) for name, path in named.items() if path}
        self._bases.update((path, path) for path in map(os.path.realpath, fixed))
        self._resolved: dict[str, str] = {}

    def place(self, path: str, stages: Sequence[str]) -> Place:
        """Return `path` as the journal contains it; `stages` are the transaction's folders."""
        for number, stage in enumerate(stages):
            if path.startswith(stage + os.sep):
                return [f"@{number}", _slashed(path[len(stage) + 1 :])]
        path = self._real(path)
        for name, base in self._bases.items():
            if path.startswith(os.path.join(base, "")):
                return [name, _slashed(path[len(os.path.join(base, "")) :])]
        return ["", path]

    def path(self, place: Sequence[str], stages: Sequence[str]) -> str:
        """Return the path of a place. Raises JournalRefused if it is outside or behind a link."""
        name, below = place
        parts = below.split("/")
        if name.startswith("@"):
            base = stages[int(name[1:])]
        elif name in self._bases:
            base = self._bases[name]
            if any(map(is_reserved, parts)):
                raise JournalRefused(Refusal.PATH)
        else:
            raise JournalRefused(Refusal.PATH)
        if any(part in ("", ".", "..") or "\0" in part for part in parts) or (
            os.name == "nt" and any(mark in below for mark in "\\:")
        ):
            raise JournalRefused(Refusal.PATH)
        for part in parts[:-1]:
            base = os.path.join(base, part)
            if is_link(base):
                raise JournalRefused(Refusal.LINK)
        return os.path.join(base, parts[-1])

    def stage_place(self, path: str) -> Place:
        """Return the place of a folder of the transaction on another file system."""
        folder, name = os.path.split(path)
        real = os.path.realpath(folder)
        for base_name, base in self._bases.items():
            if base == real:
                return [base_name, "", name]
        return [*self.place(real, ()), name]

    def stage_path(self, place: Sequence[str]) -> str:
        """Return the path of such a folder. Raises JournalRefused unless it is one."""
        name, below, stage = place
        folder = self._bases.get(name)
        if folder is None or not is_reserved(stage) or "/" in stage or os.sep in stage:
            raise JournalRefused(Refusal.PATH)
        if below:
            folder = self.path([name, below], ())
        if is_link(folder) or is_link(os.path.join(folder, stage)):
            raise JournalRefused(Refusal.LINK)
        return os.path.join(folder, stage)

    def is_ours(self, folder: str) -> bool:
        """Return whether `folder` contains a folder of the environment, or is in one."""
        inner = os.path.join(folder, "")
        return any(
            base == folder or base.startswith(inner) or folder.startswith(os.path.join(base, ""))
            for base in self._bases.values()
        )

    def _real(self, path: str) -> str:
        """Return `path` with the links in its folder resolved."""
        folder, name = os.path.split(path)
        real = self._resolved.get(folder)
        if real is None:
            real = self._resolved[folder] = os.path.realpath(folder)
        return os.path.join(real, name)


def is_link(path: str) -> bool:
    """Return whether `path` is a symbolic link, or a file where a folder should be."""
    return is_there(path) and not is_real_folder(path)


def _slashed(path: str) -> str:
    return path.replace(os.sep, "/")
