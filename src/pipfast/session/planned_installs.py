"""The part of a resolution that has to be installed."""

from __future__ import annotations

from pipfast.model.events import Listener
from pipfast.plan.diff import PlannedInstall, TargetEnvironment, planned_installs
from pipfast.session.resolution import Resolved


def plan_installs(
    resolved: Resolved, surroundings: TargetEnvironment, emit: Listener
) -> tuple[PlannedInstall, ...]:
    """Return the installs that a resolution requires, in its order; emit pip's messages on them.

    Raises InstallationError if the environment's site-packages would shadow the user's.
    """
    found, remarks = planned_installs(resolved.resolution, surroundings)
    for event in remarks:
        emit(event)
    return found
