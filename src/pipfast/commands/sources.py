"""Sources on their way to wheels: fetched, asked for their metadata, built, kept."""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from packaging.tags import Tag
from packaging.utils import NormalizedName, parse_wheel_filename
from packaging.version import Version

from pipfast.build.builder import Builder
from pipfast.build.faults import WheelNotBuilt
from pipfast.build.project import static_metadata
from pipfast.commands.prepared import (
    Key,
    Prepared,
    as_prepared,
    document_of,
    identity,
    is_of,
    key_of,
    project_of,
    surprises,
)
from pipfast.commands.relay import Turns
from pipfast.errors import InstallationError, NotPrepared, ProgramFailed
from pipfast.fetch.download import Files, Order
from pipfast.fetch.trees import Trees
from pipfast.model.digest import Digest
from pipfast.model.direct_url import ArchiveOrigin, Origin
from pipfast.model.distribution import Sdist, Source, SourceTree
from pipfast.model.events import Level, Listener, Said
from pipfast.model.metadata import Metadata, parse_metadata
from pipfast.policy.mode import LocalVersions, Mode
from pipfast.resolve.graph import Ask
from pipfast.store.built import BuiltShelf, Kept, Question, Record

_OTHER_SOURCE = (
    "  The hashes of the source archive found in cache entry don't match, ignoring cached built "
    "wheel and re-downloading source."
)

