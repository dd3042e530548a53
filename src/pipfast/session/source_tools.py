"""Make the sources of a run, with the tools that fetch, prepare and build them.

Imported when the first source is needed.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from pipfast.builds.builder import Builder
from pipfast.builds.isolation import RequirementsInstaller
from pipfast.builds.parallelism import builds_at_once
from pipfast.environment.discovery import installed
from pipfast.fetch.downloads.downloader import Downloader
from pipfast.fetch.source_trees import SourceTrees
from pipfast.fetch.vcs.checkout import RepositoryCheckout
from pipfast.model.event_log import EventLog
from pipfast.model.frozen_dataclass import dataclass
from pipfast.policy.mode import BuildIsolation
from pipfast.policy.selection import Format
from pipfast.requirements.collect import CollectedRequirements
from pipfast.session.resolution_context import ResolutionContext
from pipfast.sources.build_visibility import BuildVisibility, CurrentResolution
from pipfast.sources.retry_with_modules import UndeclaredModules
from pipfast.sources.source_reader import Tools
from pipfast.sources.temp_dirs import TempDirs
from pipfast.sources.wheel_builds import Sources
from pipfast.store.build_cache.backend_metadata import BackendMetadataCache
from pipfast.store.build_cache.build_key import BuildKey
from pipfast.store.build_cache.built_wheel_cache import BuiltWheelCache
from pipfast.store.workers.watchdog import WorkingFolder

if TYPE_CHECKING:
    from pipfast.sources.shared_builds import SharedBuilds


@dataclass(frozen=True, slots=True, kw_only=True)
class RunParts:
    """What sources use of a run; `installer` installs build requirements into folders."""

    context: ResolutionContext
    collected: CollectedRequirements
    current: CurrentResolution
    installer: RequirementsInstaller
    files: Downloader
    temp_dirs: TempDirs
    emit: EventLog


def make_sources(run: RunParts) -> Sources:
    """Return the sources of a run."""
    context = run.context
    visibility = BuildVisibility(
        run.collected, context.mode, context.python, run.temp_dirs, run.current
    )
    return Sources(_tools(run, visibility), run.emit)


def _tools(run: RunParts, visibility: BuildVisibility) -> Tools:
    context, collected = run.context, run.collected
    files, temp_dirs, emit = run.files, run.temp_dirs, run.emit
    build = context.build
    hashed = collected.selection.require_hashes
    workplace = WorkingFolder(temp_dirs.folder(), temp_dirs.keeper)
    repositories = RepositoryCheckout(
        context.store.path("clones", ""),
        emit,
        verbosity=build.verbosity,
        exists_action=build.exists_action,
        ask=input if context.client.policy.interactive else None,
        watching=temp_dirs.keeper.watching,
    )
    builder = Builder(
        build.policy,
        context.python,
        run.installer,
        workplace,
        build.verbosity,
        context.store,
    )
    return Tools(
        files=files,
        trees=SourceTrees(files, repositories, temp_dirs, build.src, require_hashes=hashed),
        builder=builder,
        shelf=BuiltWheelCache(
            build.cache_dir, context.store, emit, trusts_open=context.mode.pip_compat
        ),
        backend_metadata=BackendMetadataCache(context.store),
        tags=context.tags,
        question=_build_inputs(context),
        scratch=workplace.folder,
        variables=build.policy.variables_of,
        at_once=builds_at_once(),
        mode=context.mode,
        remedy=UndeclaredModules(visibility, build.policy.isolation, emit),
        visibility=visibility,
        editables=build.editables,
        cautious=hashed or any(wanted.digests for wanted in collected.wanted),
        trusts_static=not (build.policy.check_dependencies or build.policy.watched),
        trusts_stored=not build.policy.check_dependencies,
        reuses=build.policy.reuse,
        shared=_shared(context, collected),
    )


def _shared(context: ResolutionContext, collected: CollectedRequirements) -> SharedBuilds | None:
    """Return what other machines built; None without a remote store."""
    if context.remote is None:
        return None
    from pipfast.session.machine import machine_facts
    from pipfast.sources.shared_builds import SharedBuilds

    selection = collected.selection
    return SharedBuilds(
        context.remote,
        lambda: machine_facts(context.python, os.environ),
        tags=context.tags,
        is_asked=lambda name: name is None or Format.WHEEL in selection.formats.allowed(name),
    )


def _build_inputs(context: ResolutionContext) -> BuildKey:
    """Return what every build of this run reads besides its source."""
    python, policy = context.python, context.build.policy
    visible: tuple[str, ...] = ()
    if policy.isolation is BuildIsolation.NONE:
        present = installed(python.sys_path, python)
        visible = tuple(sorted(f"{each.name}=={each.version}" for each in present))
    return BuildKey(
        python=python.tags[0].partition("-")[0],
        platform=python.platform,
        ambient=policy.ambient,
        constraints=tuple(map(_contents, policy.constraint_files)),
        visible=visible,
    )


def _contents(constraint_file: str) -> str:
    """Return the text of a constraints file, or its name if it cannot be read (a URL)."""
    try:
        return Path(constraint_file).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return constraint_file
