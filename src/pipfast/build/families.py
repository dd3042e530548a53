"""Ends programs with all that they have started.

Also a script of the standard library alone, for the Python that is built for: ``python families.py
<folder> <process id>…`` ends these families and removes the folder, when nobody else is left to.
"""

from __future__ import annotations

import os
import sys
from contextlib import suppress

_ROUNDS = 200  # looks at a family that goes on having children


def end_family(pid: int) -> None:
    """End the process that heads a session, and all in it; on Windows, it and its descendants.

    A program may put its children in process groups of their own, as ninja does with compilers,
    but hardly in other sessions. Where the system does not show them, the group has to do.
    """
    if os.name == "nt":
        from subprocess import DEVNULL, run

        words = ["taskkill", "/F", "/T", "/PID", str(pid)]
        run(words, stdout=DEVNULL, stderr=DEVNULL, check=False)
        return
    from signal import SIGKILL

    for _ in range(_ROUNDS):
        members = _members(pid)
        with suppress(OSError):
            os.killpg(pid, SIGKILL)
        for member in members:
            with suppress(OSError):
                os.kill(member, SIGKILL)
        if not members:
            return


def _members(session: int) -> list[int]:
    """The processes of a session that are alive, as Linux shows them."""
    try:
        names = os.listdir("/proc")
    except OSError:
        return []
    return [int(name) for name in names if name.isdigit() and _is_member(name, session)]


def _is_member(name: str, session: int) -> bool:
    try:
        with open(f"/proc/{name}/stat", "rb") as file:
            fields = file.read().rpartition(b")")[2].split()
    except OSError:
        return False
    return fields[0] not in (b"Z", b"X") and int(fields[3]) == session


if __name__ == "__main__":
    from shutil import rmtree

    for word in sys.argv[2:]:
        end_family(int(word))
    rmtree(sys.argv[1], ignore_errors=True)
