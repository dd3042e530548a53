"""Run real pip with the same arguments and target."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from types import FrameType
from typing import TYPE_CHECKING

from pipfast.cli.own_program import pip_command
from pipfast.config.settings import Settings
from pipfast.environment.find_python import find

if TYPE_CHECKING:
    from subprocess import Popen

_AS_CALLED = "import runpy, sys; del sys.argv[0]; runpy.run_module('pip', run_name='__main__')"


def do(settings: Settings | None, words: Sequence[str], environ: Mapping[str, str]) -> int:
    """Run pip with `words` in place of this process and return its exit code.

    If the arguments do not name the target interpreter, it is passed to pip. A line is added to
    the file named by `PIPFAST_TRACE_DELEGATION`, so that tests can detect the call.
    """
    return _in_place(_prepared(settings, words, environ), environ)


def _in_place(command: list[str], environ: Mapping[str, str]) -> int:
    if os.name == "posix":
        os.execve(sys.executable, command, dict(environ))  # noqa: S606 - no shell is wanted
    import subprocess

    return subprocess.run(command, env=dict(environ), check=False).returncode


def do_as(program: str, words: Sequence[str], environ: Mapping[str, str]) -> int:
    """Run pip like `do`, with no target, and with the name `program` in what it prints."""
    return _in_place(_recorded(_named(program, words), words, environ), environ)


def wait_as(program: str, words: Sequence[str], environ: Mapping[str, str]) -> int:
    """Run pip like `do_as`, and wait for it to end."""
    import subprocess

    command = _recorded(_named(program, words), words, environ)
    return subprocess.run(command, env=dict(environ), check=False).returncode


def _named(program: str, words: Sequence[str]) -> list[str]:
    return [sys.executable, "-c", _AS_CALLED, program, *words]


def wait(settings: Settings | None, words: Sequence[str], environ: Mapping[str, str]) -> int:
    """Run pip like `do`, and wait for it to end.

    Signals that would end this process are forwarded to pip. The code is negative if a signal
    ended pip (as in `subprocess`). Raises OSError if pip cannot be started.
    """
    command = _prepared(settings, words, environ)
    import subprocess

    with _signals_for_another() as hand_to, subprocess.Popen(command, env=dict(environ)) as pip:
        hand_to(pip)
        return pip.wait()


def command_of(
    settings: Settings | None, words: Sequence[str], environ: Mapping[str, str]
) -> list[str]:
    """Return the command that runs pip with `words` for pipfast's target."""
    target = find(settings.python if settings else None, environ)
    aimed = ["--python", target] if target != sys.executable else []
    return [*pip_command(), *aimed, *words]


def _prepared(
    settings: Settings | None, words: Sequence[str], environ: Mapping[str, str]
) -> list[str]:
    """Return the command that runs pip, after recording the call and flushing our output."""
    if settings is not None and settings.command == "completion":
        # The script has no target of its own; it works for the program that was called.
        return _recorded(_named(settings.program or "pip", words), words, environ)
    return _recorded(command_of(settings, words, environ), words, environ)


def _recorded(command: list[str], words: Sequence[str], environ: Mapping[str, str]) -> list[str]:
    trace = environ.get("PIPFAST_TRACE_DELEGATION")
    if trace:
        with open(trace, "a", encoding="utf-8") as file:  # noqa: PTH123 - no pathlib at start-up
            file.write(" ".join(words) + "\n")
    sys.stdout.flush()
    sys.stderr.flush()
    _leave_deleted_folder()
    return command


def _leave_deleted_folder() -> None:
    """Change to the root folder if the working directory was deleted: `python -m pip` needs one."""
    try:
        os.getcwd()  # noqa: PTH109
    except OSError:
        os.chdir(os.path.abspath(os.sep))  # noqa: PTH100


class _Receiver:
    """Forwards signals to a process, including those that arrived before it started."""

    def __init__(self) -> None:
        self._process: Popen[bytes] | None = None
        self._early: list[int] = []

    def __call__(self, process: Popen[bytes]) -> None:
        self._process = process
        for number in self._early:
            self._send(number)

    def take(self, number: int, _frame: FrameType | None) -> None:
        """Handle a signal."""
        import signal

        if number == signal.SIGINT and _terminal_tells_all():
            return
        if self._process is None:
            self._early.append(number)
        else:
            self._send(number)

    def _send(self, number: int) -> None:
        if self._process is not None:
            with suppress(OSError):  # the process has ended
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
    """Return whether the terminal sends SIGINT to pip itself: it reaches the foreground group."""
    if os.name != "posix":
        return True
    try:
        with open("/dev/tty", "rb", buffering=0) as terminal:  # noqa: PTH123
            return os.tcgetpgrp(terminal.fileno()) == os.getpgrp()
    except OSError:
        return False
