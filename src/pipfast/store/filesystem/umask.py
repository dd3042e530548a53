"""The process's umask; workers on Python 3.7 import this module too."""

from __future__ import annotations

import os


def current_umask() -> int:
    """Return the umask, without changing it even briefly if the system allows."""
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
