"""What of a resolution has to be installed."""

from __future__ import annotations

from pipfast.model.events import Listener
from pipfast.plan.diff import PlannedInstall, TargetEnvironment, planned_installs
from pipfast.session.resolution import Resolved


def find_arrivals(
    resolved: Resolved, surroundings: TargetEnvironment, emit: Listener
) -> tuple[PlannedInstall, ...]:
    """Return what of the resolution has to be installed, in its order; emit pip's remarks on it.

    Raises InstallationError where the environment's site would shadow the user's.
    """
    found, remarks = planned_installs(resolved.resolution, surroundings)
    for event in remarks:
        emit(event)
    return found
