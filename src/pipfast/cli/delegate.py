"""Real pip, for what pipfast does not do itself: the same words against the same target."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from types import FrameType
from typing import TYPE_CHECKING

from pipfast.config.settings import Settings
from pipfast.environment.interpreter import find

if TYPE_CHECKING:
    from subprocess import Popen

_AS_CALLED = "import runpy, sys; del sys.argv[0]; runpy.run_module('pip', run_name='__main__')"


def do(asked: Settings | None, words: Sequence[str], environ: Mapping[str, str]) -> int:
    """Run pip 26.3 with `words` in our place and return its exit code.

    Where the words do not say it, pip is told which interpreter's environment is meant. A line is
    added to the file named by `PIPFAST_TRACE_DELEGATION`, so that a test can see this happen.
    """
    command = _prepared(asked, words, environ)
    if os.name == "posix":
        os.execve(sys.executable, command, dict(environ))  # noqa: S606 - no shell is wanted
    import subprocess

    return subprocess.run(command, env=dict(environ), check=False).returncode


def wait(asked: Settings | None, words: Sequence[str], environ: Mapping[str, str]) -> int:
    """As `do`, but stay to see pip's end.

    Signals that would end this process are pip's meanwhile. The code is negative where a signal
    has ended pip (`subprocess`). Raises OSError where pip cannot be started.
    """
    command = _prepared(asked, words, environ)
    import subprocess

    with _signals_for_another() as hand_to, subprocess.Popen(command, env=dict(environ)) as pip:
        hand_to(pip)
        return pip.wait()


def command_of(
    asked: Settings | None, words: Sequence[str], environ: Mapping[str, str]
) -> list[str]:
    """The command that runs pip with `words` for the target that pipfast would have."""
    target = find(asked.python if asked else None, environ)
    aimed = ["--python", target] if target != sys.executable else []
    return [sys.executable, "-m", "pip", *aimed, *words]


def _prepared(
    asked: Settings | None, words: Sequence[str], environ: Mapping[str, str]
) -> list[str]:
    """The command that runs pip, with the trace written and our own output all out."""
    trace = environ.get("PIPFAST_TRACE_DELEGATION")
    if trace:
        with open(trace, "a", encoding="utf-8") as file:  # noqa: PTH123 - no pathlib at start-up
            file.write(" ".join(words) + "\n")
    sys.stdout.flush()
    sys.stderr.flush()
    if asked is not None and asked.command == "completion":
        # The script has no target, but names the program that it is for: the one that was called.
        return [sys.executable, "-c", _AS_CALLED, asked.program or "pip", *words]
    return command_of(asked, words, environ)


class _Receiver:
    """Passes signals on to a process, those too that came before it was there."""

    def __init__(self) -> None:
        self._process: Popen[bytes] | None = None
        self._early: list[int] = []

    def __call__(self, process: Popen[bytes]) -> None:
        self._process = process
        for number in self._early:
            self._send(number)

    def take(self, number: int, _frame: FrameType | None) -> None:
        """A signal has come."""
        import signal

        if number == signal.SIGINT and _terminal_tells_all():
            return
        if self._process is None:
            self._early.append(number)
        else:
            self._send(number)

    def _send(self, number: int) -> None:
        if self._process is not None:
            with suppress(OSError):  # it is gone
                self._process.send_signal(number)


@contextmanager
def _signals_for_another() -> Iterator[_Receiver]:
    import signal

    receiver = _Receiver()
    names = ("SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT")
    numbers = [getattr(signal, name) for name in names if hasattr(signal, name)]
    before = {number: signal.getsignal(number) for number in numbers}
    ours = [number for number in numbers if before[number] is not signal.SIG_IGN]
    for number in ours:
        signal.signal(number, receiver.take)
    try:
        yield receiver
    finally:
        for number in ours:
            signal.signal(number, before[number])


def _terminal_tells_all() -> bool:
    """Whether Ctrl-C reaches pip without us: a terminal tells every process in front of it."""
    if os.name != "posix":
        return True
    try:
        with open("/dev/tty", "rb", buffering=0) as terminal:  # noqa: PTH123
            return os.tcgetpgrp(terminal.fileno()) == os.getpgrp()
    except OSError:
        return False
