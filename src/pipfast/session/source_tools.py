"""Make the tools with which a run fetches, prepares and builds sources."""

from __future__ import annotations

from pathlib import Path

from pipfast.builds.builder import Builder
from pipfast.builds.isolation import RequirementsInstaller
from pipfast.builds.parallelism import builds_at_once
from pipfast.environment.discovery import installed
from pipfast.fetch.downloads.downloader import Downloader
from pipfast.fetch.source_trees import SourceTrees
from pipfast.fetch.vcs.checkout import RepositoryCheckout
from pipfast.model.event_log import EventLog
from pipfast.policy.mode import BuildIsolation
from pipfast.session.resolution_context import ResolutionContext
from pipfast.sources.build_visibility import BuildVisibility
from pipfast.sources.retry_with_modules import UndeclaredModules
from pipfast.sources.source_reader import Tools
from pipfast.sources.temp_dirs import TempDirs
from pipfast.store.build_cache.backend_metadata import BackendMetadataCache
from pipfast.store.build_cache.build_key import BuildKey
from pipfast.store.build_cache.built_wheel_cache import BuiltWheelCache
from pipfast.store.workers.watchdog import WorkingFolder


def make_source_tools(
    context: ResolutionContext,
    files: Downloader,
    install_requirements: RequirementsInstaller,
    temp_dirs: TempDirs,
    visibility: BuildVisibility,
    emit: EventLog,
) -> Tools:
    """Return the tools of a run; `install_requirements` fills build environments."""
    build, collected = context.build, visibility.collected
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
        install_requirements,
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
