"""From sources to metadata: fetch, call hooks, make missing modules visible."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from functools import partial

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from pipfast.builds.build_result import Built, Failed, MissingModule
from pipfast.builds.errors import MetadataFailed, PreparationFailed
from pipfast.builds.pyproject import stated_metadata, stated_name
from pipfast.errors import Diagnostic, InstallationError, NotPrepared, ProgramFailed
from pipfast.fetch.downloads.files import DownloadRequest
from pipfast.fetch.downloads.hash_check import HashError
from pipfast.model.digest import Digest
from pipfast.model.direct_url import ArchiveOrigin, Origin
from pipfast.model.distribution import Sdist, Source, SourceTree
from pipfast.model.events import Listener, outdented, silent
from pipfast.model.frozen_dataclass import replace
from pipfast.model.metadata import Metadata, parse_metadata
from pipfast.model.remedies import UseKeptWheel
from pipfast.resolve.install_requirement import InstallRequirement
from pipfast.sources.events import CachedWheelIgnored, KeptWheelUsed
from pipfast.sources.ordered_output import OrderedTasks
from pipfast.sources.prepared_source import (
    CompletedSource,
    IncompleteSource,
    Key,
    Prepared,
    as_prepared,
    document_of,
    is_of,
    key_of,
    mismatches,
)
from pipfast.sources.retry_with_modules import (
    CannotBePrepared,
    FailedSource,
    IncompleteBuild,
    Visible,
)
from pipfast.sources.source_reader import Preparation, SourceReader, Tools
from pipfast.sources.source_state import (
    Cached,
    Completed,
    SourceState,
    Uncached,
    completed_source,
)
from pipfast.store.build_cache.built_wheel_cache import CachedWheel

_FAILED_HOOKS = (MetadataFailed, PreparationFailed)
"""Failures of hooks, as opposed to those of what they return."""


class SourcePreparation:
    """Prepares sources for their metadata, each once.

    Sources that will certainly or probably be needed are prepared ahead, in parallel; their
    messages are emitted when they are requested.
    """

    def __init__(self, tools: Tools, emit: Listener) -> None:
        self._tools = tools
        self._reader = SourceReader(tools)
        self._emit = emit
        self._preparing = OrderedTasks(emit, tools.at_once)
        self._states: dict[Key, SourceState] = {}
        self._lock = threading.Lock()

    # cached wheels

    def kept(
        self, distribution: Sdist | Source, install_req: InstallRequirement
    ) -> CachedWheel | None:
        """Return the cached wheel of the source, None if it has to be built."""
        state = self._state(distribution, install_req)
        return state.wheel if isinstance(state, Cached) else None

    def _state(self, distribution: Sdist | Source, install_req: InstallRequirement) -> SourceState:
        """Return the state of the source; the first time, look for a cached wheel."""
        key = key_of(distribution, install_req)
        if key not in self._states:
            question = self._reader.build_key(install_req.config_settings, distribution.name)
            kept = self._reader.cached_wheel(distribution, question)
            self._states.setdefault(key, Uncached() if kept is None else Cached(kept))
        return self._states[key]

    def _completed(self) -> list[CompletedSource]:
        """Return the sources that were prepared with more visible modules than they declare."""
        found = map(completed_source, list(self._states.values()))  # other threads add states
        return [source for source in found if source is not None]

    # metadata

    def begin(self, distribution: Sdist | Source, install_req: InstallRequirement) -> None:
        """Start to prepare a source whose metadata will be requested."""
        if self._tools.cautious or self.kept(distribution, install_req) is not None:
            return
        if isinstance(distribution, Source) and distribution.editable:
            return  # the user may be asked about an existing checkout
        work = lambda listen: self._reader.prepare(distribution, install_req, (), listen)  # noqa: E731
        self._preparing.begin(key_of(distribution, install_req), work)

    def prefetch(self, sdist: Sdist, then: Callable[[Metadata], object] | None = None) -> bool:
        """Start to prepare an sdist that will probably be requested; return whether it is new.

        Only the project is known, not the requirement that will need it. If the preparation fails,
        it is repeated for a requirement whose error has another text.
        """
        install_req = InstallRequirement(Requirement(sdist.name))
        if self._tools.cautious or self.kept(sdist, install_req) is not None:
            return False
        key = key_of(sdist, install_req)

        def after(preparation: Preparation) -> None:
            if then is not None and isinstance(preparation, Prepared):
                then(preparation.metadata)

        work = lambda listen: self._reader.prepare(sdist, install_req, (), listen)  # noqa: E731
        with self._lock:  # a later request must know that this is speculative
            begun = self._preparing.begin(key, work, after)
            if begun:
                self._states[key] = Uncached(speculative=True)
        return begun

    def metadata(
        self,
        distribution: Sdist | Source,
        install_req: InstallRequirement,
        digests: Sequence[Digest],
    ) -> Metadata:
        """Return a source's metadata, from a cached wheel or from the source itself.

        The file must match one of `digests`. Raises the errors of fetching and building.
        """
        kept = self.kept(distribution, install_req)
        if kept is not None and digests and not is_of(kept, digests):
            self._emit(CachedWheelIgnored())
            self._states[key_of(distribution, install_req)] = Uncached()
            kept = None
        if kept is not None:
            self._tools.files.look_for_built(kept.path, digests)
            return self._described_by(kept, distribution)
        obtain = partial(self._obtained, distribution, install_req, digests)
        try:
            return self._looked_at(obtain, distribution, install_req, self._emit).metadata
        except (InstallationError, Diagnostic) as failure:
            wheel = self._wheel_of_pip(distribution, install_req)
            is_wrong = wheel is not None and digests and not is_of(wheel, digests)
            if wheel is None or is_wrong or isinstance(failure, HashError | CannotBePrepared):
                raise
            wanted = install_req.requirement
            spelling = wanted.name if wanted else str(distribution.name)
            if not self._tools.mode.pip_compat:
                failure.remedies = (*failure.remedies, UseKeptWheel(spelling))
                raise
            self._emit(KeptWheelUsed(spelling, wheel.path.name))
            self._states[key_of(distribution, install_req)] = Cached(wheel)
            return self._described_by(wheel, distribution)

    def _described_by(self, wheel: CachedWheel, distribution: Sdist | Source) -> Metadata:
        return as_prepared(wheel, parse_metadata(document_of(wheel, distribution)), distribution)

    def _wheel_of_pip(
        self, distribution: Sdist | Source, install_req: InstallRequirement
    ) -> CachedWheel | None:
        """Return the wheel in pip's cache for a source that cannot be built now.

        Its build read other settings or modules, and pip would have used it at once.
        """
        question = self._reader.build_key(install_req.config_settings, distribution.name)
        return self._reader.cached_wheel(distribution, question, trusts_other=True)

    def _looked_at(
        self,
        obtain: Callable[[], Prepared],
        distribution: Sdist | Source,
        install_req: InstallRequirement,
        emit: Listener,
    ) -> Prepared:
        """Return the source that `obtain` prepares; report if it is not the requested one."""
        try:
            prepared = obtain()
        except ProgramFailed as failure:  # it was reported when it happened
            named = (
                install_req.requirement.name
                if install_req.requirement
                else distribution.link.redacted
            )
            raise NotPrepared(named, failure.command) from None
        for message in mismatches(prepared, install_req, distribution):
            emit(message)
        return prepared

    def complete(
        self, sdist: Sdist, install_req: InstallRequirement, digests: Sequence[Digest]
    ) -> None:
        """Prepare an sdist whose metadata came from another file; messages are not indented.

        Raises the errors of fetching and building.
        """

        def obtain() -> Prepared:
            def work(listen: Listener) -> Preparation:
                return self._reader.prepare(sdist, install_req, digests, outdented(listen))

            self._preparing.result(key_of(sdist, install_req), work)
            return self._obtained(sdist, install_req, digests)

        self._looked_at(obtain, sdist, install_req, outdented(self._emit))

    def document(self, distribution: Sdist | Source, install_req: InstallRequirement) -> str:
        """Return the METADATA document of a source whose metadata was requested."""
        kept = self.kept(distribution, install_req)
        if kept is not None:
            return document_of(kept, distribution)
        prepared = self._obtained(distribution, install_req)
        if prepared.document is None:
            match self._tools.builder.metadata(prepared.project, self._emit):
                case Built(document):
                    prepared.document = document
                case MissingModule() as missing:
                    prepared = self._seen_through(missing, distribution, install_req)
                    assert prepared.document is not None, "its backend was called"
                case Failed(failure):
                    raise failure
        return prepared.document

    def origin(self, distribution: Sdist | Source, install_req: InstallRequirement) -> Origin:
        """Return the origin of a source whose metadata was requested."""
        kept = self.kept(distribution, install_req)
        if kept is None:
            return self._obtained(distribution, install_req).tree.origin
        link = distribution.link
        return kept.origin or ArchiveOrigin(url=link.url, digests=link.digests)

    def tree(self, distribution: Sdist | Source, install_req: InstallRequirement) -> SourceTree:
        """Return the tree of a source whose metadata was requested."""
        return self._obtained(distribution, install_req).tree

    def _obtained(
        self,
        distribution: Sdist | Source,
        install_req: InstallRequirement,
        digests: Sequence[Digest] = (),
    ) -> Prepared:
        """Return the source prepared with the modules it lacked. Only for the resolver's thread."""
        preparation = self._prepared(distribution, install_req, digests)
        match preparation:
            case Prepared():
                return preparation
            case MissingModule():
                return self._seen_through(preparation, distribution, install_req, digests)
            case Failed(failure):
                if self._tools.visibility.is_inside:
                    raise CannotBePrepared(self._failing(distribution, install_req)) from failure
                raise failure

    def _prepared(
        self,
        distribution: Sdist | Source,
        install_req: InstallRequirement,
        digests: Sequence[Digest] = (),
    ) -> Preparation:
        """Prepare the source; some failures of speculative work are repeated for the caller."""
        key = key_of(distribution, install_req)
        with self._lock:
            state = self._states.get(key)
            speculative = isinstance(state, Uncached) and state.speculative
            if speculative:
                self._states[key] = Uncached()
        completed = completed_source(state)
        if completed is not None:
            return completed.prepared
        if speculative and not _is_valid(self._preparing.outcome(key), distribution, install_req):
            self._preparing.forget(key)
        work = lambda listen: self._reader.prepare(distribution, install_req, digests, listen)  # noqa: E731
        return self._preparing.result(key, work)

    # builds that see more than they declare

    def _seen_through(
        self,
        missing: MissingModule,
        distribution: Sdist | Source,
        install_req: InstallRequirement,
        digests: Sequence[Digest] = (),
    ) -> Prepared:
        """Return the source prepared with the missing modules visible."""
        remedy, providing = self._tools.remedy, self._tools.visibility
        failing = self._failing(distribution, install_req)
        incomplete = IncompleteBuild(missing)
        opening = IncompleteSource(distribution, install_req, tuple(digests), incomplete, failing)
        show = partial(self._show, opening)
        result = remedy.overcome(incomplete, failing, providing.before, show)
        if isinstance(result, IncompleteBuild):
            remedy.give_up(result, failing)
        return result

    def _show(self, opening: IncompleteSource, visible: Visible) -> Preparation:
        """Prepare a source that sees what is `visible`."""
        pins = {*visible.pins}
        for source in self._completed():  # they contain what they were built against
            if source.name in visible.coming:
                pins.update(source.visible.pins)
        visible = replace(visible, pins=tuple(sorted(pins)))
        distribution, install_req, digests = (
            opening.distribution,
            opening.install_req,
            opening.digests,
        )
        prepared = self._reader.prepare(distribution, install_req, digests, self._emit, visible)
        if isinstance(prepared, Prepared):
            source = CompletedSource(opening, visible, prepared)
            self._states[opening.key] = Completed(source)
        return prepared

    def _failing(
        self, distribution: Sdist | Source, install_req: InstallRequirement
    ) -> FailedSource:
        link = distribution.link
        order = DownloadRequest(link, install_req.described(link))
        folder = self._tools.trees.of(distribution, order, silent).folder
        stated = stated_name(folder)
        name = distribution.name or (canonicalize_name(stated) if stated else None)
        spelled = install_req.requirement.name if install_req.requirement else stated
        spelling = spelled or name or link.filename
        return FailedSource(link=link, name=name, spelling=spelling, stated=stated_metadata(folder))


def _is_valid(
    outcome: object, distribution: Sdist | Source, install_req: InstallRequirement
) -> bool:
    """Return whether the outcome of speculative work is what the requirement would get.

    Hooks are called once even if they fail: their messages name nothing but the project.
    """
    if isinstance(outcome, Prepared):
        return True
    named = install_req.requirement.name if install_req.requirement else None
    return named == distribution.name and (
        isinstance(outcome, MissingModule)
        or (isinstance(outcome, Failed) and isinstance(outcome.failure, _FAILED_HOOKS))
    )
