"""Fetch a source and determine its metadata: static, cached, or from its build backend."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from packaging.tags import Tag
from packaging.utils import NormalizedName

from pipfast.builds.build_result import BuildResult, Built, Failed, MissingModule
from pipfast.builds.builder import Builder
from pipfast.builds.pyproject import Project, static_metadata
from pipfast.fetch.downloads.downloader import Downloader
from pipfast.fetch.downloads.files import DownloadRequest
from pipfast.fetch.source_trees import SourceTrees
from pipfast.model.digest import Digest
from pipfast.model.direct_url import ArchiveOrigin
from pipfast.model.distribution import Sdist, Source, SourceTree
from pipfast.model.events import Listener, Message, Work, indented, silent
from pipfast.model.frozen_dataclass import dataclass, replace
from pipfast.model.link import Link
from pipfast.model.metadata import Metadata, parse_metadata
from pipfast.policy.mode import Mode
from pipfast.resolve.install_requirement import InstallRequirement
from pipfast.sources.build_tracker import being_built
from pipfast.sources.build_visibility import BuildVisibility
from pipfast.sources.prepared_source import (
    MetadataOrigin,
    Prepared,
    as_prepared,
    document_of,
    identity,
    project_of,
)
from pipfast.sources.retry_with_modules import (
    NOTHING_MORE,
    UndeclaredModules,
    Visible,
)
from pipfast.sources.source_state import (
    PreparationFacts,
    metadata_origins,
)
from pipfast.sources.stored_events import emit_again, recording, to_json
from pipfast.store.build_cache.backend_metadata import BackendMetadata, BackendMetadataCache
from pipfast.store.build_cache.build_key import BuildKey
from pipfast.store.build_cache.built_wheel_cache import BuiltWheelCache, CachedWheel
from pipfast.store.build_cache.pip_wheel_cache import subdirectory_of

if TYPE_CHECKING:
    from pipfast.sources.shared_builds import SharedBuild, SharedBuilds

Preparation = Prepared | MissingModule | Failed
"""The result of preparing a source; other failures are raised."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tools:
    """The tools for fetching, building and caching sources; `question` describes the target.

    `variables` are environment variables of a project's builds. `at_once` limits concurrent
    builds. `editables` is whether ``-e`` creates an editable wheel. `cautious` prevents
    preparing anything ahead, because files must be verified before code in them runs.
    `trusts_static` allows static metadata, `trusts_stored` a backend's answer from an earlier run,
    `reuses` cached wheels. `remedy` handles builds that lack modules, `visibility` finds them.
    `shared` are the results of builds on other machines, None if nothing is shared.
    """

    files: Downloader
    trees: SourceTrees
    builder: Builder
    shelf: BuiltWheelCache
    backend_metadata: BackendMetadataCache
    tags: Sequence[Tag]
    question: BuildKey
    scratch: Path
    variables: Callable[[NormalizedName], Mapping[str, str]]
    at_once: int
    mode: Mode
    remedy: UndeclaredModules
    visibility: BuildVisibility
    editables: bool = True
    cautious: bool = False
    trusts_static: bool = True
    trusts_stored: bool = True
    reuses: bool = True
    shared: SharedBuilds | None = None


@dataclass(frozen=True, slots=True)
class _FetchedSource:
    """A source on this machine whose metadata is not known yet."""

    distribution: Sdist | Source
    install_req: InstallRequirement
    tree: SourceTree
    project: Project
    question: BuildKey

    @property
    def key_parts(self) -> list[str]:
        """Return what identifies its stored metadata besides its content."""
        subdirectory = subdirectory_of(self.distribution.link) or ""
        return [self.project.name or "", subdirectory, *self.question.against]

    @property
    def requirement(self) -> str:
        """Return the requirement that it is prepared for, which pip names in a cycle of builds.

        A source that is prepared ahead has only its project's normalised name; the file's name is
        more likely to be spelled like the requirement.
        """
        link = self.distribution.link
        is_known = self.install_req.text not in ("", self.distribution.name)
        return self.install_req.described(link) if is_known else guessed_requirement(link)

    def prepared(
        self, metadata: Metadata, document: str | None, origin: MetadataOrigin
    ) -> Prepared:
        """Return the source with its metadata."""
        return Prepared(self.tree, self.project, self.question, metadata, document, origin)


