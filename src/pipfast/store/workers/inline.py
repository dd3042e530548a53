"""Run jobs in this process if they are too small to start a worker for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipfast.store.workers.pool import Batch, WorkerPool
from pipfast.store.workers.worker import answer

if TYPE_CHECKING:
    from pipfast.store.workers.protocol import Job


class InlineWorker(WorkerPool):
    """Runs each job in the calling thread with this Python; cannot create bytecode."""

    def submit(self, key: object, job: Job, weight: int, batch: Batch) -> None:
        """Run `job`; its answer goes to `batch` with `key`."""
        del weight
        batch.answers.put((key, answer(job)))
