"""One worker pool for all tests of the package, since starting workers is slow."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipfast.store.workers.pool import WorkerPool
from tests.transaction.world import World, environment_in


@pytest.fixture(scope="session")
def workers() -> Iterator[WorkerPool]:
    with WorkerPool(sys.executable, 2) as workers:
        yield workers


@pytest.fixture
def world(tmp_path: Path, workers: WorkerPool) -> World:
    return World(tmp_path, workers, environment_in(tmp_path))