class SourceReader:
    """Determines the metadata of single sources. Safe for several threads."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools

    def cached_wheel(
        self, distribution: Sdist | Source, question: BuildKey, *, trusts_other: bool = False
    ) -> CachedWheel | None:
        """Return the wheel that was built from the source before, None if it must not be used.

        With `trusts_other` it is one that pip would use, whatever else its build read.
        """
        if not self._tools.reuses or (isinstance(distribution, Source) and distribution.editable):
            return None
        link, name = distribution.link, distribution.name
        tags = self._tools.tags
        return self._tools.shelf.find(link, name, tags, question, trusts_other=trusts_other)

    def build_key(
        self, settings: Mapping[str, str | list[str]], name: NormalizedName | None
    ) -> BuildKey:
        """Return what a build of the project `name` with these settings depends on."""
        variables = self._tools.variables(name) if name else {}
        return replace(self._tools.question, settings=settings, variables=variables)

    def prepare(
        self,
        distribution: Sdist | Source,
        install_req: InstallRequirement,
        digests: Sequence[Digest],
        listen: Listener,
        visible: Visible = NOTHING_MORE,
    ) -> Preparation:
        """Fetch a source, and return it with its metadata from the cheapest origin.

        The file must match one of `digests`. With `visible` modules that the source does not
        declare, it is prepared again. Raises the errors of fetching and building.
        """
        link, tools = distribution.link, self._tools
        requirement, is_direct = install_req.described(link), install_req.link is not None
        order = DownloadRequest(link, requirement, tuple(digests), is_direct=is_direct)
        again = visible is not NOTHING_MORE
        tree = tools.trees.of(distribution, order, silent if again else listen)
        project = project_of(distribution, install_req, tree, as_wheel=not tools.editables)
        project = replace(project, sees=visible.sight)
        question = self.build_key(install_req.config_settings, distribution.name)
        question = replace(question, source=identity(tree.origin), against=visible.pins)
        facts = PreparationFacts(
            is_repeated=again,
            is_configured=bool(install_req.config_settings),
            is_editable=project.editable,
            trusts_static=tools.trusts_static,
            trusts_stored=tools.trusts_stored,
        )
        fetched = _FetchedSource(distribution, install_req, tree, project, question)
        origins = tuple(metadata_origins(facts))
        for origin in origins:
            prepared = self._known(fetched, origin, listen)
            if prepared is not None:
                return prepared
        return self._call_backend(fetched, listen, store=MetadataOrigin.STORED in origins)

    def _known(
        self, fetched: _FetchedSource, origin: MetadataOrigin, listen: Listener
    ) -> Prepared | None:
        """Return the source with metadata from `origin`; None if it has none or is the backend."""
        distribution, tree = fetched.distribution, fetched.tree
        match origin:
            case MetadataOrigin.STATIC:
                is_archive = isinstance(tree.origin, ArchiveOrigin)
                static = static_metadata(tree.folder, sdist=is_archive)
                if static is not None:
                    return fetched.prepared(static.metadata, static.document, origin)
            case MetadataOrigin.CACHED_WHEEL:
                kept = self.cached_wheel(distribution, fetched.question)
                if kept is not None:
                    document = document_of(kept, distribution)
                    metadata = as_prepared(kept, parse_metadata(document), distribution)
                    return fetched.prepared(metadata, document, origin)
            case MetadataOrigin.STORED:
                stored = self._tools.backend_metadata.read(fetched.question, fetched.key_parts)
                if stored is not None and emit_again(stored, listen):
                    metadata = parse_metadata(stored.document)
                    return fetched.prepared(metadata, stored.document, origin)
            case MetadataOrigin.BACKEND:
                pass
        return None

    def _call_backend(
        self, fetched: _FetchedSource, listen: Listener, *, store: bool
    ) -> Preparation:
        """Return the source with metadata from its backend, and `store` the answer."""
        tools, began = self._tools, time.monotonic()
        events, own = list[Work | Message](), list[Work | Message]()
        with being_built(fetched.distribution.link, fetched.requirement):
            build: BuildResult[SharedBuild | None] = Built(None)
            if store:
                build = self._shared_build(
                    fetched.distribution,
                    fetched.tree,
                    fetched.project,
                    fetched.question,
                    recording(listen, events),
                )
            if not isinstance(build, Built):
                return build
            known = self._answer_elsewhere(build.value, listen)
            obtained_from = MetadataOrigin.STORED
            if known is None:
                result = tools.builder.metadata(fetched.project, recording(listen, own))
                if not isinstance(result, Built):
                    return result
                known = BackendMetadata(result.value, to_json(own))
                obtained_from = MetadataOrigin.BACKEND
                if build.value is not None and tools.shared is not None:
                    tools.shared.offer_metadata(build.value, known, time.monotonic() - began)
        if store:
            stored = BackendMetadata(known.document, (*to_json(events), *known.events))
            tools.backend_metadata.write(fetched.question, fetched.key_parts, stored)
        return fetched.prepared(parse_metadata(known.document), known.document, obtained_from)

    def _answer_elsewhere(
        self, build: SharedBuild | None, listen: Listener
    ) -> BackendMetadata | None:
        """Return what a backend answered on another machine, after its messages; else None."""
        if build is None or self._tools.shared is None:
            return None
        known = self._tools.shared.metadata(build, indented(listen))
        return known if known is not None and emit_again(known, listen) else None

    def shared_wheel(
        self,
        distribution: Sdist | Source,
        prepared: Prepared,
        folder: Path,
        listen: Listener,
        tell: Listener,
    ) -> BuildResult[tuple[SharedBuild | None, Path | None]]:
        """Return the build of a source as other machines know it, and its wheel if one has it.

        The wheel is a file in `folder`. None for a build that is not shared.
        `listen` gets the messages of preparing, `tell` what comes of it.
        """
        build = self._shared_build(
            distribution, prepared.tree, prepared.project, prepared.question, listen
        )
        if not isinstance(build, Built):
            return build
        shared = self._tools.shared
        if build.value is None or shared is None:
            return Built((None, None))
        named = prepared.metadata.canonical_name
        return Built((build.value, shared.wheel(build.value, folder, named, tell)))

    def _shared_build(
        self,
        distribution: Sdist | Source,
        tree: SourceTree,
        project: Project,
        question: BuildKey,
        listen: Listener,
    ) -> BuildResult[SharedBuild | None]:
        """Return the build of a source as other machines know it, None if it is not shared.

        Its environment is filled for that. Raises the errors of building.
        """
        shared, link = self._tools.shared, distribution.link
        if shared is None or project.builds_editable:
            return Built(None)
        if not shared.may_share(link, tree.origin, question):
            return Built(None)
        inputs = self._tools.builder.inputs(project, listen)
        if not isinstance(inputs, Built):
            return inputs
        if inputs.value is None:
            return Built(None)
        name = distribution.name
        return Built(shared.build(link, tree.origin, question, inputs.value, name))


def guessed_requirement(link: Link) -> str:
    """Return the requirement that a source is probably prepared for."""
    project = link.filename.rpartition("-")[0]
    return f"{project} from {link.redacted}" if project else link.redacted
