"""Builds that did not find something: what may provide it is shown to them, or they fail with it.

What such a build says is kept back until it is known which of the two it will be.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from typing import NoReturn, Protocol, TypeVar

from packaging.utils import NormalizedName, canonicalize_name
from packaging.version import Version

from pipfast.builds.errors import MetadataFailed, PreparationFailed, WheelNotBuilt
from pipfast.builds.missing_module import Lack
from pipfast.builds.module_owner import Provider
from pipfast.builds.pyproject import BLIND, Sight
from pipfast.errors import PipfastError, Remedy
from pipfast.model.events import Event, Level, Listener, Message, Said
from pipfast.model.frozen_dataclass import dataclass
from pipfast.model.link import Link
from pipfast.model.metadata import Metadata
from pipfast.model.remedies import MakeModuleVisible, ProvideModule, UndeclaredModule
from pipfast.policy.mode import BuildIsolation
from pipfast.resolve.events import ModuleMadeVisible
from pipfast.sources.event_buffer import Hearing

T = TypeVar("T")


class Lacked(Exception):
    """A build has failed, and its output says what it did not find.

    `told` is what is still to be told of it, `provided` what it lacked before and then found.
    """

    def __init__(
        self, failure: PreparationFailed | MetadataFailed | WheelNotBuilt, told: Sequence[Event]
    ) -> None:
        super().__init__(failure)
        self.failure = failure
        self.told = told
        self.provided: tuple[Lack, ...] = ()

    @property
    def news(self) -> list[Lack]:
        """What was not found this time alone, the likeliest cause first."""
        return [lack for lack in self.failure.lacks if lack not in self.provided]


@dataclass(frozen=True, slots=True, kw_only=True)
class Failing:
    """A source whose build lacks something.

    `name` is None while nobody knows it, `spelling` is how lines call it. `stated` is what it
    says of itself without being run, which may be wrong.
    """

    link: Link
    name: NormalizedName | None
    spelling: str
    stated: Metadata | None


class Hopeless(PipfastError):
    """A source cannot be prepared, which is told when it is asked for on its own account."""

    def __init__(self, failing: Failing) -> None:
        super().__init__(f"{failing.spelling} cannot be prepared")
        self.failing = failing


@dataclass(frozen=True, slots=True, kw_only=True)
class Visible:
    """What a build may see: who provides what it lacked, and what its wheel is filed under.

    `coming` are those of the providers that come with this run, not from the environment.
    """

    sight: Sight
    providers: Mapping[Lack, Provider]
    pins: tuple[str, ...]
    coming: Mapping[NormalizedName, Version]

    def is_stale(self, versions: Mapping[NormalizedName, Version]) -> bool:
        """Whether a run that brings these `versions` has other providers."""
        names = (canonicalize_name(one.name) for one in self.providers.values())
        return any(versions.get(name) != self.coming.get(name) for name in names)


NOTHING_MORE = Visible(sight=BLIND, providers={}, pins=(), coming={})
"""What an isolated build may see."""


class Ground(Protocol):
    """Knows what is installed, and what comes along with a source."""

    @property
    def is_inside(self) -> bool:
        """Whether a build is on its way only to be seen by another one."""
        ...

    def known(self, failing: Failing, lack: Lack) -> str | None:
        """Who most likely provides what is lacking, found out without building or installing."""
        ...


class UndeclaredModules:
    """What is done about builds that lack something, as `isolation` allows."""

    def __init__(self, ground: Ground, isolation: BuildIsolation, emit: Hearing) -> None:
        self._ground = ground
        self._isolation = isolation
        self._emit = emit
        self._announced: set[ModuleMadeVisible] = set()
        self.remedies: tuple[Remedy, ...] = ()

    @property
    def helps(self) -> bool:
        """Whether builds may see more than they declare, if they fail without."""
        return self._isolation is BuildIsolation.SEE_THROUGH

    @contextmanager
    def withholding(self, listen: Listener) -> Iterator[Listener]:
        """A listener for one build, which keeps errors back. Raises Lacked."""
        if self._isolation is BuildIsolation.NONE:
            yield listen
            return
        held = _Held(listen)
        try:
            yield held
        except (PreparationFailed, MetadataFailed, WheelNotBuilt) as failure:
            if failure.lacks:
                raise Lacked(failure, held.events) from None
            held.release()
            raise
        except BaseException:
            held.release()
            raise
        held.release()

    def overcome(
        self,
        lacked: Lacked,
        failing: Failing,
        find: Callable[[Failing, Sequence[Lack]], Visible | None],
        retry: Callable[[Visible], T],
    ) -> T:
        """Let a build see what it lacks, as often as it lacks something else.

        Each time one line tells of it. Raises Lacked where nothing provides it, the isolation is
        to be strict, or the build fails all the same: then as pip would have told it.
        """
        while self.helps:
            provided = lacked.provided
            found, heard = self._emit.listening(partial(_found, lacked, failing, find))
            if found is None:
                break
            for event in heard:
                self._emit(event)
            lack, visible = found
            line = _announced(failing, lack, visible.providers[lack])
            if line not in self._announced:
                self._announced.add(line)
                self._emit(line)
            try:
                return retry(visible)
            except Lacked as again:
                again.provided = (*provided, lack)
                lacked = again
            except (PreparationFailed, MetadataFailed, WheelNotBuilt):
                break
        raise lacked

    def give_up(self, lacked: Lacked, failing: Failing) -> NoReturn:
        """Tell what was kept back, and raise the failure with what can be done about it.

        Raises Hopeless where nobody wants to know yet.
        """
        if self._ground.is_inside:
            raise Hopeless(failing)
        for event in lacked.told:
            self._emit(event)
        self.remedies = lacked.failure.remedies = (self._remedy(lacked, failing),)
        raise lacked.failure

    def _remedy(self, lacked: Lacked, failing: Failing) -> Remedy:
        lack = (lacked.news or lacked.failure.lacks)[0]
        if self.helps:
            return ProvideModule(_undeclared(failing, lack))
        for one in lacked.news:
            known, _ = self._emit.listening(partial(self._ground.known, failing, one))
            if known is not None:
                return MakeModuleVisible(_undeclared(failing, one), known)
        return MakeModuleVisible(_undeclared(failing, lack), None)


def _found(
    lacked: Lacked,
    failing: Failing,
    find: Callable[[Failing, Sequence[Lack]], Visible | None],
) -> tuple[Lack, Visible] | None:
    """What is provided of the things that a build may have failed for, the likeliest first."""
    for lack in lacked.news:
        visible = find(failing, [*lacked.provided, lack])
        if visible is not None:
            return lack, visible
    return None


def _undeclared(failing: Failing, lack: Lack) -> UndeclaredModule:
    return UndeclaredModule(failing.spelling, lack.name, lack.is_module)


def _announced(failing: Failing, lack: Lack, provider: Provider) -> ModuleMadeVisible:
    return ModuleMadeVisible(_undeclared(failing, lack), str(provider))


class _Held:
    """A listener that passes on what it hears up to the first error, and keeps the rest."""

    def __init__(self, listen: Listener) -> None:
        self._listen = listen
        self.events: list[Event] = []

    def __call__(self, event: Event) -> None:
        is_error = isinstance(event, Message | Said) and event.level.value >= Level.ERROR.value
        if is_error or self.events:
            self.events.append(event)
        else:
            self._listen(event)

    def release(self) -> None:
        """Pass on what was kept."""
        events, self.events = self.events, []
        for event in events:
            self._listen(event)
