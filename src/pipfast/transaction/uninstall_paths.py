"""Find the paths that uninstalling a distribution removes (pip's UninstallPathSet)."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator, Mapping

from pipfast.environment.presence import exists, is_absence, is_link
from pipfast.model.events import Listener, Message
from pipfast.model.frozen_dataclass import dataclass, field
from pipfast.model.installed_distribution import Installed
from pipfast.transaction.events import (
    FilesOutsideKept,
    InStandardLibrary,
    NothingToUninstall,
    OutsideEnvironment,
    PathFileMissing,
    SharedFiles,
    Uninstalled,
    Uninstalling,
)
from pipfast.transaction.install_environment import InstallEnvironment
from pipfast.transaction.owned_files import owned_files
from pipfast.transaction.reserved_names import reserved_path
from pipfast.transaction.scripts import interpreter_in

_NAMES_ARE_EXACT = sys.platform == "linux"
"""Whether a file can only be opened by the exact name that its folder lists."""


@dataclass(frozen=True, slots=True)
class UninstallPaths:
    """What uninstalling a distribution removes.

    - `allowed`: paths that may be removed, whether they exist or not
    - `present`: those of them that exist
    - `refused`: existing paths outside the environment's folders; they stay
    - `sheltered`: those of them that pip would remove
    - `shared`: files that other distributions list, too, with one of these; they are removed unless
      `keeps_shared`
    - `path_entries`: its line in ``.pth`` files, by file
    - `missing_path_files`: those of these files that do not exist
    - `refusal`: why the distribution is not uninstalled, None if it may be
    """

    installed: Installed
    allowed: frozenset[str] = frozenset()
    present: frozenset[str] = frozenset()
    refused: frozenset[str] = frozenset()
    sheltered: frozenset[str] = frozenset()
    path_entries: Mapping[str, str] = field(default_factory=dict)
    missing_path_files: tuple[str, ...] = ()
    refusal: Message | None = None
    shared: Mapping[str, str] = field(default_factory=dict)
    keeps_shared: bool = False

    def emit_before(self, emit: Listener) -> None:
        """Emit the messages before the files are removed."""
        name = self.installed.raw_name
        if self.refusal is not None:
            emit(self.refusal)
        if self.present:
            emit(Uninstalling(name, self.installed.raw_version))
        else:
            emit(NothingToUninstall(name))

    def emit_after(self, emit: Listener) -> None:
        """Emit the messages after the files were removed."""
        if self.sheltered:
            emit(FilesOutsideKept(self.installed.raw_name, tuple(sorted(self.sheltered))))
        if self.shared:
            owners = tuple(sorted(set(self.shared.values())))
            paths = tuple(sorted(self.shared))
            emit(SharedFiles(self.installed.raw_name, owners, paths, is_kept=self.keeps_shared))
        if not self.present:
            return
        for file in self.missing_path_files:
            emit(PathFileMissing(file, depth=1))
        emit(Uninstalled(self.installed.raw_name, self.installed.raw_version, depth=1))


def uninstall_paths(installed: Installed, environment: InstallEnvironment) -> UninstallPaths:
    """Find what uninstalling `installed` removes.

    Raises NoRecordError, DistutilsError or EggLinkMismatchError if its files are unknown.
    """
    refusal = _refusal(installed, environment)
    if refusal is not None:
        return UninstallPaths(installed, refusal=refusal)
    owned = owned_files(installed, environment)
    prefix = os.path.normcase(os.path.realpath(environment.prefix))
    roots = (prefix,) if environment.is_virtual else _roots(prefix, installed, environment)
    within = tuple(root.rstrip(os.sep) + os.sep for root in roots)
    scan = _Scan(within, environment.cache_tag)
    paths = owned.paths
    if interpreter_in(map(os.path.normpath, paths), environment.scheme.scripts) is not None:
        paths, kept = _without_interpreter(paths, environment)
        scan.refused.update(kept)
    if reserved_path(paths) is not None:  # a RECORD must not name the folder of a transaction
        paths = tuple(path for path in paths if reserved_path([path]) is None)
    for folder, name in _normalized(paths):
        scan.add(folder, name)
    entries = {}
    for file, line in owned.path_entries.items():
        real = os.path.normcase(os.path.realpath(file))
        if real.startswith(within):
            entries[real] = line
        else:
            scan.refused.add(real)
    return UninstallPaths(
        installed,
        frozenset(scan.allowed),
        frozenset(scan.present),
        frozenset(scan.refused),
        frozenset(
            path for path in scan.refused if not environment.is_virtual or path.startswith(prefix)
        ),
        entries,
        tuple(file for file in entries if not os.path.isfile(file)),
    )


def _without_interpreter(
    paths: tuple[str, ...], environment: InstallEnvironment
) -> tuple[tuple[str, ...], list[str]]:
    """Split off the interpreter, which a RECORD must not take with it."""
    folder = environment.scheme.scripts
    kept = [path for path in paths if interpreter_in([os.path.normpath(path)], folder)]
    return tuple(path for path in paths if path not in kept), list(map(os.path.normpath, kept))


def _roots(prefix: str, installed: Installed, environment: InstallEnvironment) -> tuple[str, ...]:
    """Return the folders of an environment that is not virtual, in which files may be removed."""
    scheme = environment.scheme
    folders = [installed.location, scheme.purelib, scheme.platlib, scheme.scripts]
    folders += [scheme.headers, scheme.data, environment.scripts, *environment.egg_link_folders]
    if environment.user_scripts:
        folders += [environment.user_scripts, os.path.dirname(environment.user_scripts)]
    real = (os.path.normcase(os.path.realpath(folder)) for folder in folders if folder)
    return tuple(dict.fromkeys((prefix, *real)))


@dataclass(slots=True)
class _Scan:
    """Sorts paths by whether they exist and may be removed: those in the folders `within` may.

    These end in a separator, so that a folder whose name only begins alike is not meant.
    """

    within: tuple[str, ...]
    cache_tag: str | None
    allowed: set[str] = field(default_factory=set)
    present: set[str] = field(default_factory=set)
    refused: set[str] = field(default_factory=set)
    _names: dict[str, Mapping[str, bool]] = field(default_factory=dict)

    def add(self, folder: str, name: str) -> None:
        """Add a path, and for a module its bytecode."""
        path = f"{folder}{os.sep}{name}" if folder[-1:] != os.sep else folder + name
        exists = self._exists(folder, name, path)
        if path.startswith(self.within):
            self.allowed.add(path)
            if exists:
                self.present.add(path)
        elif exists:
            self.refused.add(path)
        if name.endswith(".py") and self.cache_tag is not None:
            cache, bytecode = _bytecode(folder, name, self.cache_tag)
            if exists:
                self.add(cache, bytecode)
            elif cache.startswith(self.within):
                self.allowed.add(os.path.join(cache, bytecode))

    def _exists(self, folder: str, name: str, path: str) -> bool:
        """Return whether the path exists, links followed; each folder is read only once."""
        if name in ("", ".", "..") or not _NAMES_ARE_EXACT:
            return exists(path)
        names = self._names.get(folder)
        if names is None:
            names = self._names[folder] = _names_in(folder)
        is_link = names.get(name)
        return is_link is not None and (not is_link or exists(path))


def _names_in(folder: str) -> Mapping[str, bool]:
    """Return the names in a folder, each with whether it is a symbolic link."""
    try:
        with os.scandir(folder) as entries:
            return {entry.name: entry.is_symlink() for entry in entries}
    except OSError as error:
        if is_absence(error, folder):
            return {}
        raise


def _refusal(installed: Installed, environment: InstallEnvironment) -> Message | None:
    location = os.path.normcase(os.path.realpath(installed.location))
    if not installed.local:
        return OutsideEnvironment(installed.name, location, environment.prefix)
    if location in environment.stdlib:
        return InStandardLibrary(installed.name, location)
    return None


def _bytecode(folder: str, name: str, cache_tag: str) -> tuple[str, str]:
    """Return the folder and the name of the bytecode file of a module (PEP 3147)."""
    return os.path.join(folder, "__pycache__"), f"{name[:-3]}.{cache_tag}.pyc"


def _normalized(paths: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Yield folder and name of each path, with the links in folders resolved."""
    resolved: dict[str, str] = {}
    for path in paths:
        folder, _, name = path.rpartition(os.sep)
        if not folder or os.altsep:
            folder, name = os.path.split(path)
        real = resolved.get(folder)
        yield _resolve(folder, resolved) if real is None else real, os.path.normcase(name)


def _resolve(folder: str, resolved: dict[str, str]) -> str:
    """Return a folder with links resolved; each parent is resolved only once."""
    real = resolved.get(folder)
    if real is None:
        parent, name = os.path.split(folder)
        if name in ("", ".", "..") or parent in ("", folder):
            real = os.path.normcase(os.path.realpath(folder))
        else:
            real = os.path.join(_resolve(parent, resolved), os.path.normcase(name))
            if is_link(real):
                real = os.path.normcase(os.path.realpath(real))
        resolved[folder] = real
    return real
