"""Run jobs in this process if they are too small to start a worker for."""

from __future__ import annotations

from queue import SimpleQueue
from typing import TYPE_CHECKING, Any

from pipfast.store.workers.pool import WorkerPool
from pipfast.store.workers.worker import answer

if TYPE_CHECKING:
    from pipfast.store.workers.protocol import Answer, Job


class InlineWorker(WorkerPool):
    """Runs each job in the calling thread with this Python; cannot create bytecode."""

    def submit(
        self, key: object, job: Job, weight: int, results: SimpleQueue[tuple[Any, Answer]]
    ) -> None:
        """Run `job`; put ``(key, answer)`` into `results`."""
        del weight
        results.put((key, answer(job)))
