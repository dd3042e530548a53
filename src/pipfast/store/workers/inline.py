"""Run jobs in this process if they are too small to start a worker for."""

from __future__ import annotations

from queue import SimpleQueue
from typing import Any

from pipfast.store.workers.pool import Job, WorkerPool
from pipfast.store.workers.worker import answer


class InlineWorker(WorkerPool):
    """Runs each job in the calling thread with this Python; cannot create bytecode."""

    def submit(self, key: object, job: Job, weight: int, results: SimpleQueue[Any]) -> None:
        """Run `job`; put ``(key, answer)`` into `results`."""
        del weight
        results.put((key, answer(job)))
