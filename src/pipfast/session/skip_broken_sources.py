"""Lax rule: use only wheels of a project if an old release cannot be built.

It applies where the resolver went back to an old release because newer ones conflict.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager

from packaging.utils import NormalizedName, canonicalize_name

from pipfast.builds.errors import (
    BadMetadata,
    InvalidBuildSystem,
    MetadataFailed,
    NotAProject,
    PreparationFailed,
    UnreadableProject,
)
from pipfast.errors import InstallationError, NotPrepared, Remedy, described
from pipfast.model.frozen_dataclass import replace
from pipfast.model.remedies import UseWheelsOnly
from pipfast.policy.selection import SelectionPolicy
from pipfast.resolve.events import BrokenSourceSkipped
from pipfast.resolve.lax import Observations, Rule

_SOURCE_ERRORS = (
    BadMetadata,
    InvalidBuildSystem,
    MetadataFailed,
    NotAProject,
    NotPrepared,
    PreparationFailed,
    UnreadableProject,
)
"""Errors of a source itself; a wrong hash or an index that does not answer is none of them."""


def skip_broken_sources(
    *, permitted: bool, silently: Callable[[], AbstractContextManager[object]]
) -> Rule:
    """Return the rule that a source ends the run if it cannot be prepared.

    `silently` is a context in which nothing is printed. If the rule is not permitted to be relaxed,
    it is used to find out whether ``--only-binary`` would help.
    """
    return Rule(
        name="broken-sources",
        permitted=permitted,
        applies=lambda failure, observed: (
            isinstance(failure, _SOURCE_ERRORS) and bool(observed.unprepared)
        ),
        relax=_relaxed,
        event=_event,
        remedies=_remedies,
        trial=silently,
        keeps_failure=True,
    )


def _relaxed(selection: SelectionPolicy, observed: Observations) -> SelectionPolicy:
    return replace(selection, without_sources=_projects(observed))


def _projects(observed: Observations) -> frozenset[NormalizedName]:
    return frozenset(canonicalize_name(each.project) for each in observed.unprepared)


def _event(failure: InstallationError, observed: Observations) -> BrokenSourceSkipped:
    first = observed.unprepared[0]
    return BrokenSourceSkipped(described(failure), first.project, first.version)


def _remedies(failure: InstallationError, observed: Observations) -> tuple[Remedy, ...]:
    del failure
    return (UseWheelsOnly(tuple(sorted({each.project for each in observed.unprepared}))),)
