"""Try one fault in one mode."""

from __future__ import annotations

from dataclasses import dataclass, field

from compat.faults.forked import Ended
from compat.faults.house import House
from compat.faults.kinds import Fault
from compat.faults.modes import Prepared
from compat.faults.shim import Failure
from compat.faults.verdict import (
    DELAYED,
    Problem,
    judged_again,
    judged_ending,
    judged_failure,
    judged_leftovers,
    judged_next,
    judged_signal,
    judged_success,
    without_transactions,
)


@dataclass(slots=True)
class Trial:
    """What one fault did.

    `answer` is the seconds from the fault to the end of the run, and `between` is whether the
    environment was neither old nor new right after it. `first` is the run that was hit.
    """

    fired: bool
    problems: list[Problem] = field(default_factory=list)
    answer: float = 0.0
    between: bool = False
    first: Ended | None = None


def tried(house: House, ready: Prepared, fault: Fault, at: int, tool: str = "pipfast") -> Trial:
    """Run a mode with a fault at the call number `at`, and judge it.

    Other tools are not asked for a next command that mends, for single errors, nor for the same
    metadata folders.
    """
    house.reset(ready.mode.name)
    house.state.set(fault, at)
    first = house.run(ready.mode.words, tool, counted=True)
    if not house.state.fired:
        return Trial(fired=False)
    state = house.tree() if tool == "pipfast" else house.packages()
    if DELAYED in first.errors:
        state = without_transactions(state)
    problems = [*judged_ending(first), *judged_success(ready, first, state)]
    if tool == "pipfast":
        if isinstance(fault, Failure):
            problems += judged_failure(ready, fault, first, state)
        else:
            problems += judged_signal(ready, fault, first, state)
        problems += judged_next(house, ready, fault, first)
    problems += judged_again(house, ready, tool)
    if tool == "pipfast":
        problems += judged_leftovers(house, ready, fault)
    between = state not in (ready.old, ready.new)
    answer = first.end - house.state.time
    return Trial(fired=True, problems=problems, answer=answer, between=between, first=first)