_PATIENCE = 2.0
"""How long those who were told to stop are waited for, in seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tools:
    """What sources are fetched, built and kept with; `question` is about the target alone.

    `variables` are the environment variables of a project's builds. `at_once` is how many builds
    are under way at most. `editables` is whether ``-e`` gives an editable wheel. With `cautious`
    nothing is done ahead: the digests of files are to be checked before anything in them is run.
    `trusts_static` is whether a promise of static metadata is enough, `reuses` whether wheels of
    earlier builds are.
    """

    files: Files
    trees: Trees
    builder: Builder
    shelf: BuiltShelf
    tags: Sequence[Tag]
    question: Question
    scratch: Path
    variables: Callable[[NormalizedName], Mapping[str, str]]
    at_once: int
    mode: Mode
    editables: bool = True
    cautious: bool = False
    trusts_static: bool = True
    reuses: bool = True


@dataclass(frozen=True, slots=True)
class Wished:
    """A source whose wheel is wanted, and for whom.

    `spelling` is the project's name in lines, `version` the one that the resolution counts on.
    """

    distribution: Sdist | Source
    ask: Ask
    spelling: str
    version: Version


class OtherVersionBuilt(InstallationError):
    """A wheel has another version than the resolution counts on; pip does not look at this."""

    def __init__(self, wished: Wished, found: Version) -> None:
        lax = found.public == str(wished.version)
        setting = "PIPFAST_LOCAL_VERSIONS=lax" if lax else "PIPFAST_PIP_COMPAT=1"
        super().__init__(
            f"The wheel built for {wished.spelling} {wished.version} is of version {found}",
            hint=f"to take it all the same: {setting}",
        )


class Sources:
    """Sources on their way to wheels, each prepared once.

    Those that will be needed for sure or most likely are prepared ahead, side by side; what is
    said of it is said when they are asked for.
    """

    def __init__(self, tools: Tools, emit: Listener) -> None:
        self._tools = tools
        self._emit = emit
        self._preparing = Turns(emit, tools.at_once)
        self._building = Turns(emit, tools.at_once)
        self._kept: dict[Key, Kept | None] = {}
        self._guessed: set[Key] = set()
        self._lock = threading.Lock()

    # Wheels that were built before

    def kept(self, distribution: Sdist | Source, ask: Ask) -> Kept | None:
        """The wheel that was built of it before, None where it has to be built."""
        if not self._tools.reuses or (isinstance(distribution, Source) and distribution.editable):
            return None
        key = key_of(distribution, ask)
        if key not in self._kept:
            link, name = distribution.link, distribution.name
            question = self._question(ask.settings, name)
            self._kept[key] = self._tools.shelf.find(link, name, self._tools.tags, question)
        return self._kept[key]

    def _question(
        self, settings: Mapping[str, str | list[str]], name: NormalizedName | None
    ) -> Question:
        variables = self._tools.variables(name) if name else {}
        return replace(self._tools.question, settings=settings, variables=variables)

    # Metadata

    def begin(self, distribution: Sdist | Source, ask: Ask) -> None:
        """Begin to prepare a source whose metadata will be asked for."""
        if self._tools.cautious or self.kept(distribution, ask) is not None:
            return
        if isinstance(distribution, Source) and distribution.editable:
            return  # where a checkout is kept, the user may be asked what to do
        work = lambda listen: self._prepare(distribution, ask, (), listen)  # noqa: E731
        self._preparing.begin(key_of(distribution, ask), work)

    def prefetch(self, sdist: Sdist, then: Callable[[Metadata], object] | None = None) -> bool:
        """Begin to prepare an sdist that will most likely be asked for; whether that was new.

        Nobody knows yet for whom: if it fails it is done again for whoever asks.
        """
        ask = Ask(None)
        if self._tools.cautious or self.kept(sdist, ask) is not None:
            return False
        key = key_of(sdist, ask)
        after = None if then is None else (lambda prepared: then(prepared.metadata))
        work = lambda listen: self._prepare(sdist, ask, (), listen)  # noqa: E731
        with self._lock:  # whoever wants it now has to know that it is a guess
            begun = self._preparing.begin(key, work, after)
            if begun:
                self._guessed.add(key)
        return begun

    def metadata(
        self, distribution: Sdist | Source, ask: Ask, digests: Sequence[Digest]
    ) -> Metadata:
        """The metadata of a source, from an earlier wheel of it or from itself.

        `digests` are those of which the file must have one. Raises what fetching and building
        raise.
        """
        kept = self.kept(distribution, ask)
        if kept is not None and digests and not is_of(kept, digests):
            self._emit(Said(Level.WARNING, f"  {_OTHER_SOURCE}"))
            self._kept[key_of(distribution, ask)] = kept = None
        if kept is not None:
            self._tools.files.look_for_built(kept.path, digests)
            return as_prepared(kept, parse_metadata(document_of(kept, distribution)), distribution)
        try:
            prepared = self._prepared(distribution, ask, digests)
        except ProgramFailed as failure:  # it was shown when it happened
            named = ask.requirement.name if ask.requirement else distribution.link.redacted
            raise NotPrepared(named, failure.command) from None
        for text in surprises(prepared, ask, distribution):
            self._emit(Said(Level.WARNING, text))
        return prepared.metadata

    def document(self, distribution: Sdist | Source, ask: Ask) -> str:
        """The METADATA document of a source whose metadata was asked for."""
        kept = self.kept(distribution, ask)
        if kept is not None:
            return document_of(kept, distribution)
        prepared = self._prepared(distribution, ask)
        if prepared.document is None:
            prepared.document = self._tools.builder.metadata(prepared.project, self._emit)
        return prepared.document

    def origin(self, distribution: Sdist | Source, ask: Ask) -> Origin:
        """Where a source whose metadata was asked for was taken from."""
        kept = self.kept(distribution, ask)
        if kept is None:
            return self._prepared(distribution, ask).tree.origin
        link = distribution.link
        return kept.origin or ArchiveOrigin(url=link.url, digests=link.digests)

    def tree(self, distribution: Sdist | Source, ask: Ask) -> SourceTree:
        """The tree of a source whose metadata was asked for."""
        return self._prepared(distribution, ask).tree

    def _prepared(
        self, distribution: Sdist | Source, ask: Ask, digests: Sequence[Digest] = ()
    ) -> Prepared:
        """The prepared source; what went wrong ahead is done again in the name of who asks."""
        key = key_of(distribution, ask)
        with self._lock:
            guessed = key in self._guessed
        if guessed and not self._preparing.went_well(key):
            self._preparing.forget(key)
        self._guessed.discard(key)
        work = lambda listen: self._prepare(distribution, ask, digests, listen)  # noqa: E731
        return self._preparing.result(key, work)

    def _prepare(
        self,
        distribution: Sdist | Source,
        ask: Ask,
        digests: Sequence[Digest],
        listen: Listener,
    ) -> Prepared:
        link, tools = distribution.link, self._tools
        order = Order(link, ask.described(link), tuple(digests))
        tree = tools.trees.of(distribution, order, listen)
        project = project_of(distribution, ask, tree, as_wheel=not tools.editables)
        is_archive = isinstance(tree.origin, ArchiveOrigin)
        question = self._question(ask.settings, distribution.name)
        question = replace(question, source=identity(tree.origin))
        static = static_metadata(tree.folder, sdist=is_archive) if tools.trusts_static else None
        if static is not None:
            return Prepared(tree, project, question, static.metadata, static.document)
        document = tools.builder.metadata(project, listen)
        return Prepared(tree, project, question, parse_metadata(document), document)

    # Wheels

    def wheels(self, wished: Sequence[Wished]) -> list[Kept | None]:
        """A wheel of each source, those that have to be built built side by side.

        None stands for one that could not be built; what happened was told when it did.
        """
        missing = [one for one in wished if self.kept(one.distribution, one.ask) is None]
        built = self._build(missing) if missing else {}
        found: list[Kept | None] = []
        for one in wished:
            kept = built.get(key_of(one.distribution, one.ask))
            kept = kept or self.kept(one.distribution, one.ask)
            if kept is not None:
                self._check_version(one, kept)
            found.append(kept)
        return found

    def _check_version(self, wished: Wished, kept: Kept) -> None:
        """See that a wheel is what was resolved, as far as the mode wants it.

        Raises OtherVersionBuilt.
        """
        found, mode = parse_wheel_filename(kept.path.name)[1], self._tools.mode
        if found == wished.version or mode.pip_compat:
            return
        lax = mode.local_versions is LocalVersions.LAX
        if not (lax and found.public == str(wished.version)):
            raise OtherVersionBuilt(wished, found)

    def _build(self, wished: Sequence[Wished]) -> dict[Key, Kept]:
        names = ", ".join(one.spelling for one in wished)
        self._say(f"Building wheels for collected packages: {names}")
        for one in wished:
            self._building.begin(key_of(one.distribution, one.ask), self._work(one))
        built: dict[Key, Kept] = {}
        succeeded: list[str] = []
        failed: list[str] = []
        for one in wished:
            key = key_of(one.distribution, one.ask)
            try:
                built[key] = self._building.result(key, self._work(one))
                succeeded.append(one.spelling)
            except WheelNotBuilt:
                failed.append(one.spelling)
        if succeeded:
            self._say(f"Successfully built {' '.join(succeeded)}")
        if failed:
            self._say(f"Failed to build {' '.join(failed)}")
        return built

    def _work(self, wished: Wished) -> Callable[[Listener], Kept]:
        return lambda listen: self._build_one(wished, listen)

    def _build_one(self, wished: Wished, listen: Listener) -> Kept:
        tools, distribution = self._tools, wished.distribution
        prepared = self._prepared(distribution, wished.ask)
        project = replace(prepared.project, name=wished.spelling)
        folder = Path(tempfile.mkdtemp(prefix="wheel-", dir=tools.scratch))
        wheel = tools.builder.wheel(project, folder, listen)
        kept = tools.shelf.keep(
            wheel,
            distribution.link,
            prepared.tree.origin,
            prepared.question,
            Record(prepared.metadata.version, tools.builder.requirements(project)),
        )
        listen(Said(Level.INFO, f"  Stored in directory: {kept.folder}"))
        return kept

    def stop(self) -> None:
        """End what is under way; nothing is waited for."""
        self._preparing.close()
        self._building.close()
        self._tools.trees.close()
        self._tools.builder.close()

    def close(self) -> None:
        """End what is under way, and remove what was made on the way."""
        self.stop()
        self._preparing.join(_PATIENCE)
        self._building.join(_PATIENCE)
        self._tools.shelf.close()

    def _say(self, text: str) -> None:
        self._emit(Said(Level.INFO, text))
