"""Find files that several installed distributions list in their RECORD."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet

from pipfast.environment.recorded_files import listed, record_of
from pipfast.model.frozen_dataclass import replace
from pipfast.transaction.install_environment import InstallEnvironment
from pipfast.transaction.uninstall_paths import UninstallPaths


class RemainingFiles:
    """What the distributions that remain list in their RECORD; each RECORD is read once.

    `leaving` are metadata folders that are removed.
    """

    def __init__(self, environment: InstallEnvironment, leaving: Iterable[str]) -> None:
        self._environment = environment
        self._leaving = leaving
        self._listed: list[tuple[str, set[str]]] | None = None

    def without_shared(self, uninstall: UninstallPaths) -> UninstallPaths:
        """Return the files to remove if all that leaves is uninstalled together.

        Files that another distribution also lists are kept in guarded mode, and removed in parity
        mode, as by pip. The result names them in both cases, for a warning.
        """
        shared = self.owners_of(uninstall.present)
        if not shared:
            return uninstall
        if not self._environment.is_guarded:
            return replace(uninstall, shared=shared)
        return replace(
            uninstall,
            shared=shared,
            keeps_shared=True,
            allowed=uninstall.allowed - shared.keys(),
            present=uninstall.present - shared.keys(),
        )

    def owners_of(self, paths: AbstractSet[str]) -> dict[str, str]:
        """Return, for each of `paths` that is listed, the name of the metadata folder.

        The folders of `paths` have no links.
        """
        found: dict[str, str] = {}
        for name, listed_paths in self._all_listed() if paths else ():
            found.update(dict.fromkeys(paths & listed_paths, name))
        return found

    def _all_listed(self) -> list[tuple[str, set[str]]]:
        if self._listed is None:
            scheme = self._environment.scheme
            folders = dict.fromkeys(map(os.path.realpath, (scheme.purelib, scheme.platlib)))
            ignored = set(map(os.path.realpath, self._leaving))
            self._listed = [
                (name, _listed(info, folder))
                for folder in folders
                for name in _metadata_folders(folder)
                if (info := os.path.join(folder, name)) not in ignored
            ]
        return self._listed


def _metadata_folders(folder: str) -> Iterator[str]:
    try:
        names = os.listdir(folder)
    except OSError:
        return iter(())
    return (name for name in names if name.endswith(".dist-info"))


def _listed(info: str, folder: str) -> set[str]:
    """Return the paths in a RECORD, without resolving links in them."""
    start = folder + os.sep
    return {
        os.path.normcase(os.path.normpath(start + path) if ".." in path else start + path)
        for path in listed(record_of(info) or "")
    }
