"""The shim that counts file-system calls, and the memory that it shares with the harness."""

from __future__ import annotations

import ctypes
import mmap
import os
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

SOURCE = Path(__file__).with_name("shim.c")
OPENS, CHANGES, SPACE, NAMES, ANY, WRITTEN = 1, 2, 4, 8, 16, 32
"""Kinds of calls: open something, change something, need space, have a path; each is ANY.

Locking, and closing a file that was opened to be written, are WRITTEN."""

_COUNT, _FAIL, _SIGNAL = 0, 1, 2
_CALLS, _PIDS = 16384, 256


class NoCompilerError(Exception):
    """There is no C compiler, or this is not Linux."""


def compiler() -> str:
    """Return the C compiler. Raises NoCompilerError."""
    found = shutil.which("gcc") or shutil.which("cc")
    if found is None or not hasattr(os, "pidfd_open"):
        raise NoCompilerError("counting file-system calls needs gcc and Linux")
    return found


def compiled(folder: Path) -> Path:
    """Compile the shim into `folder` and return its path. Raises NoCompilerError."""
    library = folder / "shim.so"
    words = [compiler(), "-shared", "-fPIC", "-O2", "-o", str(library), str(SOURCE), "-ldl"]
    ended = subprocess.run(words, capture_output=True, text=True, check=False)
    if ended.returncode:
        raise NoCompilerError(ended.stderr)
    return library


class _Call(ctypes.Structure):
    _fields_ = (
        ("pid", ctypes.c_int32),
        ("kinds", ctypes.c_int32),
        ("place", ctypes.c_uint64),
        ("name", ctypes.c_char * 16),
        ("path", ctypes.c_char * 176),
    )


class _State(ctypes.Structure):
    """`struct state` of shim.c."""

    _fields_ = (
        ("counter", ctypes.c_int64),
        ("at", ctypes.c_int64),
        ("action", ctypes.c_int32),
        ("error", ctypes.c_int32),
        ("kinds", ctypes.c_int32),
        ("lasting", ctypes.c_int32),
        ("number", ctypes.c_int32),
        ("target", ctypes.c_int32),
        ("again", ctypes.c_int64),
        ("traced", ctypes.c_int32),
        ("main", ctypes.c_int32),
        ("fired", ctypes.c_int32),
        ("pids", ctypes.c_int32),
        ("time", ctypes.c_int64),
        ("area", ctypes.c_char * 64),
        ("root", ctypes.c_char * 256),
        ("processes", ctypes.c_int32 * _PIDS),
        ("calls", _Call * _CALLS),
    )


@dataclass(frozen=True, slots=True)
class Call:
    """A counted call.

    `is_main` is whether the main process made it, `place` a digest of its Python stack.
    """

    name: str
    path: str
    kinds: int
    is_main: bool
    place: int = 0

    @property
    def is_look(self) -> bool:
        """Whether the call changes nothing."""
        return not self.kinds & (CHANGES | SPACE | WRITTEN)


@dataclass(frozen=True, slots=True)
class Failure:
    """Calls of one of `kinds` fail with `error`: the one that is hit, or all from it on."""

    error: int
    kinds: int
    lasting: bool = False


@dataclass(frozen=True, slots=True)
class Signal:
    """The signal `number` is sent to the main process, a worker or all (`target` 0, 1 or 2).

    It is sent again `again` calls later, if that is not 0.
    """

    number: int
    target: int = 0
    again: int = 0


class SharedState:
    """The memory that the processes under the shim share, in the file `path`."""

    def __init__(self, path: Path, root: Path) -> None:
        self.path = path
        path.write_bytes(bytes(ctypes.sizeof(_State)))
        with path.open("r+b") as file:
            self._map = mmap.mmap(file.fileno(), 0)
        self._state = _State.from_buffer(self._map)
        self._state.root = os.fsencode(root)

    def set(self, fault: Failure | Signal | None, at: int, *, traced: bool = False) -> None:
        """Count from the beginning, and let `fault` happen at the call number `at`, from 1 on."""
        state = self._state
        state.counter = state.time = state.fired = state.pids = 0
        state.again = state.lasting = state.error = state.kinds = state.number = state.target = 0
        state.at, state.action, state.traced = at, _COUNT, int(traced)
        if isinstance(fault, Failure):
            state.action = _FAIL
            state.error, state.kinds = fault.error, fault.kinds
            state.lasting = int(fault.lasting)
        elif fault is not None:
            state.action = _SIGNAL
            state.number, state.target = fault.number, fault.target
            state.again = at + fault.again if fault.again else 0

    def set_main(self, pid: int) -> None:
        """Set the process id of the main process."""
        self._state.main = pid

    @property
    def fired(self) -> bool:
        """Whether the fault has happened."""
        return bool(self._state.fired)

    @property
    def time(self) -> float:
        """When the fault happened, on the clock of `time.monotonic`."""
        return int(self._state.time) / 1e9

    @property
    def count(self) -> int:
        """How many calls there were."""
        return int(self._state.counter)

    def calls(self) -> Sequence[Call]:
        """Return the calls of a traced run."""
        state = self._state
        found = (state.calls[at] for at in range(min(state.counter, _CALLS)))
        return [
            Call(
                call.name.decode(),
                call.path.decode(errors="replace"),
                call.kinds,
                call.pid == state.main,
                call.place,
            )
            for call in found
        ]


def arm(state: SharedState) -> None:
    """Count the calls of this process from now on; it was started with the shim."""
    if ctypes.CDLL(None).faults_arm(os.fsencode(state.path)):
        raise OSError("the shim cannot read its state")


def forget_handles() -> None:
    """Do not count calls with the handles that are open now; a new program has none."""
    ctypes.CDLL(None).faults_forget()
