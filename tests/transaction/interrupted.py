"""Run by the tests in a process of its own: an upgrade that ends itself in the middle.

Arguments: the world's folder, how to end (KILL, INT, TERM), and before which change of the disk.
With 0 for the last it tells how many changes there are, and what was imported
after the first.
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

from pipfast.store.workers.pool import Workshop
from tests.transaction.wheels import NEW
from tests.transaction.world import World, site_in

CHANGES = ("os.rename", "os.mkdir", "os.remove", "os.rmdir", "os.link", "open", "shutil.rmtree")


def main(folder: str, how: str, moment: int) -> None:
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
            if count == moment:
                os.kill(os.getpid(), getattr(signal, f"SIG{how}"))

    # A job in the background of a script starts with Ctrl-C ignored; this one wants to be struck.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    with Workshop(sys.executable, 2) as workshop:
        world = World(Path(folder), workshop, site_in(Path(folder)))
        world.unpacked(NEW)
        workshop.start()
        sys.addaudithook(before)
        world.apply(*NEW, "gone")
    sys.stdout.write(f"{count}\n{' '.join(late)}\n")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
