"""Resolve requirements against indexes, distributions, builds and the environment."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import copy_context
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from packaging.version import Version

from pipfast.concurrency.interrupts import held, interruptible
from pipfast.errors import InstallationError, PipfastError
from pipfast.fetch.downloads.destination import Destination
from pipfast.fetch.downloads.downloader import Downloader
from pipfast.fetch.prefetch import Prefetcher
from pipfast.fetch.wheel_metadata.source import WheelMetadataReader
from pipfast.index.finder import Finder, IndexFailed
from pipfast.index.used_pages import UsedPage
from pipfast.model.event_log import EventLog
from pipfast.model.events import Level, Listener, Phase, Stage
from pipfast.model.frozen_dataclass import dataclass, replace
from pipfast.model.metadata import Metadata
from pipfast.net.client import Client
from pipfast.policy.detail import Detail
from pipfast.policy.selection import SelectionPolicy
from pipfast.requirements.collect import CollectedRequirements
from pipfast.resolve.lax import local_versions, names_setting, plain_requirements, with_rules
from pipfast.resolve.ports import Ports
from pipfast.resolve.solve import PinnedCandidate, Resolution
from pipfast.session.cached_resolution import ResolutionCache
from pipfast.session.metadata_port import Distributions
from pipfast.session.other_indexes import KnownMetadata, OtherIndexes, emit_chosen_indexes
from pipfast.session.port_adapters import Environment, Index, satisfied_by_installed
from pipfast.session.resolution_context import ResolutionContext
from pipfast.session.skip_broken_sources import skip_broken_sources
from pipfast.sources.fixpoint import settled
from pipfast.sources.shutdown import Ending, ending
from pipfast.sources.temp_dirs import TempDirs

if TYPE_CHECKING:
    from pipfast.builds.isolation import FilledPrefix
    from pipfast.sources.wheel_builds import Sources


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolved:
    """A resolution, with the ports that it was found through."""

    collected: CollectedRequirements
    resolution: Resolution
    environment: Environment
    distributions: Distributions
    files: Downloader
    finder: Finder
    ports: Ports
    known: Mapping[str, Metadata]
    used_index: bool
    pages: tuple[UsedPage, ...] | None
    """The index pages that it depends on alone, if it is that of an earlier run; else None."""


class PrefixInstaller(Protocol):
    """Installs build requirements, or distributions of a resolution, into folders."""

    def __call__(self, requirements: Sequence[str], prefix: Path, project: str, /) -> FilledPrefix:
        """Install `requirements` as a `RequirementsInstaller` does."""
        ...

    def install_pins(
        self, pins: Sequence[PinnedCandidate], resolved: Resolved, prefix: Path, /
    ) -> Path:
        """Install `pins` into the folder `prefix`; return it or another with the same contents.

        Raises what `gather_wheels` raises.
        """
        ...


@contextmanager
def resolution(
    context: ResolutionContext,
    collected: CollectedRequirements,
    environment: Environment,
    make_installer: Callable[[], PrefixInstaller],
    emit: Listener,
    destination: Destination | None = None,
) -> Iterator[Resolved]:
    """Yield the resolution of `collected`; files and builds live as long as the with block.

    `make_installer` is called when the first source is needed; what it returns installs the
    requirements of builds. Files that lie in `destination`, the folder of downloads, are used as
    they are. The caller holds signals back around it, so that nothing interrupts its end, and is
    `interruptible` in the block. Raises what the solver and its ports raise.
    """
    with ending() as end:
        session = ResolutionSession(
            context, collected, environment, make_installer, emit, destination
        )
        with session.closing(end), session.explaining():
            with interruptible():
                session.answer = session.resolve()
            yield session.resolved(session.answer)


class ResolutionSession:
    """The collaborators of a resolution; each is made when it is first used."""

    def __init__(
        self,
        context: ResolutionContext,
        collected: CollectedRequirements,
        environment: Environment,
        make_installer: Callable[[], PrefixInstaller],
        emit: Listener,
        destination: Destination | None,
    ) -> None:
        self.context = context
        self.collected = collected
        self.environment = environment
        self.make_installer = make_installer
        self.emit = EventLog(emit)
        self.destination = destination
        self.reused: list[tuple[UsedPage, ...] | None] = []
        self.answer: Resolution | None = None
        """What will be installed, once that is known."""
        self.temp_dirs = TempDirs(context.store.root)
        self._variables = copy_context()  # sources may first be needed in a thread without it

    # Fetching

    @cached_property
    def finder(self) -> Finder:
        """Candidates of the indexes."""
        context, selection = self.context, self.collected.selection
        return Finder(
            selection, self.client, context.store, context.tags, context.version, self.emit
        )

    @property
    def _explains_all(self) -> bool:
        return self.context.client.policy.detail is Detail.EVERYTHING

    @cached_property
    def client(self) -> Client:
        """The client of the run; if it explains requests, as part of this resolution's messages."""
        client = self.context.client
        return client.reporting_to(self.emit) if self._explains_all else client

    @cached_property
    def files(self) -> Downloader:
        """Downloaded files."""
        return Downloader(self.client, self.context.store, self.emit, self.destination)

    @cached_property
    def wheel_metadata(self) -> WheelMetadataReader:
        """Metadata of wheels, from METADATA files beside them (PEP 658) or out of the wheels."""
        context, hashed = self.context, self.collected.selection.require_hashes
        return WheelMetadataReader(
            self.client, context.store, self.files, self.emit, require_hashes=hashed
        )

    @cached_property
    def prefetch(self) -> Prefetcher:
        """Pages and metadata that the resolver will most likely need."""
        wanted, selection = self.collected.wanted, self.collected.selection
        direct = {each.name for each in wanted if each.link is not None and each.name}
        requested = {each.name for each in wanted if each.name and not each.constraint}
        stays = satisfied_by_installed(self.environment, selection, requested)
        markers = self.context.python.markers
        return Prefetcher(
            self.finder,
            self.distributions,
            markers,
            direct,
            stays,
            dependencies=selection.dependencies,
        )

    # Building

    @cached_property
    def distributions(self) -> Distributions:
        """Metadata of all distributions; sources are prepared for theirs."""
        lax = self.context.mode.pip_compat
        return Distributions(self.wheel_metadata, self._sources_in_context, self.emit, lax=lax)

    def _sources_in_context(self) -> Sources:
        return self._variables.run(self._sources)

    def _sources(self) -> Sources:
        # most runs need no sources
        from pipfast.session.source_tools import RunParts, make_sources
        from pipfast.sources.build_visibility import CurrentResolution

        installer = self.make_installer()

        def install_pins(answer: Resolution, pins: Sequence[PinnedCandidate], prefix: Path) -> Path:
            return installer.install_pins(pins, self.resolved(answer), prefix)

        return make_sources(
            RunParts(
                context=self.context,
                collected=self.collected,
                current=CurrentResolution(
                    ports=self.ports, install=install_pins, answer=lambda: self.answer
                ),
                installer=installer,
                files=self.files,
                temp_dirs=self.temp_dirs,
                emit=self.emit,
            )
        )

    # The resolver's ports

    @cached_property
    def index(self) -> Index:
        """The resolver's port for candidates."""
        debug = self.emit if self._explains_all else None
        selection = self.collected.selection
        tags = self.context.tags
        return Index(self.finder, self.prefetch, selection, tags, debug, self.emit)

    @cached_property
    def metadata(self) -> KnownMetadata:
        """The resolver's port for metadata."""
        return KnownMetadata(self.distributions)

    @cached_property
    def ports(self) -> Ports:
        """All ports of the resolver."""
        context = self.context
        return Ports(
            index=self.index,
            metadata=self.metadata,
            installed=self.environment,
            python=Version(".".join(map(str, context.version))),
            markers=context.python.markers,
            emit=self.emit,
            notice_level=Level.INFO if context.mode.pip_compat else Level.WARNING,
            debug="PIP_RESOLVER_DEBUG" in os.environ,
            explains=self._explains_all,
            history=context.history,
        )

    # Resolving

    def resolve(self) -> Resolution:
        """Resolve, again while builds see other distributions than those that they will run with.

        Raises what the solver and its ports raise.
        """
        self.emit(Stage(Phase.RESOLVE, 0, 0))
        _ = self.ports, self.prefetch, self.files  # before worker threads use them
        answer = settled(self._solve_lax, self.distributions, self.emit)
        emit_chosen_indexes(answer, self.finder, self.emit)
        return answer

    def _solve_lax(self, emit: Listener) -> Resolution:
        """Solve by pip's rules, then by those lax rules that the mode permits."""
        mode = self.context.mode
        rules = [
            skip_broken_sources(permitted=mode.pip_compat, silently=self.emit.muted),
            local_versions(mode.local_versions),
            plain_requirements(permitted=mode.pip_compat, silently=self.emit.muted),
        ]
        try:
            return with_rules(self._solve_cached, rules)(self.collected.selection, emit)
        except InstallationError as failure:
            if not names_setting(failure) or isinstance(failure, IndexFailed):
                search = OtherIndexes(self.collected, self.ports, self.finder, self.metadata.known)
                failure.remedies += search.remedies(failure)
            raise

    def _solve_cached(self, selection: SelectionPolicy, emit: Listener) -> Resolution:
        """Solve, or return the stored resolution of an earlier run."""
        collected = replace(self.collected, selection=selection)
        ports = replace(self.ports, emit=emit)
        return self._cache.resolve(collected, ports, self.finder, self.environment)

    @cached_property
    def _cache(self) -> ResolutionCache:
        return ResolutionCache(
            store=self.context.store,
            tags=[str(tag) for tag in self.context.tags],
            files=self.files,
            distributions=self.distributions,
            messages=self.emit.messages,
            lax=self.context.mode.pip_compat,
            reused=self.reused,
        )

    def resolved(self, answer: Resolution) -> Resolved:
        """Return `answer` with the ports that it was found through."""
        return Resolved(
            collected=self.collected,
            resolution=answer,
            environment=self.environment,
            distributions=self.distributions,
            files=self.files,
            finder=self.finder,
            ports=self.ports,
            known=self.metadata.known,
            used_index=self.index.was_used,
            pages=self.reused[0] if len(self.reused) == 1 else None,
        )

    @contextmanager
    def explaining(self) -> Iterator[None]:
        """Add hints to a failure in the with block, if they are shown in this run."""
        try:
            yield
        except PipfastError as failure:
            if self.context.hints:
                from pipfast.session.explain_failure import FailedRun, hints_on  # most runs succeed

                run = FailedRun(
                    collected=self.collected,
                    ports=self.ports,
                    finder=self.finder,
                    known=self.metadata.known,
                )
                with interruptible():
                    failure.remedies = (*hints_on(failure, run), *failure.remedies)
            raise

    # Closing

    @contextmanager
    def closing(self, end: Ending) -> Iterator[None]:
        """Close all collaborators after the with block; stop their threads when `end` begins."""
        with end.reaching(self.files.stop), end.reaching(self.distributions.stop):
            try:
                yield
            finally:
                with held():
                    end.begin()
                    for part in (self.prefetch, self.finder, self.distributions, self.files):
                        part.close()
                    self.temp_dirs.close(clean=self.context.build.policy.clean)
