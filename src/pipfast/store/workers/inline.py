"""Run jobs in this process if they are too small to start a worker for."""

from __future__ import annotations

from queue import SimpleQueue
from typing import Any

from pipfast.store.workers.pool import Job, Workshop
from pipfast.store.workers.worker import answer


class Alone(Workshop):
    """Runs each job in the calling thread with this Python; cannot create bytecode."""

    def submit(self, key: object, job: Job, weight: int, results: SimpleQueue[Any]) -> None:
        """Run `job`; put ``(key, answer)`` into `results`."""
        del weight
        results.put((key, answer(job)))
