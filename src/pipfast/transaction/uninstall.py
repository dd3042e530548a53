"""Taking a distribution out: which paths are its own, and how few moves take them all away."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from pipfast.errors import Diagnostic, NotNative
from pipfast.model.events import Level, Said
from pipfast.model.installed import Installed
from pipfast.transaction.record import listed
from pipfast.transaction.scripts import entry_points
from pipfast.transaction.site import Site

_WINDOWS = os.name == "nt"


class NoRecordError(Diagnostic):
    """Nobody knows the files of an installed distribution."""

    def __init__(self, installed: Installed) -> None:
        name, version = installed.raw_name, installed.version
        if installed.installer in ("", "pip"):
            advice = (
                "You might be able to recover from this via: "
                f"pip install --ignore-installed --no-deps {name}=={version}"
            )
        else:
            advice = (
                f"The package was installed by {installed.installer}. "
                "You should check if it can uninstall the package."
            )
        super().__init__(
            "uninstall-no-record-file",
            f"Cannot uninstall {name} {version}",
            context=(f"The package's contents are unknown: no RECORD file was found for {name}."),
            advice=advice,
        )


class DistutilsError(Diagnostic):
    """A distribution that has no list of its files."""

    def __init__(self, installed: Installed) -> None:
        super().__init__(
            "uninstall-distutils-installed-package",
            f"Cannot uninstall {installed.raw_name} {installed.version}",
            context=(
                "It is a distutils installed project and thus we cannot accurately determine "
                "which files belong to it which would lead to only a partial uninstall."
            ),
        )


@dataclass(frozen=True, slots=True)
class Outgoing:
    """What goes with a distribution: `paths` may be removed, there or not; `present` are there.

    `refused` are outside the environment's prefix and stay. `said` is what pip says of it.
    """

    installed: Installed
    paths: frozenset[str]
    present: frozenset[str]
    refused: frozenset[str]
    said: tuple[Said, ...]


def outgoing(installed: Installed, site: Site, *, indent: int) -> Outgoing:
    """Find the files of `installed`; `indent` is how far pip's lines are indented.

    Raises NoRecordError, DistutilsError, and NotNative for eggs and their links.
    """
    margin = " " * indent
    title = f"{installed.raw_name}-{installed.version}"
    stays = _why_it_stays(installed, site)
    if stays is not None:
        lines = [
            stays,
            f"Can't uninstall '{installed.raw_name}'. No files were found to uninstall.",
        ]
        return Outgoing(installed, frozenset(), frozenset(), frozenset(), _said(margin, lines))
    paths = set(_normalised(_paths(installed, site)))
    allowed = paths
    if site.is_virtual:
        prefix = os.path.normcase(os.path.realpath(site.prefix))
        allowed = {path for path in paths if path.startswith(prefix)}
    present = frozenset(path for path in allowed if os.path.exists(path))
    if present:
        lines = [f"Uninstalling {title}:", f"  Successfully uninstalled {title}"]
    else:
        lines = [f"Can't uninstall '{installed.raw_name}'. No files were found to uninstall."]
    refused = frozenset(path for path in paths - allowed if os.path.exists(path))
    return Outgoing(installed, frozenset(allowed), present, refused, _said(margin, lines))


def _said(margin: str, lines: Iterable[str]) -> tuple[Said, ...]:
    return tuple(Said(Level.INFO, margin + line) for line in lines)


def _why_it_stays(installed: Installed, site: Site) -> str | None:
    location = os.path.normcase(os.path.realpath(installed.location))
    if not installed.local:
        return f"Not uninstalling {installed.name} at {location}, outside environment {site.prefix}"
    if location in site.stdlib:
        return f"Not uninstalling {installed.name} at {location}, as it is in the standard library."
    return None


def _paths(installed: Installed, site: Site) -> Iterator[str]:
    """All paths that belong to `installed`, as RECORD and entry points tell (PEP 376)."""
    info = installed.info
    if info.suffix != ".dist-info":
        if info.is_file():
            raise DistutilsError(installed)
        raise NotNative(f"{installed.raw_name} was installed by setuptools")
    try:
        text = (info / "RECORD").read_text("utf-8")
    except FileNotFoundError:
        raise NoRecordError(installed) from None
    location = str(installed.location)
    for entry in listed(text):
        path = os.path.join(location, entry)
        yield path
        if path.endswith(".py"):
            yield path + "c"
            yield path + "o"
            yield from _bytecode(path, site)
    folder = site.user_scripts if installed.in_user_site else site.scripts
    yield from _scripts(info, folder or site.scheme.scripts)


def _bytecode(path: str, site: Site) -> Iterator[str]:
    if site.cache_tag is not None:
        folder, name = os.path.split(path)
        yield os.path.join(folder, "__pycache__", f"{name[:-3]}.{site.cache_tag}.pyc")


def _scripts(info: Path, folder: str) -> Iterator[str]:
    try:
        points = entry_points((info / "entry_points.txt").read_text("utf-8"))
    except FileNotFoundError:
        return
    for names, ending in ((points.console, "py"), (points.gui, "pyw")):
        for name in names:
            path = os.path.join(folder, name)
            yield path
            if _WINDOWS:
                yield from (f"{path}.exe", f"{path}.exe.manifest", f"{path}-script.{ending}")


def _normalised(paths: Iterable[str]) -> Iterator[str]:
    """Paths with the links in their folders resolved, not those they may be themselves."""
    folders: dict[str, str] = {}
    for path in paths:
        folder, name = os.path.split(path)
        real = folders.get(folder)
        if real is None:
            real = folders[folder] = os.path.normcase(os.path.realpath(folder))
        yield os.path.join(real, os.path.normcase(name))


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
    parents = {os.path.dirname(path) for path in paths}
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
                path = os.path.join(folder, os.path.normcase(entry.name))
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
