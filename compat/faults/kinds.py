"""The faults that are injected, and the calls at which each can happen."""

from __future__ import annotations

import errno
import signal
from collections.abc import Sequence

from compat.faults.shim import ANY, CHANGES, NAMES, OPENS, SPACE, Call, Failure, Signal

Fault = Failure | Signal

FAULTS: dict[str, Fault] = {
    "EIO": Failure(errno.EIO, ANY),
    "EIO-lasting": Failure(errno.EIO, ANY, lasting=True),
    "ENOSPC": Failure(errno.ENOSPC, SPACE),
    "ENOSPC-lasting": Failure(errno.ENOSPC, SPACE, lasting=True),
    "EACCES": Failure(errno.EACCES, NAMES),
    "EACCES-lasting": Failure(errno.EACCES, NAMES, lasting=True),
    "EMFILE": Failure(errno.EMFILE, OPENS),
    "EMFILE-lasting": Failure(errno.EMFILE, OPENS, lasting=True),
    "EROFS": Failure(errno.EROFS, CHANGES),
    "EROFS-lasting": Failure(errno.EROFS, CHANGES, lasting=True),
    "SIGINT": Signal(signal.SIGINT),
    "SIGINT-twice": Signal(signal.SIGINT, again=3),
    "SIGTERM": Signal(signal.SIGTERM),
    "SIGHUP": Signal(signal.SIGHUP),
    "SIGKILL": Signal(signal.SIGKILL),
    "SIGKILL-worker": Signal(signal.SIGKILL, target=1),
    "SIGKILL-all": Signal(signal.SIGKILL, target=2),
}


TWICE = ("EIO", "SIGINT")
"""The faults that are tried at the last of several equal looks too, not only at the first."""


def points(name: str, calls: Sequence[Call]) -> list[int]:
    """Return the numbers of the calls at which a fault is tried, from 1 on.

    - Every call that changes something, locks or closes a written file.
    - The first of the looks (all other calls) with the same stack, function, folder and kind of
      process, and the last one too for the faults in TWICE.
    - A kill is tried at no look of the main process, but at the last call: between two changes the
      files are the same, and nothing else outlives a killed process.
    """
    fault = FAULTS[name]
    every = [at for at in every_point(name, calls) if not calls[at - 1].is_look]
    groups: dict[tuple[object, ...], list[int]] = {}
    for at in every_point(name, calls):
        if calls[at - 1].is_look:
            groups.setdefault(group(calls[at - 1]), []).append(at)
    if isinstance(fault, Signal) and fault.number == signal.SIGKILL and fault.target != 1:
        return sorted({*every, len(calls)})
    ends = {at for group in groups.values() for at in (group[0], group[-1])}
    starts = {group[0] for group in groups.values()}
    return sorted({*every, *(ends if name in TWICE else starts)})


def every_point(name: str, calls: Sequence[Call]) -> list[int]:
    """Return the numbers of all calls at which a fault can happen, from 1 on."""
    return [at for at, call in enumerate(calls, 1) if _applies(FAULTS[name], call)]


def group(call: Call) -> tuple[object, ...]:
    """Return what equal looks have in common; outside of Python programs, the path is part of it.

    All imports are equal.
    """
    area = call.path.partition("/root/")[2] or call.path
    area = area.partition("/")[0].partition("#")[0]
    return (call.place, call.name, call.is_main, area if call.place else call.path)


def _applies(fault: Fault, call: Call) -> bool:
    if isinstance(fault, Failure):
        return bool(fault.kinds & call.kinds)
    return fault.target != 1 or not call.is_main
