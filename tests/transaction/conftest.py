"""One worker pool for all tests of the package, since starting workers is slow."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipfast.store.workers.pool import Workshop
from tests.transaction.world import World, environment_in


@pytest.fixture(scope="session")
def workshop() -> Iterator[Workshop]:
    with Workshop(sys.executable, 2) as workshop:
        yield workshop


@pytest.fixture
def world(tmp_path: Path, workshop: Workshop) -> World:
    return World(tmp_path, workshop, environment_in(tmp_path))
