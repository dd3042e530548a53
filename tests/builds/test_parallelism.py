from __future__ import annotations

import pytest

from pipfast.builds import parallelism

GIB = 1024**3


@pytest.mark.parametrize(
    ("processors", "free", "builds"),
    [(8, 100 * GIB, 8), (8, 5 * GIB, 3), (8, 0, 1), (2, None, 2)],
)
def test_builds_are_bounded_by_processors_and_by_memory(
    monkeypatch: pytest.MonkeyPatch, processors: int, free: int | None, builds: int
) -> None:
    monkeypatch.setattr(parallelism, "cpu_count", lambda: processors)
    monkeypatch.setattr(parallelism, "_free_memory", lambda: free)
    assert parallelism.builds_at_once() == builds
