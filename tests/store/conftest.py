"""Workers, and the unpacked wheels of an empty store."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipfast.store.filesystem.root import Store
from pipfast.store.wheels.unpacked import Archives
from pipfast.store.workers.pool import WorkerPool


@pytest.fixture(scope="module")
def workers() -> Iterator[WorkerPool]:
    with WorkerPool(sys.executable, 2) as workers:
        yield workers


@pytest.fixture
def archives(tmp_path: Path) -> Archives:
    return Archives(Store(tmp_path / "store"))
