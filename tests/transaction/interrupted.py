"""Run an upgrade in a process that sends itself a signal before a given change of the disk.

Arguments: the folder of the world, the signal (KILL, INT, TERM), and the number of the change. With
number 0 it prints the number of changes, and the modules that were imported after the first.
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

from pipfast.store.workers.pool import WorkerPool
from tests.transaction.wheels import NEW
from tests.transaction.world import World, environment_in

CHANGES = ("os.rename", "os.mkdir", "os.remove", "os.rmdir", "os.link", "open", "shutil.rmtree")


def main(folder: str, name: str, number: int) -> None:
    count = 0
    late: list[str] = []
    moved: list[int] = []

    def before(event: str, arguments: tuple[object, ...]) -> None:
        nonlocal count
        if event == "import" and moved:
            late.append(str(arguments[0]))
        if event == "os.rename":
            moved.append(count)
        if event in CHANGES:
            count += 1
            if count == number:
                os.kill(os.getpid(), getattr(signal, f"SIG{name}"))

    # A background job of a script starts with SIGINT ignored.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    with WorkerPool(sys.executable, 2) as workers:
        world = World(Path(folder), workers, environment_in(Path(folder)))
        world.unpacked(NEW)
        workers.start()
        sys.addaudithook(before)
        world.apply(*NEW, "gone")
    sys.stdout.write(f"{count}\n{' '.join(late)}\n")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
