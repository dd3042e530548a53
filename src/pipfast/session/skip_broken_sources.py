"""Take wheels alone of a project whose source cannot be built after newer releases were refused."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager

from packaging.utils import canonicalize_name

from pipfast.builds.errors import (
    BadMetadata,
    InvalidBuildSystem,
    MetadataFailed,
    NotAProject,
    PreparationFailed,
    UnreadableProject,
)
from pipfast.errors import InstallationError, NotPrepared
from pipfast.model.events import Listener, Unprepared, silent
from pipfast.model.frozen_dataclass import replace
from pipfast.model.remedies import UseWheelsOnly
from pipfast.policy.selection import SelectionPolicy
from pipfast.resolve.events import BrokenSourceSkipped
from pipfast.resolve.lax import Noted, Solve
from pipfast.resolve.solve import Resolution

Quiet = AbstractContextManager[None]

_CANNOT_BE_BUILT = (
    BadMetadata,
    InvalidBuildSystem,
    MetadataFailed,
    NotAProject,
    NotPrepared,
    PreparationFailed,
    UnreadableProject,
)
"""What is wrong with a source itself. A wrong hash or a silent index is none of it."""


def going_on(solve: Solve, *, allowed: bool, hushed: Callable[[], Quiet]) -> Solve:
    """`solve`, gone on with where a source cannot be prepared that newer releases came before.

    pip ends there; here wheels alone are taken of such a project. Where that is not `allowed`, the
    option by which pip does so is a remedy of the failure, if it would help: that is tried while
    everybody is `hushed`.
    """

    def gone_on(selection: SelectionPolicy, emit: Listener) -> Resolution:
        noted = Noted(emit)
        try:
            return solve(selection, noted)
        except InstallationError as failure:
            if not noted.unprepared or not isinstance(failure, _CANNOT_BE_BUILT):
                raise
            first = failure
        one, in_the_way = noted.unprepared[0], set(noted.unprepared)
        if allowed:
            emit(BrokenSourceSkipped(first.message, one.project, one.version))
            answer = _without(in_the_way, solve, selection, noted.only_news())
            if answer is not None:
                return answer
            raise first
        with hushed():
            answer = _without(in_the_way, solve, selection, silent)
        if answer is not None:
            names = sorted({each.project for each in in_the_way})
            first.remedies += (UseWheelsOnly(tuple(names)),)
        raise first

    return gone_on


def _without(
    in_the_way: set[Unprepared], solve: Solve, selection: SelectionPolicy, emit: Listener
) -> Resolution | None:
    """The answer without sources of what is in the way, which may grow; None if there is none."""
    while True:
        noted, before = Noted(emit), len(in_the_way)
        names = frozenset(canonicalize_name(one.project) for one in in_the_way)
        try:
            return solve(replace(selection, without_sources=names), noted)
        except _CANNOT_BE_BUILT:
            in_the_way.update(noted.unprepared)
            if len(in_the_way) == before:
                return None
        except InstallationError:
            return None
