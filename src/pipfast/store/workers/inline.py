"""A workshop without workers, for jobs that are too small to start a process for."""

from __future__ import annotations

from queue import SimpleQueue
from typing import Any

from pipfast.store.workers.pool import Job, Workshop
from pipfast.store.workers.worker import answer


class Alone(Workshop):
    """Does each job in the thread that gives it, and in this Python: no bytecode is to be made."""

    def submit(self, key: object, job: Job, weight: int, results: SimpleQueue[Any]) -> None:
        """Do `job`; ``(key, answer)`` goes to `results`."""
        del weight
        results.put((key, answer(job)))
