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


def points(fault: Fault, calls: Sequence[Call]) -> list[int]:
    """Return the numbers of the calls at which the fault can happen, from 1 on."""
    return [at for at, call in enumerate(calls, 1) if _applies(fault, call)]


def _applies(fault: Fault, call: Call) -> bool:
    if isinstance(fault, Failure):
        return bool(fault.kinds & call.kinds)
    return fault.target != 1 or not call.is_main
