"""What the indexes have of a project, for the commands that only tell of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from packaging.specifiers import SpecifierSet
from packaging.version import InvalidVersion, Version

from pipfast.config.settings import Settings
from pipfast.environment.discovery import look_again
from pipfast.environment.interpreter import Interpreter
from pipfast.environment.tags import supported_tags
from pipfast.index.finder import Finder
from pipfast.model.distribution import Candidate, Wheel
from pipfast.model.frozen_dataclass import replace
from pipfast.model.installed_distribution import Installed
from pipfast.model.project_names import NormalizedName
from pipfast.net.client import Client
from pipfast.policy.network import network_policy
from pipfast.policy.selection import ALL, SelectionPolicy, selection_policy
from pipfast.policy.storage import cache_policy
from pipfast.policy.target import foreign_target
from pipfast.report.console import Console
from pipfast.store.filesystem.root import opened

ANY = SpecifierSet()


@contextmanager
def asking(settings: Settings, console: Console, python: Interpreter) -> Iterator[Finder]:
    """A finder on the indexes of the settings; pre-releases only where they are asked for.

    Raises CommandError.
    """
    foreign = foreign_target(settings)
    look_again(python.sys_path, python, console, "setuptools")  # to name it to the indexes
    client = Client(network_policy(settings), console)
    with opened(cache_policy(settings).directory) as store:
        finder = Finder(
            _finals(selection_policy(settings)),
            client,
            store,
            supported_tags(python, foreign),
            foreign.version(python.version_info),
            console,
        )
        try:
            yield finder
        finally:
            finder.close()
            client.close()


def versions(finder: Finder, project: NormalizedName) -> list[str]:
    """The versions that could be chosen and are not yanked, the newest first."""
    known = map(Version, finder.found(project).versions())
    early = finder.selection.releases.prereleases(project) is True
    wanted = [version for version in known if early or not version.is_prerelease]
    return [str(version) for version in sorted(wanted, reverse=True)]


def compared(
    found: Sequence[Installed], settings: Settings, console: Console, python: Interpreter
) -> tuple[list[Installed], Mapping[NormalizedName, tuple[str, str]]]:
    """Those of `found` that are older than the newest release, or that are it (``--uptodate``).

    With it, by project, the newest release's version and the kind of its best file. What is on no
    index, or has no version that can be compared, is neither.
    """
    chosen: list[Installed] = []
    latest: dict[NormalizedName, tuple[str, str]] = {}
    with asking(settings, console, python) as finder:
        for one in found:
            finder.prefetch(one.name)
        for one in found:
            newest = _newest(finder, one.name)
            if newest is None or not _stands(one, newest.version, settings):
                continue
            kind = "wheel" if isinstance(newest, Wheel) else "sdist"
            latest[one.name] = str(newest.version), kind
            chosen.append(one)
    return chosen, latest


def _stands(one: Installed, newest: Version, settings: Settings) -> bool:
    try:
        version = Version(one.version)
    except InvalidVersion:
        return False
    return newest > version if settings.flag("outdated") else newest == version


def _newest(finder: Finder, project: NormalizedName) -> Candidate | None:
    """The best of all files that are not yanked."""
    files = finder.found(project).candidates(ANY)
    return next((one for one in files if one.link.yanked is None), None)


def _finals(selection: SelectionPolicy) -> SelectionPolicy:
    """The policy under which a pre-release is none where nobody asked for pre-releases."""
    releases = selection.releases
    if releases.pre or ALL in releases.all_releases:
        return selection
    only_final = releases.only_final | {ALL}
    return replace(selection, releases=replace(releases, only_final=only_final))
