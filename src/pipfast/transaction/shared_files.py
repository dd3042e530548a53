"""Find files that several installed distributions list in their RECORD."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet

from pipfast.environment.recorded_files import listed, record_of
from pipfast.model.frozen_dataclass import replace
from pipfast.transaction.install_environment import InstallEnvironment
from pipfast.transaction.uninstall_paths import UninstallPaths


def without_shared(
    uninstalls: Iterable[UninstallPaths],
    environment: InstallEnvironment,
    others: Iterable[str] = (),
) -> list[UninstallPaths]:
    """Return the files to remove if these distributions are uninstalled together.

    `others` are metadata folders of distributions that are removed in the same run. Files that
    another distribution also lists are kept in guarded mode, and removed in parity mode, as by pip.
    The result names them in both cases, for a warning.
    """
    uninstalls = list(uninstalls)
    paths = {path for uninstall in uninstalls for path in uninstall.present}
    leaving = [*others, *(uninstall.installed.info for uninstall in uninstalls)]
    owners = owners_of(paths, environment, leaving) if paths else {}
    return [_without(uninstall, owners, environment) for uninstall in uninstalls]


def _without(
    uninstall: UninstallPaths, owners: Mapping[str, str], environment: InstallEnvironment
) -> UninstallPaths:
    shared = {path: owners[path] for path in uninstall.present & owners.keys()}
    if not shared:
        return uninstall
    if not environment.is_guarded:
        return replace(uninstall, shared=shared)
    return replace(
        uninstall,
        shared=shared,
        keeps_shared=True,
        allowed=uninstall.allowed - shared.keys(),
        present=uninstall.present - shared.keys(),
    )


def owners_of(
    paths: AbstractSet[str], environment: InstallEnvironment, leaving: Iterable[str]
) -> dict[str, str]:
    """Return, for each of `paths` that a remaining distribution lists, its metadata folder's name.

    `leaving` are metadata folders that are removed. The folders of `paths` have no links.
    """
    scheme = environment.scheme
    folders = dict.fromkeys(map(os.path.realpath, (scheme.purelib, scheme.platlib)))
    ignored = set(map(os.path.realpath, leaving))
    found: dict[str, str] = {}
    for folder in folders:
        for name in _metadata_folders(folder):
            info = os.path.join(folder, name)
            if info not in ignored:
                found.update(dict.fromkeys(paths & _listed(info, folder), name))
    return found


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
