"""What a removal takes and leaves, as it is shown before it is asked for."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import PurePath

from pipfast.model.frozen_dataclass import dataclass
from pipfast.transaction.journal import FOLDER
from pipfast.transaction.removal import Outgoing, removal


@dataclass(frozen=True, slots=True)
class Listing:
    """Paths in the order in which they are shown; one that ends in ``*`` is a folder's contents.

    `stays` are files in those folders that nobody has listed, `refused` are outside the prefix.
    """

    goes: tuple[str, ...]
    stays: tuple[str, ...]
    refused: tuple[str, ...]


def in_short(leaving: Outgoing) -> Listing:
    """Packages and metadata folders as wholes, with what would be left in them; no bytecode."""
    files = {path for path in leaving.present if not path.endswith(".pyc")}
    folders = outermost(
        os.path.dirname(path)
        for path in files
        if path.endswith("__init__.py") or ".dist-info" in path
    )
    contents = {os.path.join(folder, "*") for folder in folders}
    known = {os.path.normcase(path) for path in files}
    others = (path for folder in folders for path in _files(folder))
    return Listing(
        goes=tuple(sorted(outermost(files | contents))),
        stays=tuple(sorted(path for path in others if os.path.normcase(path) not in known)),
        refused=tuple(sorted(outermost(leaving.refused))),
    )


def in_full(leaving: Outgoing) -> Listing:
    """Every file, bytecode and all."""
    return Listing(
        goes=tuple(sorted(outermost(leaving.present))),
        stays=(),
        refused=tuple(sorted(outermost(leaving.refused))),
    )


def moved(leaving: Outgoing) -> tuple[str, ...]:
    """The files and folders that are moved away; the names of folders end in a separator."""
    going = removal(leaving.present, FOLDER)
    hollow = set(going.hollow)
    files = [path for path in going.files if os.path.dirname(path) not in hollow]
    return tuple(sorted([*files, *(os.path.join(path, "") for path in (*going.folders, *hollow))]))


def outermost(paths: Iterable[str]) -> set[str]:
    """`paths` without those that are in a folder which is among them, or whose contents are."""
    kept: set[str] = set()
    tops: set[PurePath] = set()
    for path in sorted(paths, key=lambda path: (len(path), not path.endswith("*"))):
        place = PurePath(path[:-1] if path.endswith(os.sep + "*") else path)
        if place not in tops and tops.isdisjoint(place.parents):
            kept.add(path)
            tops.add(place)
    return kept


def _files(folder: str) -> Iterator[str]:
    for place, _, names in os.walk(folder):
        for name in names:
            path = os.path.join(place, name)
            if not name.endswith(".pyc") and os.path.isfile(path):
                yield path
