"""Find the candidates of a project."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence

from packaging.tags import Tag
from packaging.utils import NormalizedName

from pipfast.concurrency.thread_pool import ThreadPool
from pipfast.errors import OwnInstallationError
from pipfast.index.candidates import Candidates, FileSource
from pipfast.index.evaluate import CandidateEvaluator
from pipfast.index.events import CertificateNotTrusted, PageSkipped, SharedProject
from pipfast.index.file_sources import ProjectPage
from pipfast.index.locations import with_home_expanded
from pipfast.index.locked_file import LockedFileRejected, file_of_lock
from pipfast.index.page_reader import PageReader
from pipfast.index.project_pages import (
    FailedLocation,
    LinkExplainer,
    ProjectFileCollector,
    ProjectFiles,
)
from pipfast.index.used_pages import UsedPage
from pipfast.model.events import Listener, Message, silent
from pipfast.model.frozen_dataclass import dataclass, field, replace
from pipfast.model.link import redact
from pipfast.model.remedies import SkipFailingIndexes
from pipfast.net.client import Client
from pipfast.net.errors import (
    NetworkError,
    SSLVerificationError,
    TooManyErrorResponses,
    UnusableUrlError,
)
from pipfast.policy.network import IndexErrors, IndexStrategy
from pipfast.policy.selection import SelectionPolicy
from pipfast.store.filesystem.root import Store
from pipfast.store.page_cache import PageCache


class IndexFailed(OwnInstallationError):
    """An index failed, for the reason `why`, and the policy does not allow skipping it."""

    def __init__(self, index: str, why: str, *, others_have_it: bool = True) -> None:
        super().__init__(*([SkipFailingIndexes()] if others_have_it else []))
        self.index = redact(index)
        self.why = why


@dataclass(frozen=True, slots=True)
class _Known:
    found: Candidates
    collected: ProjectFiles


@dataclass(eq=False, slots=True)
class Finder:
    """Finds a project's candidates on the indexes and find-links of the client's policy.

    Each page is requested once per run, in advance if `prefetch` was called, and parsed once per
    machine. `tags` are the target's, best first; `python_version` is its version. `strategy`
    and `errors` replace the policy's. `skipped` are the faults of places that were passed over.
    """

    selection: SelectionPolicy
    client: Client
    store: Store
    tags: Sequence[Tag]
    python_version: tuple[int, int, int]
    emit: Listener = silent
    strategy: IndexStrategy | None = None
    errors: IndexErrors | None = None
    pool: ThreadPool = field(default_factory=ThreadPool)
    _evaluator: CandidateEvaluator = field(init=False)
    _collector: ProjectFileCollector = field(init=False)
    _found: dict[NormalizedName, Candidates] = field(init=False, default_factory=dict)
    _reported: set[str] = field(init=False, default_factory=set)
    skipped: list[NetworkError] = field(init=False, default_factory=list)
    reader: PageReader = field(init=False)

    def __post_init__(self) -> None:
        network = self.client.policy
        if self.strategy is not None:
            network = replace(network, strategy=self.strategy)
        if self.errors is not None:
            network = replace(network, errors=self.errors)
        words = tuple(dict.fromkeys(with_home_expanded(word) for word in network.find_links))
        reader = self.reader = PageReader(self.client, PageCache(self.store), self.emit)
        self._evaluator = CandidateEvaluator(self.tags, self.python_version, self.selection)
        explains = network.detail.explains and self.emit is not silent
        explainer = self._explainer() if explains else None
        self._collector = ProjectFileCollector(network, words, reader, self.pool, explainer)

    def _explainer(self) -> LinkExplainer:
        from pipfast.index.link_report import LinkReport  # few runs explain themselves

        return LinkReport(self._evaluator, self._emit_message)

    def over_every_index(self) -> Finder:
        """Return a finder that merges all indexes, emits nothing, and reuses all pages."""
        return replace(self, emit=silent, strategy=IndexStrategy.BEST_MATCH)

    def over_working_indexes(self) -> Finder:
        """Return a finder that skips indexes that fail, emits nothing, and reuses all pages."""
        return replace(self, emit=silent, errors=IndexErrors.SKIP)

    def found(self, project: NormalizedName) -> Candidates:
        """Return the candidates of `project`; waits for pages that are being fetched.

        Messages about its pages are emitted by the first call. Raises IndexFailed if an index
        fails and the policy requires it; InstallationError if ``--uploaded-prior-to`` needs
        times that an index does not provide; LockedFileRejected if the file that a lock file
        names is not acceptable.
        """
        found = self._found.get(project)
        if found is not None:
            return found
        known = self._known(project)
        self._emit_messages(known.collected)
        if self.selection.uploaded_prior_to is not None:
            known.found.evaluate_all()
        self._found[project] = known.found
        return known.found

    def prefetch(
        self, project: NormalizedName, then: Callable[[Candidates], object] | None = None
    ) -> Candidates | None:
        """Return the candidates of `project` if cached; otherwise fetch them without waiting.

        In the second case `then` is called with them in another thread. Nothing is emitted or
        raised. Pages that may be used without a request are read directly, which is cheaper than
        a thread.
        """
        if project in self.selection.locked:
            return self._locked(project)
        if self.client.policy.detail.explains:
            return None  # what is reported is in pip's order
        key = self._key(project)
        if key in self.pool:
            return self._known(project).found if self.pool.is_done(key) else None
        if not self._collector.begin(project):
            return self._known(project).found

        after = None if then is None else (lambda known: then(known.found))
        self.pool.submit(key, lambda: self._collected(project), after)
        return None

    def requires_python_skipped(self) -> tuple[str, ...]:
        """Return ``V Requires-Python S`` of every file rejected for it in the whole run.

        pip lists those of all projects it has looked at, not only of the failing one.
        """
        reasons = {
            because for found in self._found.values() for because in found.refused_by_python()
        }
        return tuple(sorted(reasons))

    @property
    def looked_at(self) -> tuple[NormalizedName, ...]:
        """Return the requested projects."""
        return tuple(self._found)

    def pages(self, project: NormalizedName) -> tuple[str, ...]:
        """Return the index pages with files of `project`; among equals the last one's are used.

        Raises the errors of `found`.
        """
        sources = self._known(project).collected.sources
        return tuple(
            source.url for source in sources if isinstance(source, ProjectPage) and source.versions
        )

    def shared(self, project: NormalizedName) -> SharedProject | None:
        """Return which other indexes have other versions of `project`, if that needs a warning.

        Raises the errors of `found`.
        """
        return self._known(project).collected.shared

    def used_pages(self) -> list[UsedPage] | None:
        """Return the pages that this run has used, None if it has used anything else.

        What it has used are stored pages of indexes, and indexes that do not have a project.
        """
        pages = []
        for project in self._found:
            collected = self._known(project).collected
            if not collected.requested:
                return None
            if not all(isinstance(source, ProjectPage) for source in collected.sources):
                return None
            for url in collected.requested:
                page = self._collector.used(url, project)
                if page is None:
                    return None
                pages.append(page)
        return pages

    def are_unchanged(self, pages: Sequence[UsedPage]) -> bool:
        """Return whether `pages` are as an earlier run has used them.

        Those that the indexes have to confirm are requested at once.
        """
        return self._collector.are_unchanged(pages)

    def close(self) -> None:
        """Stop prefetching."""
        self.pool.close()

    def _known(self, project: NormalizedName) -> _Known:
        return self.pool.result(self._key(project), lambda: self._collected(project))

    def _key(self, project: NormalizedName) -> Hashable:
        return self.strategy, self.errors, project

    def _locked(self, project: NormalizedName) -> Candidates | None:
        try:
            return self._known(project).found
        except LockedFileRejected:
            return None  # it is raised again when the project is requested

    def _collected(self, project: NormalizedName) -> _Known:
        locked = self.selection.locked.get(project)
        if locked is None:
            collected = self._collector.collect(project)
        else:
            collected = ProjectFiles([file_of_lock(project, locked, self._evaluator)])
        return _Known(
            Candidates(project, collected.sources, self._evaluator, self.selection), collected
        )

    def _is_elsewhere(self, project: NormalizedName) -> bool:
        """Return whether an index or find-links location that works has files of `project`."""
        return any(source.versions for source in self.over_every_index().sources_of(project))

    def sources_of(self, project: NormalizedName) -> Sequence[FileSource]:
        """Return the places that have `project`."""
        return self._known(project).collected.sources

    def _emit_messages(self, collected: ProjectFiles) -> None:
        """Emit the messages about the pages; each place is reported once."""
        for message in (*collected.ignored_locations, *collected.messages):
            self._emit_message(message)

    def _emit_message(self, message: Message | FailedLocation) -> None:
        if not isinstance(message, FailedLocation):
            self.emit(message)
            return
        place, fault = message.place, message.fault
        if (self.errors or self.client.policy.errors) is IndexErrors.FAIL:
            why = fault.response if isinstance(fault, TooManyErrorResponses) else fault.why
            others_have_it = self._is_elsewhere(message.project)
            raise IndexFailed(place, why, others_have_it=others_have_it) from fault
        if isinstance(fault, UnusableUrlError) and not fault.url.startswith("file:"):
            raise fault  # there is no request that could be skipped
        if place not in self._reported:
            self._reported.add(place)
            self.skipped.append(fault)
            if isinstance(fault, SSLVerificationError):
                self.emit(CertificateNotTrusted(redact(message.url), fault.why))
            else:
                self.emit(PageSkipped(fault.url, fault.why))
