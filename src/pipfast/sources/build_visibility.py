"""What a build may see beyond its declared requirements: this run's wheels and the target.

Before the resolution is complete, this run's wheels are those of a resolution of the remaining
requirements without the source in question.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Protocol

from packaging.requirements import InvalidRequirement
from packaging.utils import NormalizedName, canonicalize_name

from pipfast.builds.missing_module import MissingDependency
from pipfast.builds.module_owner import providers
from pipfast.builds.pyproject import VisiblePaths
from pipfast.environment.interpreter import Interpreter
from pipfast.errors import Interrupted, NotNative, PipfastError
from pipfast.model.digest import Digest
from pipfast.model.distribution import Distribution
from pipfast.model.events import silent
from pipfast.model.frozen_dataclass import dataclass, replace
from pipfast.model.installed_distribution import Installed
from pipfast.model.link import Link
from pipfast.model.metadata import Metadata, parse_requirement
from pipfast.model.user_requirement import UserRequirement
from pipfast.policy.mode import Mode
from pipfast.requirements.collect import CollectedRequirements
from pipfast.resolve.install_requirement import InstallRequirement
from pipfast.resolve.lax import local_versions, with_rules
from pipfast.resolve.ports import InstalledSource, MetadataSource, Ports
from pipfast.resolve.solve import PinnedCandidate, Resolution, solve
from pipfast.sources.retry_with_modules import CannotBePrepared, FailedSource, Visible

InstallPins = Callable[[Resolution, Sequence[PinnedCandidate], Path], Path]
"""Installs distributions of a resolution into a folder like ``--prefix``, or finds an equal one."""

_NOTHING = Resolution(pins=(), requested=())


class TempDirFactory(Protocol):
    """Creates temporary folders of the run."""

    def folder(self) -> Path:
        """Return a folder."""
        ...


@dataclass(frozen=True, slots=True)
class BuildContext:
    """What the current build is for.

    `left_out` are the sources that it is made for: it can use none of them. `answer` is what will
    be installed, None if that is the run's final answer. `is_nested` is true if it is only needed
    by another build.
    """

    left_out: tuple[FailedSource, ...] = ()
    answer: Resolution | None = None
    is_nested: bool = False

    def without(self, failing: FailedSource) -> BuildContext:
        """Return the context of builds for `failing`."""
        return replace(self, left_out=(*self.left_out, failing))


@dataclass(frozen=True, slots=True, kw_only=True)
class CurrentResolution:
    """The resolution that sources are prepared for.

    `ports` are the resolver's, `install` installs distributions of a resolution into a folder,
    `answer` returns what will be installed, None until that is known.
    """

    ports: Ports
    install: InstallPins
    answer: Callable[[], Resolution | None]


class BuildVisibility:
    """Finds missing modules, in the resolver's thread."""

    def __init__(
        self,
        collected: CollectedRequirements,
        mode: Mode,
        python: Interpreter,
        scratch: TempDirFactory,
        current: CurrentResolution,
    ) -> None:
        self.collected = collected
        self._mode = mode
        self._python = python
        self._scratch = scratch
        self._current = current
        self._context = BuildContext()
        self._rests: dict[frozenset[object], Resolution] = {}
        self._prefixes: dict[frozenset[object], Path] = {}
        self._own: tuple[str, ...] | None = None

    @property
    def is_inside(self) -> bool:
        """Return whether the current source is only prepared for another build."""
        return self._context.is_nested

    @contextmanager
    def _within(self, context: BuildContext) -> Iterator[None]:
        before, self._context = self._context, context
        try:
            yield
        finally:
            self._context = before

    def resting_on(self, answer: Resolution) -> AbstractContextManager[None]:
        """Return a context manager; in its block `answer` is what will be installed."""
        return self._within(replace(self._context, answer=answer))

    @property
    def _answer(self) -> Resolution | None:
        """What will be installed, None during the resolution."""
        return self._context.answer or self._current.answer()

    def forget(self) -> None:
        """Forget results that depend on sources which were prepared again."""
        self._rests.clear()
        self._prefixes.clear()

    # the three queries

    def before(self, failing: FailedSource, wanted: Sequence[MissingDependency]) -> Visible | None:
        """Return what provides all that is `wanted`, during the resolution."""
        context = self._context.without(failing)
        with self._within(context):
            return self._visible(self._rest_without(context.left_out), wanted)

    def beside(
        self,
        failing: FailedSource,
        wanted: Sequence[MissingDependency],
        pending: frozenset[NormalizedName],
    ) -> Visible | None:
        """Return what provides it after the resolution, without the `pending` sources."""
        answer = self._answer
        assert answer is not None, "the resolution is complete"
        pins = [pin for pin in answer.pins if not _is(failing, pin) and pin.name not in pending]
        with self._within(self._context.without(failing)):
            return self._visible(replace(answer, pins=tuple(pins)), wanted)

    def known(self, failing: FailedSource, lack: MissingDependency) -> str | None:
        """Return the probable provider without building or installing anything."""
        found = providers(self._python.executable, self._target, [lack])
        if found is not None:
            return str(found[lack])
        context = self._context.without(failing)
        with self._within(context):
            answer = self._answer
            if answer is None:
                answer = self._rest_without(context.left_out)
        for pin in answer.pins:
            if pin.name == lack.project and not _is(failing, pin):
                return f"{pin.name} {pin.node.version}"
        return None

    # what will be installed

    def _rest_without(self, sources: Sequence[FailedSource]) -> Resolution:
        """Return the resolution of all requirements without `sources`; cached."""
        key = frozenset(source.name or _place(source.link) for source in sources)
        if key not in self._rests:
            with self._within(replace(self._context, is_nested=True)):
                self._rests[key] = self._solved_or_nothing(sources)
        return self._rests[key]

    def _solved_or_nothing(self, left_out: Sequence[FailedSource]) -> Resolution:
        try:
            return self._solved_without(left_out)
        except (Interrupted, NotNative):
            raise
        except PipfastError:  # it is reported after the resolution
            return _NOTHING

    def _solved_without(self, left_out: Sequence[FailedSource]) -> Resolution:
        """Return the remaining resolution without further sources that cannot be prepared."""
        without = [*left_out]
        while True:
            try:
                return self._solved(without)
            except CannotBePrepared as fault:  # noqa: PERF203 - it ends the resolution
                without.append(fault.failing)

    def _solved(self, left_out: Sequence[FailedSource]) -> Resolution:
        names = frozenset(one.name for one in left_out if one.name is not None)
        links = {_place(one.link) for one in left_out}
        wanted: list[UserRequirement] = []
        extras: set[str] = set()
        for one in self.collected.wanted:
            is_out = one.name in names or _place(one.link) in links
            if one.constraint or not is_out:
                wanted.append(one)
            else:
                extras.update(one.requirement.extras if one.requirement else one.extras)
        for failing in left_out:
            wanted += self._stated(failing, names, sorted(extras))
        metadata = _Without(self._current.ports.metadata, names)
        installed = _InstalledWithout(self._current.ports.installed, names)
        ports = replace(self._current.ports, metadata=metadata, installed=installed)
        resolve = with_rules(
            lambda policy, emit: solve(wanted, replace(ports, emit=emit), policy),
            [local_versions(self._mode.local_versions)],
        )
        return resolve(self.collected.selection, silent)

    def _stated(
        self, failing: FailedSource, names: frozenset[NormalizedName], extras: Sequence[str]
    ) -> Iterator[UserRequirement]:
        """Return a source's stated requirements, which will probably be installed with it."""
        if failing.stated is None or not self.collected.selection.dependencies:
            return
        stated = _without(failing.stated, names)
        try:
            found = list(stated.dependencies(extras, self._current.ports.markers))
        except InvalidRequirement:
            return
        for requirement in found:
            if requirement.url is None:
                yield UserRequirement(text=str(requirement), requirement=requirement)

    # what becomes visible

    @property
    def _target(self) -> tuple[str, ...]:
        """The site folders of the target."""
        if self._own is None:
            python = self._python
            sites = {*python.site_folders, python.user_site}
            self._own = tuple(path for path in python.sys_path if path in sites)
        return self._own

    def _visible(self, answer: Resolution, wanted: Sequence[MissingDependency]) -> Visible | None:
        """Return what provides all that is `wanted`, in `answer` and then in the target."""
        there = {one.name: one for one in answer.pins}
        sought: set[NormalizedName] = set()
        guessed = True
        for lack in wanted:
            found = None
            if lack.project not in there:
                found = providers(self._python.executable, self._target, [lack])
            name = canonicalize_name(found[lack].name) if found else lack.project
            if name in there:
                sought.add(name)
            guessed = guessed and (name in there or found is not None)
        if guessed:
            visible = self._shown(answer, self._needed(sought, there), wanted)
            if visible is not None:
                return visible
        return self._shown(answer, there, wanted) if there else None

    def _needed(
        self, names: set[NormalizedName], there: dict[NormalizedName, PinnedCandidate]
    ) -> dict[NormalizedName, PinnedCandidate]:
        """Return the members of `there` with these names and their dependencies."""
        found: dict[NormalizedName, PinnedCandidate] = {}
        waiting = sorted(names)
        while waiting:
            name = waiting.pop()
            if name in found or name not in there:
                continue
            one = found[name] = there[name]
            needs = one.node.metadata.dependencies(sorted(one.extras), self._current.ports.markers)
            waiting += [canonicalize_name(requirement.name) for requirement in needs]
        return found

    def _shown(
        self,
        answer: Resolution,
        pins: dict[NormalizedName, PinnedCandidate],
        wanted: Sequence[MissingDependency],
    ) -> Visible | None:
        python = self._python
        folders = self._target
        programs: tuple[str, ...] = (python.scheme.scripts,)
        if pins:
            scheme = python.prefix_scheme.below(str(self._prefix(answer, tuple(pins.values()))))
            own = tuple(dict.fromkeys((scheme.purelib, scheme.platlib)))
            folders, programs = (*own, *folders), (scheme.scripts, *programs)
        found = providers(python.executable, folders, wanted)
        if found is None:
            return None
        names = [canonicalize_name(one.name) for one in found.values()]
        return Visible(
            sight=VisiblePaths(folders, programs),
            providers=found,
            pins=tuple(sorted({one.pin for one in found.values()})),
            coming={name: pins[name].node.version for name in names if name in pins},
        )

    def _prefix(self, answer: Resolution, pins: tuple[PinnedCandidate, ...]) -> Path:
        """Return a temporary folder with these distributions."""
        key = frozenset(_place(one.node.distribution.link) for one in pins)
        if key not in self._prefixes:
            prefix = self._scratch.folder() / f"pip-build-env-{os.urandom(4).hex()}" / "seen"
            with self.resting_on(answer):
                self._prefixes[key] = self._current.install(answer, pins, prefix)
        return self._prefixes[key]


