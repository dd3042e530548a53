"""Start pipfast's worker processes by forking the main process, which has imported all they need.

A new interpreter takes longer than all that a worker does in these runs. The worker gets what
`subprocess.Popen` would give it: two pipes, no other open files, and the default signal handlers.
"""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from compat.faults.shim import forget_handles

_HANDLES = 4096


class ForkedWorker:
    """A worker process, with the parts of `subprocess.Popen` that pipfast uses."""

    def __init__(self, words: Sequence[str]) -> None:
        own_input, requests = os.pipe()
        answers, own_output = os.pipe()
        self.pid = os.fork()
        if not self.pid:
            _work(own_input, own_output, words)
        os.close(own_input)
        os.close(own_output)
        self.stdin = io.FileIO(requests, "wb")
        self.stdout = io.FileIO(answers, "rb")
        self._has_ended = False
        self._ending = threading.Lock()

    def kill(self) -> None:
        """End it at once."""
        with self._ending, suppress(ProcessLookupError):
            if not self._has_ended:
                os.kill(self.pid, signal.SIGKILL)

    def wait(self) -> None:
        """Wait for its end."""
        with self._ending, suppress(ChildProcessError):
            if not self._has_ended:
                os.waitpid(self.pid, 0)
                self._has_ended = True


def _work(own_input: int, own_output: int, words: Sequence[str]) -> None:
    code = 1
    try:
        os.dup2(own_input, 0)
        os.dup2(own_output, 1)
        os.closerange(3, _HANDLES)
        forget_handles()
        for number in signal.valid_signals():
            if callable(signal.getsignal(number)):
                signal.signal(number, signal.SIG_DFL)
        sys.stdin = open(0, encoding="utf-8")  # noqa: SIM115
        sys.argv = ["worker.py", words[-1]]
        from pipfast.store.workers import worker

        worker.main()
        code = 0
    finally:
        os._exit(code)


def fork_workers() -> None:
    """Let this process, and those that are forked from it, fork workers from now on."""
    started = subprocess.Popen

    class Popen(started):  # type: ignore[misc, valid-type]
        """Starts any other program as usual."""

        def __new__(cls, words: Any, *_: Any, **__: Any) -> Any:
            if list(words[1:3]) == ["-I", "-S"] and words[3].endswith("worker.py"):
                return ForkedWorker(words)
            return super().__new__(cls)

    subprocess.Popen = Popen  # type: ignore[assignment, misc]
