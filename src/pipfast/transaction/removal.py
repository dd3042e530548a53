"""Taking a distribution out: which paths go, and how few moves take them all away."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from io import BytesIO

from pipfast.model.events import Level, Said
from pipfast.model.frozen_dataclass import dataclass, field
from pipfast.model.installed_distribution import Installed
from pipfast.transaction.owned_files import belongings
from pipfast.transaction.target_environment import Site

_NAMES_ARE_EXACT = sys.platform == "linux"
"""Whether the system finds a file by no other name than the one that its folder lists."""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """What goes with a distribution: `paths` may be removed, there or not; `present` are there.

    `refused` are outside the environment's prefix and stay. `entries` are lines to take out of
    files, by file. `said` is what pip says of it.
    """

    installed: Installed
    paths: frozenset[str] = frozenset()
    present: frozenset[str] = frozenset()
    refused: frozenset[str] = frozenset()
    entries: Mapping[str, str] = field(default_factory=dict)
    said: tuple[Said, ...] = ()


def outgoing(installed: Installed, site: Site, *, indent: int) -> Outgoing:
    """Find what goes with `installed`; `indent` is how far pip's lines are indented.

    Raises NoRecordError, DistutilsError and WrongLinkError where nobody can tell.
    """
    margin = " " * indent
    title = f"{installed.raw_name}-{installed.raw_version}"
    nothing = f"Can't uninstall '{installed.raw_name}'. No files were found to uninstall."
    stays = _why_it_stays(installed, site)
    if stays is not None:
        return Outgoing(installed, said=_said(margin, [stays, nothing]))
    own = belongings(installed, site)
    prefix = os.path.normcase(os.path.realpath(site.prefix)) if site.is_virtual else ""
    seen = _Seen(prefix, site.cache_tag)
    for folder, name in _normalised(own.paths):
        seen.take(folder, name)
    entries = {}
    for file, line in own.entries.items():
        real = os.path.normcase(os.path.realpath(file))
        if real.startswith(prefix):
            entries[real] = line
        else:
            seen.refused.add(real)
    said = _said(margin, [nothing])
    if seen.present:
        missing = [file for file in entries if not os.path.isfile(file)]
        said = (
            *_said(margin, [f"Uninstalling {title}:"]),
            *(_warned(margin, file) for file in missing),
            *_said(margin, [f"  Successfully uninstalled {title}"]),
        )
    return Outgoing(
        installed,
        frozenset(seen.allowed),
        frozenset(seen.present),
        frozenset(seen.refused),
        entries,
        said,
    )


@dataclass(slots=True)
class _Seen:
    """Paths as they were looked at: `prefix` is what those begin with that may be removed."""

    prefix: str
    cache_tag: str | None
    allowed: set[str] = field(default_factory=set)
    present: set[str] = field(default_factory=set)
    refused: set[str] = field(default_factory=set)
    _names: dict[str, Mapping[str, bool]] = field(default_factory=dict)

    def take(self, folder: str, name: str) -> None:
        """Look at a path, and at the bytecode of a module."""
        path = f"{folder}{os.sep}{name}" if folder[-1:] != os.sep else folder + name
        there = self._is_there(folder, name, path)
        compiled = name.endswith(".py") and self.cache_tag is not None
        if path.startswith(self.prefix):
            self.allowed.add(path)
            if there:
                self.present.add(path)
        elif there:
            self.refused.add(path)
        if compiled:
            beside, bytecode = _bytecode(folder, name, self.cache_tag)
            if there:
                self.take(beside, bytecode)
            elif beside.startswith(self.prefix):
                self.allowed.add(os.path.join(beside, bytecode))

    def _is_there(self, folder: str, name: str, path: str) -> bool:
        """Whether the path leads to something; each folder is read once for all its files."""
        if name in ("", ".", "..") or not _NAMES_ARE_EXACT:
            return os.path.exists(path)
        names = self._names.get(folder)
        if names is None:
            names = self._names[folder] = _names_in(folder)
        is_link = names.get(name)
        return is_link is not None and (not is_link or os.path.exists(path))


def _names_in(folder: str) -> Mapping[str, bool]:
    """The names in a folder, and of each whether it is a link."""
    with suppress(OSError), os.scandir(folder) as entries:
        return {entry.name: entry.is_symlink() for entry in entries}
    return {}


def _said(margin: str, lines: Iterable[str]) -> tuple[Said, ...]:
    return tuple(Said(Level.INFO, margin + line) for line in lines)


def _warned(margin: str, file: str) -> Said:
    return Said(Level.WARNING, f"{margin}  Cannot remove entries from nonexistent file {file}")


def _why_it_stays(installed: Installed, site: Site) -> str | None:
    location = os.path.normcase(os.path.realpath(installed.location))
    if not installed.local:
        return f"Not uninstalling {installed.name} at {location}, outside environment {site.prefix}"
    if location in site.stdlib:
        return f"Not uninstalling {installed.name} at {location}, as it is in the standard library."
    return None


def _bytecode(folder: str, name: str, cache_tag: str | None) -> tuple[str, str]:
    """The folder and the name under which Python keeps the bytecode of a module (PEP 3147)."""
    return os.path.join(folder, "__pycache__"), f"{name[:-3]}.{cache_tag}.pyc"


def without(content: bytes, lines: Iterable[str]) -> bytes:
    """The file `content` without the first of each of `lines`; its last line gets an end.

    Lines end as those of the file do, with CR LF if any does (pip behaviour).
    """
    end = b"\r\n" if b"\r\n" in content else b"\n"
    kept = BytesIO(content).readlines()
    if kept and not kept[-1].endswith(end):
        kept[-1] += end
    for line in lines:
        with suppress(ValueError):
            kept.remove(line.encode() + end)
    return b"".join(kept)


def _normalised(paths: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Folder and name of paths; links in folders are resolved, what is a link itself is not."""
    known: dict[str, str] = {}
    for path in paths:
        folder, _, name = path.rpartition(os.sep)
        if not folder or os.altsep:
            folder, name = os.path.split(path)
        real = known.get(folder)
        yield _real(folder, known) if real is None else real, os.path.normcase(name)


