"""End process trees.

This is also a script that only needs the standard library of Python 3.8: ``python
process_tree.py <pattern>… -- <process id>…`` ends these process trees and removes what the
patterns match, for a parent that was killed.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterable
from contextlib import suppress

PATIENCE = 1.0
"""How long programs may take to end after SIGINT, in seconds."""

_ROUNDS = 200  # attempts for a process tree that keeps starting children
_PAUSE = 0.01  # seconds between two checks of a process tree that was asked to end


def end_families(pids: Iterable[int], patience: float = PATIENCE) -> None:
    """End processes and their descendants, first with SIGINT, then with SIGKILL.

    A program may put its children into separate process groups, as ninja does with compilers,
    but rarely into other sessions. SIGINT lets it remove its temporary files. If the system does
    not show process relations, the processes and their process groups are killed.
    """
    heads = list(pids)
    if os.name == "nt":
        _end_trees(heads)
        return
    from signal import SIGINT, SIGKILL

    members = _members(heads)
    _send(members, SIGINT)
    until = time.monotonic() + patience
    while members and time.monotonic() < until:
        time.sleep(_PAUSE)
        members = _members(heads)
    for _ in range(_ROUNDS):
        for head in heads:
            with suppress(OSError):
                os.killpg(head, SIGKILL)
        _send({*heads, *members}, SIGKILL)
        members = _members(heads)
        if not members:
            return


def _send(members: Iterable[int], number: int) -> None:
    for member in members:
        with suppress(OSError):
            os.kill(member, number)


def _end_trees(heads: Iterable[int]) -> None:
    from subprocess import DEVNULL, run

    for head in heads:
        words = ["taskkill", "/F", "/T", "/PID", str(head)]
        run(words, stdout=DEVNULL, stderr=DEVNULL, check=False)


def _members(heads: Iterable[int]) -> list[int]:
    """Return the living processes in the sessions of `heads` and their descendants (Linux)."""
    wanted = set(heads)
    parents: dict[int, int] = {}
    try:
        names = os.listdir("/proc")
    except OSError:
        return []
    for name in names:
        found = _parent_and_session(name) if name.isdigit() else None
        if found is not None:
            parents[int(name)], session = found
            if session in wanted:
                wanted.add(int(name))
    while True:
        below = {pid for pid, parent in parents.items() if parent in wanted} - wanted
        if not below:
            return [pid for pid in parents if pid in wanted]
        wanted |= below


def _parent_and_session(name: str) -> tuple[int, int] | None:
    """Return a process's parent and session, None if it has ended."""
    try:
        with open(f"/proc/{name}/stat", "rb") as file:
            fields = file.read().rpartition(b")")[2].split()
    except OSError:
        return None
    return None if fields[0] in (b"Z", b"X") else (int(fields[1]), int(fields[3]))


if __name__ == "__main__":
    from glob import glob
    from shutil import rmtree

    middle = sys.argv.index("--")
    end_families(map(int, sys.argv[middle + 1 :]))
    for pattern in sys.argv[1:middle]:
        for path in glob(pattern):
            with suppress(OSError):  # rmtree, too, may fail to close a folder
                if os.path.isdir(path):
                    rmtree(path, ignore_errors=True)
                else:
                    os.unlink(path)
