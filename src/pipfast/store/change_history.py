"""The history of an environment: one small file for each change, readable by the user alone.

Notes are a convenience: one that cannot be written is left out, and one that is damaged is skipped.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from contextlib import suppress
from hashlib import sha256

from pipfast.model.changes import Change, DistributionChange, DistributionState
from pipfast.model.frozen_dataclass import names_of, replace
from pipfast.store.filesystem.entries import Entries
from pipfast.store.filesystem.private_files import private_file, private_folder

TYPE_CHECKING = False  # type checkers know this name; importing typing costs 3 ms
if TYPE_CHECKING:
    from typing import Any

AREA = "history"
"""The store's area for histories."""

CHANGES = 100
"""How many changes are kept for each environment."""

ENVIRONMENTS = 200
"""How many environments have a history; those changed last."""

_FORMAT = 1
_SUFFIX = ".json"
_ATTEMPTS = 100
_LARGEST = 16 << 20  # bytes; ten thousand distributions take 5 MB
_SPARE = 20  # histories are removed in groups, so that few runs look at all of them


class ChangeHistory:
    """The changes of the environment whose ``purelib`` folder is `library`."""

    __slots__ = ("_folder",)

    def __init__(self, store: Entries, library: str) -> None:
        self._folder: str | None = None
        if store.folder is not None:
            key = sha256(os.path.realpath(library).encode("utf-8", "surrogateescape")).hexdigest()
            self._folder = os.path.join(store.folder, AREA, key[:16])

    def add(self, change: Change) -> int | None:
        """Note a change; return its number, None if the store cannot be written."""
        if self._folder is None:
            return None
        data = json.dumps(_encoded(change), separators=(",", ":")).encode()
        with suppress(OSError):
            numbers = self._numbers()
            if not numbers:
                private_folder(self._folder)
                _limit_environments(os.path.dirname(self._folder))
            number = self._write(data, max(numbers, default=0))
            for old in sorted(numbers)[: -CHANGES + 1]:
                os.unlink(self._path(old))
            return number
        return None

    def changes(self) -> list[Change]:
        """Return the noted changes that can be read, the oldest first."""
        found = (self._read(number) for number in sorted(self._numbers()))
        return [change for change in found if change is not None]

    def _write(self, data: bytes, last: int) -> int:
        """Write a note with an unused number after `last`. Raises OSError."""
        for number in range(last + 1, last + 1 + _ATTEMPTS):
            path = self._path(number)
            try:
                file = open(path, "xb", opener=private_file)  # noqa: SIM115 - closed below
            except FileExistsError:  # another run was faster
                continue
            try:
                with file:
                    file.write(data)
            except OSError:
                os.unlink(path)
                raise
            return number
        raise FileExistsError

    def _read(self, number: int) -> Change | None:
        try:
            with open(self._path(number), "rb") as file:
                return _decoded(json.loads(file.read(_LARGEST)), number)
        except (OSError, ValueError, KeyError, TypeError, RecursionError):
            return None

    def _numbers(self) -> list[int]:
        if self._folder is None:
            return []
        try:
            names = os.listdir(self._folder)
        except OSError:
            return []
        stems = (name.removesuffix(_SUFFIX) for name in names if name.endswith(_SUFFIX))
        return [int(stem) for stem in stems if stem.isdecimal()]

    def _path(self, number: int) -> str:
        return os.path.join(self._folder or "", f"{number}{_SUFFIX}")


def _limit_environments(area: str) -> None:
    """Remove the histories of environments that were not changed for the longest time."""
    folders = [os.path.join(area, name) for name in os.listdir(area)]
    if len(folders) > ENVIRONMENTS:
        folders.sort(key=lambda folder: os.stat(folder).st_mtime)
        for folder in folders[: len(folders) - ENVIRONMENTS + _SPARE]:
            for name in os.listdir(folder):
                os.unlink(os.path.join(folder, name))
            os.rmdir(folder)


# The format of a note


def _encoded(change: Change) -> Mapping[str, object]:
    return {
        "format": _FORMAT,
        "time": change.time,
        "words": change.words,
        "in_user_site": change.in_user_site,
        "undoes": change.undoes,
        "distributions": [
            {"before": _fields(one.before), "after": _fields(one.after)}
            for one in change.distributions
        ],
    }


def _fields(state: DistributionState | None) -> Mapping[str, object] | None:
    """Return the fields of a state that are not empty."""
    if state is None:
        return None
    values = {name: getattr(state, name) for name in names_of(DistributionState)}
    return {name: value for name, value in values.items() if value not in (None, False)}


def _decoded(note: Mapping[str, Any], number: int) -> Change | None:
    """Return the change of a note. Raises KeyError, TypeError or ValueError if it is damaged."""
    if note["format"] != _FORMAT:
        return None
    change = Change(
        time=float(note["time"]),
        words=tuple(map(str, note["words"])),
        in_user_site=bool(note["in_user_site"]),
        undoes=note["undoes"],
        distributions=tuple(_distributions(note["distributions"])),
    )
    return replace(change, number=number)


def _distributions(notes: Iterable[Mapping[str, Any]]) -> Iterable[DistributionChange]:
    for each in notes:
        before, after = (each[key] and DistributionState(**each[key]) for key in _SIDES)
        if before or after:
            yield DistributionChange(before, after)


_SIDES = ("before", "after")
