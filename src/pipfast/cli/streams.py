"""Standard streams that the caller has closed, or whose output cannot be written.

Every run imports this module first, so it imports nothing.
"""

from __future__ import annotations

import os
import sys


def replace_closed() -> None:
    """Open the null device for each standard stream that the caller has closed (``>&-``).

    Otherwise the next file that is opened would receive what is printed. What is meant for a
    closed standard error goes to standard output (pip behaviour).
    """
    says_all = sys.stderr is None and sys.stdout is not None
    for number, (name, mode) in enumerate((("stdin", "r"), ("stdout", "w"), ("stderr", "w"))):
        if getattr(sys, name) is not None:
            continue
        null = os.open(os.devnull, os.O_RDWR)
        try:
            os.fstat(number)
        except OSError:
            os.dup2(null, number)
        os.set_inheritable(number, True)  # noqa: FBT003 - it takes no keywords
        setattr(sys, name, open(null, mode, encoding="utf-8"))  # noqa: SIM115, PTH123
    if says_all:
        sys.stderr = sys.stdout


def output_lost(error: OSError) -> None:
    """Report that standard output cannot be written, and discard its buffer."""
    try:  # noqa: SIM105 - importing contextlib takes 1 ms
        os.write(2, f"ERROR: Could not write to standard output: {error}\n".encode())
    except OSError:
        pass  # there is nobody to report it to
    _silence()


def pipe_broken() -> None:
    """Report that standard output has no reader any more, and discard its buffer."""
    os.write(2, b"ERROR: Pipe to stdout was broken\n")
    _silence()


def _silence() -> None:
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, 1)
    os.close(null)
