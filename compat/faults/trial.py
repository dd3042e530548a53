"""Try one fault in one mode."""

from __future__ import annotations

from dataclasses import dataclass, field

from compat.faults.forked import Ended
from compat.faults.kinds import Fault
from compat.faults.modes import Prepared
from compat.faults.sandbox import Sandbox
from compat.faults.shim import Failure
from compat.faults.verdict import (
    DELAYED,
    Problem,
    Sequel,
    judged_ending,
    judged_failure,
    judged_leftovers,
    judged_next,
    judged_signal,
    judged_success,
    sequel,
    without_transactions,
)


@dataclass(slots=True)
class Trial:
    """The result of one fault.

    - `fired`: whether the call was reached, and the fault happened
    - `answer`: seconds from the fault to the end of the run
    - `between`: whether the environment was neither old nor new right after the run
    - `first`: the run in which the fault happened
    - `known`: whether an earlier fault led to the same folders, so that no more runs were needed
    """

    fired: bool
    problems: list[Problem] = field(default_factory=list)
    answer: float = 0.0
    between: bool = False
    first: Ended | None = None
    known: bool = False


def tried(sandbox: Sandbox, ready: Prepared, fault: Fault, at: int, tool: str = "pipfast") -> Trial:
    """Run a mode with a fault at the call number `at`, and judge it.

    Fewer rules apply to other tools: the next command need not restore the environment, errors may
    be several, and metadata folders may differ.
    """
    sandbox.reset(ready.mode.name)
    sandbox.state.set(fault, at)
    first = sandbox.run(ready.mode.words, tool, counted=True)
    if not sandbox.state.fired:
        return Trial(fired=False)
    state = sandbox.tree() if tool == "pipfast" else sandbox.packages()
    if DELAYED in first.errors:
        state = without_transactions(state)
    problems = [*judged_ending(first), *judged_success(ready, first, state)]
    later, known = _sequel(sandbox, ready, tool)
    if tool == "pipfast":
        if isinstance(fault, Failure):
            problems += judged_failure(ready, fault, first, state)
        else:
            problems += judged_signal(ready, fault, first, state)
        problems += judged_next(ready, later, fault, first)
        problems += judged_leftovers(ready, later, fault)
    problems += later.again
    return Trial(
        fired=True,
        problems=problems,
        answer=first.end - sandbox.state.time,
        between=state not in (ready.old, ready.new),
        first=first,
        known=known,
    )


def _sequel(sandbox: Sandbox, ready: Prepared, tool: str) -> tuple[Sequel, bool]:
    """Run the commands after a fault, unless it is known what they find."""
    condition = sandbox.condition()
    found = ready.sequels.get(condition)
    if found is not None:
        return found, True
    later = ready.sequels[condition] = sequel(sandbox, ready, tool)
    return later, False
