"""The install stage: gather, then apply, with one retry if stored archives were changed."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from pipfast.model.events import silent
from pipfast.session import install_stage
from pipfast.session.install_stage import GatheredWheels, InstallStage
from pipfast.session.unpacked_wheels import Unpacking
from pipfast.store.wheels.manifest import Archive, StaleArchives
from pipfast.store.wheels.unpacked import Compilation

STALE: Any = SimpleNamespace(wheel="demo-1.0-py3-none-any.whl", folder="/")
FRESH: Any = SimpleNamespace(wheel="demo-1.0-py3-none-any.whl", folder="/")


class Shelf:
    """Archives of which only the removed ones are recorded."""

    def __init__(self) -> None:
        self.discarded: list[Archive] = []
        self.is_left = False

    def discard(self, archive: Archive) -> None:
        self.discarded.append(archive)

    def leave_store(self) -> None:
        self.is_left = True


def stage_over(shelf: Any, monkeypatch: pytest.MonkeyPatch) -> InstallStage:
    monkeypatch.setattr(install_stage, "gather_wheels", lambda *_: {"demo": FRESH})
    resolved: Any = SimpleNamespace(distributions=SimpleNamespace(behind={}))
    workers: Any = None
    return InstallStage(
        resolved=resolved,
        unpacking=Unpacking(shelf, workers, Compilation()),
        emit=silent,
        wheel_lock=None,
    )


def test_stale_archives_are_discarded_and_the_change_is_tried_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    shelf = Shelf()
    stage = stage_over(shelf, monkeypatch)
    tried: list[Archive] = []

    def change(archives: Any) -> Path:
        tried.append(archives["demo"])
        if archives["demo"] is STALE:
            raise StaleArchives([STALE])
        return Path("changed")

    gathered: Any = GatheredWheels((), (), {"demo": STALE})  # type: ignore[dict-item]
    assert stage.apply(gathered, change) == Path("changed")
    assert (tried, shelf.discarded) == ([STALE, FRESH], [STALE])


def test_archives_that_are_stale_again_end_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    shelf = Shelf()
    stage = stage_over(shelf, monkeypatch)

    def change(archives: Any) -> None:
        raise StaleArchives([archives["demo"]])

    with pytest.raises(StaleArchives):
        stage.apply(stage.gather(()), change)
    assert shelf.is_left