def _real(folder: str, known: dict[str, str]) -> str:
    """A folder without links; what is above it is looked at once for all that is below."""
    real = known.get(folder)
    if real is None:
        above, name = os.path.split(folder)
        if name in ("", ".", "..") or above in ("", folder):
            real = os.path.normcase(os.path.realpath(folder))
        else:
            real = os.path.join(_real(above, known), os.path.normcase(name))
            if os.path.islink(real):
                real = os.path.normcase(os.path.realpath(real))
        known[folder] = real
    return real


@dataclass(frozen=True, slots=True)
class Removal:
    """How paths are taken away: `folders` go whole, `files` one by one.

    Folders that the `files` leave empty go too, and their parents. The folders in `hollow` lose
    everything, but cannot be moved, because the transaction's own folder is in them: what they
    hold is among the files.
    """

    folders: tuple[str, ...]
    files: tuple[str, ...]
    hollow: tuple[str, ...]


def removal(present: Iterable[str], own: str) -> Removal:
    """The fewest moves that take the paths `present` away and leave what pip's uninstall leaves.

    A folder goes whole if it holds one of the paths and no other file, at any depth. Empty
    folders above it stay: pip looks for them only after moving single files. `own` is the name
    of the transaction's folder, which is nobody's.
    """
    paths = set(present)
    parents = {path.rpartition(os.sep)[0] or os.sep for path in paths}
    inner: dict[str, set[str]] = {}
    tops = []
    for folder in sorted(parents, key=len):
        above, below = os.path.dirname(folder), folder
        chain = []
        while above not in inner and above not in parents and above != below:
            chain.append((above, below))
            above, below = os.path.dirname(above), above
        if above != below:
            inner.setdefault(above, set()).add(below)
            for upper, lower in chain:
                inner.setdefault(upper, set()).add(lower)
        else:
            tops.append(folder)
        inner.setdefault(folder, set())
    search = _Search(paths, parents, inner, own)
    for top in tops:
        search.take(search.look(top))
    return Removal(tuple(search.folders), tuple(search.files), tuple(search.hollow))


@dataclass(frozen=True, slots=True)
class _Look:
    """What was seen in `folder`: whether all of it goes, its files that go, its folders' looks."""

    folder: str
    clean: bool
    files: list[str]
    below: list[_Look]


class _Search:
    """The walk that finds folders with nothing in them but what goes."""

    def __init__(
        self, paths: set[str], parents: set[str], inner: dict[str, set[str]], own: str
    ) -> None:
        self._paths, self._parents, self._inner, self._own = paths, parents, inner, own
        self.folders: list[str] = []
        self.files: list[str] = []
        self.hollow: list[str] = []

    def take(self, look: _Look) -> None:
        """Take what goes out of a folder, itself if it may."""
        if look.clean and look.folder in self._parents:
            if not os.path.lexists(os.path.join(look.folder, self._own)):
                self.folders.append(look.folder)
                return
            self.hollow.append(look.folder)
            with os.scandir(look.folder) as entries:
                self.files += [entry.path for entry in entries if entry.name != self._own]
            return
        self.files += look.files
        for below in look.below:
            self.take(below)

    def look(self, folder: str) -> _Look:
        """See what is in `folder`, as deep as is needed."""
        inner = self._inner.get(folder, set())
        clean, files, others = True, [], []
        with suppress(FileNotFoundError), os.scandir(folder) as entries:
            for entry in entries:
                path = os.path.normcase(entry.path)
                if path in self._paths:
                    files.append(path)
                elif path not in inner and entry.name != self._own:
                    if not entry.is_dir():
                        clean = False
                    elif not entry.is_symlink():
                        others.append(path)
        below = [self.look(sub) for sub in sorted(inner - self._paths)]
        clean = clean and all(look.clean for look in below)
        clean = clean and not any(_holds_files(path) for path in others)
        return _Look(folder, clean, sorted(files), below)


def _holds_files(folder: str) -> bool:
    return any(files for _, _, files in os.walk(folder))
