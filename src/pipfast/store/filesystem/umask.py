"""The process's umask, for everybody who makes files; the workers' Python 3.7 reads this too."""

from __future__ import annotations

import os


def current_umask() -> int:
    """The umask, where the system tells it without a moment in which there is none."""
    try:
        with open("/proc/self/status", "rb") as file:  # noqa: PTH123
            for line in file:
                if line.startswith(b"Umask:"):
                    return int(line.split()[1], 8)
    except OSError:
        pass
    umask = os.umask(0)
    os.umask(umask)
    return umask
