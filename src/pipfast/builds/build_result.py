"""The result of calling a build backend: a value, a missing module, or another failure."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

from pipfast.builds.errors import MetadataFailed, PreparationFailed, WheelNotBuilt
from pipfast.builds.missing_module import MissingDependency
from pipfast.model.event_log import EventLog
from pipfast.model.events import Event, Level, Listener
from pipfast.model.frozen_dataclass import dataclass

T = TypeVar("T")
BuildError = PreparationFailed | MetadataFailed | WheelNotBuilt


@dataclass(frozen=True, slots=True)
class Built(Generic[T]):
    """The backend returned `value`."""

    value: T


@dataclass(frozen=True, slots=True)
class MissingModule:
    """An isolated build failed, and its output names modules that it did not find.

    `log` are the events from the first error on, which were not emitted. `failure` is the error to
    raise if the modules cannot be provided.
    """

    failure: BuildError
    log: tuple[Event, ...]

    @property
    def needs(self) -> tuple[MissingDependency, ...]:
        """Return the missing modules, the most probable cause first."""
        return tuple(self.failure.lacks)


@dataclass(frozen=True, slots=True)
class Failed:
    """The build failed for another reason, which was reported."""

    failure: BuildError


BuildResult = Built[T] | MissingModule | Failed


def attempt(work: Callable[[Listener], T], listen: Listener, *, isolated: bool) -> BuildResult[T]:
    """Return the result of `work`; the errors that it emits are held until the result is known.

    Without isolation there is no other environment to repeat the build in, so a missing module is
    a failure like any other. Raises all other exceptions of `work`.
    """
    log = EventLog(listen, hold_from=Level.ERROR if isolated else None)
    try:
        value = work(log)
    except (PreparationFailed, MetadataFailed, WheelNotBuilt) as failure:
        if isolated and failure.lacks:
            return MissingModule(failure, tuple(log.held))
        log.release()
        return Failed(failure)
    except BaseException:
        log.release()
        raise
    log.release()
    return Built(value)
