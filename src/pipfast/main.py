"""The entry point, which imports almost nothing before the command is known."""

from __future__ import annotations

import os
import sys
from _signal import (  # type: ignore[import-not-found]  # importing signal itself takes 3 ms
    SIG_IGN,
    SIGINT,
    signal,
)
from collections.abc import Sequence
from errno import EIO, ENOSPC, EPIPE

from pipfast.cli.streams import output_lost, pipe_broken, replace_closed

OUTPUT_ERRORS = (EPIPE, ENOSPC, EIO)
"""Errors of writing to standard output, which `main` reports."""

BROKEN_STDOUT = 120
"""pip's exit code if its output was closed."""


def run() -> None:
    """Run the console script: read `sys.argv` and exit with the command's code.

    A Ctrl-C after the outcome is known has no effect on it.
    """
    replace_closed()
    code = main(sys.argv[1:], sys.argv[0])
    signal(SIGINT, SIG_IGN)
    _exit(code)


def _exit(code: int) -> None:
    """End the process as `sys.exit` does, but do not free all objects one by one.

    That takes 2 ms after `--version` and 7 ms after an install.
    """
    # in this order: wait for threads, call what was registered, write what is buffered
    for module, name in (("threading", "_shutdown"), ("atexit", "_run_exitfuncs")):
        if module in sys.modules:
            end = getattr(sys.modules[module], name, None)
            if end is None:  # another implementation of Python
                sys.exit(code)
            end()
    try:
        for stream in (sys.stdout, sys.stderr):
            if stream is not None:
                stream.flush()
    except (OSError, ValueError):
        sys.exit(code)  # which reports it
    os._exit(code)


def main(words: Sequence[str], program: str = "pipfast") -> int:
    """Run a command line and return its exit code."""
    try:
        code = _entered(words, program)
        sys.stdout.flush()
    except BrokenPipeError:
        pipe_broken()
        return BROKEN_STDOUT
    except OSError as error:  # a disk is full; commands report it themselves
        output_lost(error)
        return 1
    except KeyboardInterrupt:  # during imports; commands report it themselves
        os.write(2, b"ERROR: Operation cancelled by user\n")
        return 1
    return code


def _entered(words: Sequence[str], program: str) -> int:
    try:
        if "PIP_AUTO_COMPLETE" in os.environ:
            from pipfast.cli.completion import complete, is_asked

            if is_asked(os.environ):
                return complete(words, program, os.environ)
        from pipfast.cli.dispatch import enter

        return enter(words, program, os.environ)
    except Exception as fault:  # what a command does not catch itself
        if isinstance(fault, OSError) and fault.errno in OUTPUT_ERRORS:
            raise
        from pipfast.cli.registry import unforeseen

        return unforeseen(fault, program, (words, os.environ))
