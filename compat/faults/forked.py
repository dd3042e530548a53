"""Run command lines in forks of this process, which has imported pipfast and loaded the shim.

A run takes 30 ms instead of 300, because nothing is imported. Processes whose parent ends become
children of this process, so none of them is missed.
"""

from __future__ import annotations

import atexit
import ctypes
import gc
import importlib
import os
import pkgutil
import re
import resource
import select
import signal
import sys
import tempfile
import threading
import time
import traceback
import weakref
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from compat.faults.shim import SharedState, arm

HANGS = 60.0
"""Seconds after which a run is taken for hanging."""

GRACE = 1.0
"""Seconds within which all processes of a run have to end after the main process.

On a busy machine it is as many times longer as there are programs for each processor: a killed
process, too, ends only when it gets a processor.
"""

OWN: set[int] = set()
"""Process ids of children that do not belong to a run."""

_SUBREAPER = 36  # PR_SET_CHILD_SUBREAPER of prctl(2)
_SCRIPTS = re.compile(r"(__main__|fork_server_main|worker)$")
_METHODS = ("match", "fullmatch", "search", "sub", "split", "finditer", "findall")
_INTERRUPTED = 130


@dataclass(frozen=True, slots=True)
class Ended:
    """How a run ended: exit code (negative: the signal), output, and the time that it took.

    `hangs` is whether it had to be killed, `left` how many processes outlived it by a second,
    `end` the moment at which the main process ended, `memory` the most that it used (KiB), and
    `used` its processor seconds.
    """

    code: int
    output: str
    errors: str
    seconds: float
    end: float
    hangs: bool
    left: int
    memory: int = 0
    used: float = 0.0


def prepare() -> None:
    """Import all of pipfast, and become the parent of orphaned processes.

    Bytecode is written first, for the processes that are not forked.
    """
    import compileall

    import pipfast
    from pipfast.model.lazy_pattern import _LazyPattern

    compileall.compile_dir(pipfast.__path__[0], quiet=2)
    for found in pkgutil.walk_packages(pipfast.__path__, "pipfast."):
        if not _SCRIPTS.search(found.name):
            with suppress(ImportError):
                importlib.import_module(found.name)
    for name in ("rich.progress", "packaging.licenses", "multiprocessing", "tomllib"):
        with suppress(ImportError):
            importlib.import_module(name)
    for each in gc.get_objects():
        if isinstance(each, _LazyPattern):
            for method in _METHODS:
                getattr(each, method)
    ctypes.CDLL(None).prctl(_SUBREAPER, 1, 0, 0, 0)
    gc.collect()
    gc.freeze()


def pipfast_program(words: Sequence[str]) -> Callable[[], None]:
    """Return a function that runs pipfast with these arguments in a fork."""

    def run() -> None:
        from pipfast.main import run as enter

        sys.argv = ["pipfast", *words]
        enter()

    return run


def other_program(words: Sequence[str]) -> Callable[[], None]:
    """Return a function that replaces a fork by another program."""
    return lambda: os.execvp(words[0], list(words))


class Forks:
    """Runs programs in the folder `cwd`, with their output in the folder `notes`.

    `typed` is their standard input.
    """

    def __init__(
        self, notes: Path, cwd: Path, environ: Mapping[str, str], preload: str, typed: str = ""
    ) -> None:
        self._output, self._errors = notes / "output", notes / "errors"
        self._input = notes / "input"
        self._input.write_text(typed)
        self._cwd = cwd
        self._environ = {**environ, "LD_PRELOAD": preload}

    def start(self, program: Callable[[], None], state: SharedState | None) -> int:
        """Start a program and return its process id; its calls are counted if there is `state`."""
        pid = os.fork()
        if pid:
            return pid
        try:
            self._enter(state)
            code = _run(program)
        except BaseException:  # noqa: BLE001 - no exception may leave this process
            traceback.print_exc()
            code = 120
        os._exit(code)

    def run(
        self,
        program: Callable[[], None],
        state: SharedState | None = None,
        during: Callable[[int], None] = lambda _: None,
    ) -> Ended:
        """Run a program until it ends, and call `during` with its process id meanwhile."""
        begin = time.monotonic()
        pid = self.start(program, state)
        handle = os.pidfd_open(pid)
        try:
            during(pid)
            hangs = not select.select([handle], [], [], HANGS)[0]
        finally:
            os.close(handle)
        end = time.monotonic()
        if hangs:
            with suppress(OSError):
                os.killpg(pid, signal.SIGKILL)
        _, status, used = os.wait4(pid, 0)
        left = _left()
        return Ended(
            os.waitstatus_to_exitcode(status),
            self._output.read_text(errors="replace"),
            self._errors.read_text(errors="replace"),
            end - begin,
            end,
            hangs,
            left,
            used.ru_maxrss,
            used.ru_utime + used.ru_stime,
        )

    def _enter(self, state: SharedState | None) -> None:
        os.setsid()
        atexit._clear()  # noqa: SLF001 - the harness, not the run, removes its files
        weakref.finalize._registry.clear()  # type: ignore[attr-defined]  # noqa: SLF001
        given = os.open(self._input, os.O_RDONLY)
        os.dup2(given, 0)
        for number, path in ((1, self._output), (2, self._errors)):
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND, 0o600)
            os.dup2(handle, number)
            os.close(handle)
        os.close(given)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        for number in (signal.SIGHUP, signal.SIGTERM):  # nohup ignores the first
            signal.signal(number, signal.SIG_DFL)
        os.environ.clear()
        os.environ.update(self._environ)
        os.chdir(self._cwd)
        tempfile.tempdir = None
        sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115
        sys.stdout = open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
        sys.stderr = open(2, "w", encoding="utf-8", buffering=1, closefd=False)  # noqa: SIM115
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        if state is not None:
            os.environ["FAULTS_STATE"] = str(state.path)
            state.set_main(os.getpid())
            arm(state)


def _run(program: Callable[[], None]) -> int:
    """Run a program, then do what an interpreter does at exit; return the exit code."""
    code = 0
    try:
        program()
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
    except KeyboardInterrupt:
        traceback.print_exc()
        code = _INTERRUPTED
    except BaseException:  # noqa: BLE001 - what the interpreter does
        traceback.print_exc()
        code = 1
    with suppress(BaseException):
        threading._shutdown()  # type: ignore[attr-defined]  # noqa: SLF001
        atexit._run_exitfuncs()  # noqa: SLF001
    with suppress(OSError, ValueError):
        sys.stdout.flush()
        sys.stderr.flush()
    return code


def _left() -> int:
    """Wait for the remaining processes; after GRACE kill them, and return their number."""
    busy = os.getloadavg()[0] / (os.cpu_count() or 1)
    until = time.monotonic() + GRACE * max(1.0, busy)
    pause = 0.001
    while True:
        try:
            pid, _ = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return 0
        if pid:
            continue
        if not _children():
            return 0
        if time.monotonic() > until:
            return _kill_children()
        time.sleep(pause)
        pause = min(pause * 2, 0.02)


def _kill_children() -> int:
    killed = 0
    while True:
        children = _children()
        if not children:
            return killed
        for child in children:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
            killed += 1


def _children() -> set[int]:
    """Return the child processes that runs have left behind."""
    text = Path(f"/proc/self/task/{threading.get_native_id()}/children").read_text()
    return set(map(int, text.split())) - OWN