def _is(failing: FailedSource, pin: PinnedCandidate) -> bool:
    return _place(pin.node.distribution.link) == _place(failing.link)


def _place(link: Link | None) -> tuple[str, str] | None:
    return (link.url, link.fragment) if link else None


def _without(metadata: Metadata, names: frozenset[NormalizedName]) -> Metadata:
    """Return the metadata without requirements of these projects."""
    return replace(
        metadata,
        requires_dist=tuple(line for line in metadata.requires_dist if not _asks(line, names)),
    )


def _asks(line: str, names: frozenset[NormalizedName]) -> bool:
    try:
        return canonicalize_name(parse_requirement(line).name) in names
    except InvalidRequirement:
        return False


@dataclass(frozen=True, slots=True)
class _Without:
    """Metadata of distributions without requirements of the projects `names`."""

    source: MetadataSource
    names: frozenset[NormalizedName]

    def cached_wheel(
        self, distribution: Distribution, install_req: InstallRequirement
    ) -> Link | None:
        return self.source.cached_wheel(distribution, install_req)

    def prepare(self, distribution: Distribution, install_req: InstallRequirement) -> None:
        self.source.prepare(distribution, install_req)

    def read(
        self, distribution: Distribution, install_req: InstallRequirement, digests: Sequence[Digest]
    ) -> Metadata:
        return _without(self.source.read(distribution, install_req, digests), self.names)


@dataclass(frozen=True, slots=True)
class _InstalledWithout:
    """Installed distributions without requirements of the projects `names`."""

    source: InstalledSource
    names: frozenset[NormalizedName]

    def get(self, project: NormalizedName) -> Installed | None:
        return self.source.get(project)

    def metadata(self, installed: Installed) -> Metadata:
        return _without(self.source.metadata(installed), self.names)

    def display_location(self, installed: Installed) -> str:
        return self.source.display_location(installed)

    def display_path(self, path: Path) -> str:
        return self.source.display_path(path)
