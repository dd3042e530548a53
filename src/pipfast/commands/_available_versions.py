"""What the indexes offer of a project, for commands that only print it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from packaging.specifiers import SpecifierSet
from packaging.version import InvalidVersion, Version

from pipfast.config.settings import Settings
from pipfast.environment.discovery import report_leftovers
from pipfast.environment.interpreter import Interpreter
from pipfast.environment.tags import supported_tags
from pipfast.index.finder import Finder
from pipfast.model.distribution import Candidate, Wheel
from pipfast.model.frozen_dataclass import replace
from pipfast.model.installed_distribution import Installed
from pipfast.model.project_names import NormalizedName
from pipfast.model.requirement import parsed_version
from pipfast.net.client import Client
from pipfast.policy.network import network_policy
from pipfast.policy.selection import ALL, SelectionPolicy, selection_policy
from pipfast.policy.storage import cache_policy
from pipfast.policy.target import foreign_target
from pipfast.report.console import Console
from pipfast.session.requirements_stage import report_ignored_indexes
from pipfast.store.filesystem.root import opened

_ANY_VERSION = SpecifierSet()


@contextmanager
def finder_on_indexes(
    settings: Settings, console: Console, python: Interpreter
) -> Iterator[Finder]:
    """Yield a finder on the indexes of the settings; it finds pre-releases only on request.

    Raises CommandError.
    """
    foreign = foreign_target(settings)
    report_leftovers(
        python.sys_path, python, console, "setuptools"
    )  # pip sends its version to indexes
    report_ignored_indexes(settings, console)
    client = Client(network_policy(settings), console)
    with opened(cache_policy(settings).directory) as store:
        finder = Finder(
            _only_final(selection_policy(settings)),
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


def installable_versions(finder: Finder, project: NormalizedName) -> list[str]:
    """Return the versions with a usable file that is not yanked, newest first."""
    versions = map(Version, finder.found(project).versions())
    early = finder.selection.releases.prereleases(project) is True
    wanted = [version for version in versions if early or not version.is_prerelease]
    return [str(version) for version in sorted(wanted, reverse=True)]


def compare_with_latest(
    found: Sequence[Installed], settings: Settings, console: Console, python: Interpreter
) -> tuple[list[Installed], Mapping[NormalizedName, tuple[str, str]]]:
    """Return the outdated distributions of `found`, or with ``--uptodate`` the current ones.

    The mapping has the version of the newest release and the kind of its best file. What no index
    offers, or has an invalid version, is neither outdated nor current.
    """
    chosen: list[Installed] = []
    latest: dict[NormalizedName, tuple[str, str]] = {}
    with finder_on_indexes(settings, console, python) as finder:
        for installed in found:
            finder.prefetch(installed.name)
        for installed in found:
            newest = _newest(finder, installed.name)
            if newest is None or not _is_selected(installed, newest.version, settings):
                continue
            kind = "wheel" if isinstance(newest, Wheel) else "sdist"
            latest[installed.name] = str(newest.version), kind
            chosen.append(installed)
    return chosen, latest


def _is_selected(installed: Installed, newest: Version, settings: Settings) -> bool:
    try:
        version = parsed_version(installed.version)
    except InvalidVersion:
        return False
    return newest > version if settings.flag("outdated") else newest == version


def _newest(finder: Finder, project: NormalizedName) -> Candidate | None:
    """Return the best file that is not yanked."""
    files = finder.found(project).candidates(_ANY_VERSION)
    return next((file for file in files if file.link.yanked is None), None)


def _only_final(selection: SelectionPolicy) -> SelectionPolicy:
    """Return `selection` without pre-releases, unless an option requests them."""
    releases = selection.releases
    if releases.pre or ALL in releases.all_releases:
        return selection
    only_final = releases.only_final | {ALL}
    return replace(selection, releases=replace(releases, only_final=only_final))
