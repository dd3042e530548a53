"""Repeat builds that did not find a module with that module visible, or report the failure.

The output of such a build is held back until the outcome is known.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import NoReturn, Protocol, TypeVar

from packaging.utils import NormalizedName, canonicalize_name
from packaging.version import Version

from pipfast.builds.build_result import Failed, MissingModule
from pipfast.builds.missing_module import MissingDependency
from pipfast.builds.module_owner import ModuleOwner
from pipfast.builds.pyproject import NOTHING_VISIBLE, VisiblePaths
from pipfast.errors import PipfastError, Remedy
from pipfast.model.event_log import EventLog
from pipfast.model.frozen_dataclass import dataclass
from pipfast.model.link import Link
from pipfast.model.metadata import Metadata
from pipfast.model.remedies import MakeModuleVisible, ProvideModule, UndeclaredModule
from pipfast.policy.mode import BuildIsolation
from pipfast.resolve.events import ModuleMadeVisible

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class IncompleteBuild:
    """A build that lacks a module although those in `provided` were visible."""

    missing: MissingModule
    provided: tuple[MissingDependency, ...] = ()

    @property
    def unprovided(self) -> list[MissingDependency]:
        """Return the modules that the last attempt lacked, the most probable cause first."""
        return [lack for lack in self.missing.needs if lack not in self.provided]


@dataclass(frozen=True, slots=True, kw_only=True)
class FailedSource:
    """A source whose build lacks a module.

    `name` is None if unknown, `spelling` is its name in messages. `stated` is its metadata as
    found without running anything, which may be wrong.
    """

    link: Link
    name: NormalizedName | None
    spelling: str
    stated: Metadata | None


class CannotBePrepared(PipfastError):
    """A source cannot be prepared, which is reported if it is requested for its own sake."""

    def __init__(self, failing: FailedSource) -> None:
        super().__init__(f"{failing.spelling} cannot be prepared")
        self.failing = failing


@dataclass(frozen=True, slots=True, kw_only=True)
class Visible:
    """What a build may see: the providers of missing modules, and the key of its wheel.

    `coming` are the providers that this run installs.
    """

    sight: VisiblePaths
    providers: Mapping[MissingDependency, ModuleOwner]
    pins: tuple[str, ...]
    coming: Mapping[NormalizedName, Version]

    def is_stale(self, versions: Mapping[NormalizedName, Version]) -> bool:
        """Return whether a run that installs these `versions` has other providers."""
        names = (canonicalize_name(one.name) for one in self.providers.values())
        return any(versions.get(name) != self.coming.get(name) for name in names)


NOTHING_MORE = Visible(sight=NOTHING_VISIBLE, providers={}, pins=(), coming={})
"""What an isolated build sees."""


class BuildSurroundings(Protocol):
    """Knows what is installed, and what is installed with a source."""

    @property
    def is_inside(self) -> bool:
        """Return whether the current build is only needed by another one."""
        ...

    def known(self, failing: FailedSource, lack: MissingDependency) -> str | None:
        """Return the probable provider without building or installing."""
        ...


class UndeclaredModules:
    """Handles builds that lack modules, as far as `isolation` allows."""

    def __init__(
        self, ground: BuildSurroundings, isolation: BuildIsolation, emit: EventLog
    ) -> None:
        self._ground = ground
        self._isolation = isolation
        self._emit = emit
        self._announced: set[ModuleMadeVisible] = set()
        self.remedies: tuple[Remedy, ...] = ()

    @property
    def helps(self) -> bool:
        """Return whether failed builds may be repeated with more visible modules."""
        return self._isolation is BuildIsolation.SEE_THROUGH

    def overcome(
        self,
        incomplete: IncompleteBuild,
        failing: FailedSource,
        find: Callable[[FailedSource, Sequence[MissingDependency]], Visible | None],
        retry: Callable[[Visible], T | MissingModule | Failed],
    ) -> T | IncompleteBuild:
        """Repeat a build with missing modules visible until it lacks no more.

        Each repetition is announced with one line. Returns an IncompleteBuild if nothing provides
        the module, isolation is strict, or the build fails anyway, with the output that pip would
        print.
        """
        while self.helps:
            found, events = self._emit.capture(partial(_found, incomplete, failing, find))
            if found is None:
                break
            for event in events:
                self._emit(event)
            lack, visible = found
            provider = str(visible.providers[lack])
            self._announce(ModuleMadeVisible(_undeclared(failing, lack), provider))
            result = retry(visible)
            match result:
                case MissingModule():
                    incomplete = IncompleteBuild(result, (*incomplete.provided, lack))
                case Failed():
                    break
                case _:
                    return result
        return incomplete

    def _announce(self, event: ModuleMadeVisible) -> None:
        if event not in self._announced:
            self._announced.add(event)
            self._emit(event)

    def give_up(self, incomplete: IncompleteBuild, failing: FailedSource) -> NoReturn:
        """Emit the events that were held, and raise the failure with its remedy.

        Raises CannotBePrepared if the source is not requested for its own sake.
        """
        if self._ground.is_inside:
            raise CannotBePrepared(failing)
        for event in incomplete.missing.log:
            self._emit(event)
        failure = incomplete.missing.failure
        self.remedies = failure.remedies = (self._remedy(incomplete, failing),)
        raise failure

    def _remedy(self, incomplete: IncompleteBuild, failing: FailedSource) -> Remedy:
        lack = (incomplete.unprovided or incomplete.missing.needs)[0]
        if self.helps:
            return ProvideModule(_undeclared(failing, lack))
        for one in incomplete.unprovided:
            known, _ = self._emit.capture(partial(self._ground.known, failing, one))
            if known is not None:
                return MakeModuleVisible(_undeclared(failing, one), known)
        return MakeModuleVisible(_undeclared(failing, lack), None)


def _found(
    incomplete: IncompleteBuild,
    failing: FailedSource,
    find: Callable[[FailedSource, Sequence[MissingDependency]], Visible | None],
) -> tuple[MissingDependency, Visible] | None:
    """Return a provider for one of the missing modules, the most probable one first."""
    for lack in incomplete.unprovided:
        visible = find(failing, [*incomplete.provided, lack])
        if visible is not None:
            return lack, visible
    return None


def _undeclared(failing: FailedSource, lack: MissingDependency) -> UndeclaredModule:
    return UndeclaredModule(failing.spelling, lack.name, lack.is_module)
