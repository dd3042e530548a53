from __future__ import annotations

from collections.abc import Mapping

import pytest
from packaging.utils import NormalizedName

from pipfast.model.event_log import EventLog
from pipfast.model.events import Listener, silent
from pipfast.resolve.solve import Resolution
from pipfast.sources.fixpoint import ROUNDS, Unsettled, settled
from tests.kit.messages import message

FLASH = NormalizedName("flash")


class Changing:
    """Sources that say something else a number of times, and resolutions that tell of each."""

    def __init__(self, times: int) -> None:
        self.left = times
        self.asked = 0
        self.log = EventLog(silent)

    @property
    def behind(self) -> Mapping[NormalizedName, frozenset[NormalizedName]]:
        return {FLASH: frozenset()}

    def settle(self, answer: Resolution) -> bool:
        self.left -= 1
        return self.left >= 0

    def ask(self, emit: Listener) -> Resolution:
        self.asked += 1
        emit(message("Collecting flash"))
        emit(message(f"Collecting torch {self.asked}"))
        return Resolution(pins=(), requested=())


@pytest.mark.parametrize("times", range(ROUNDS))
def test_a_run_is_resolved_anew_until_its_sources_say_the_same(times: int) -> None:
    world = Changing(times)
    settled(world.ask, world, world.log)
    assert world.asked == times + 1
    assert len(world.log.messages) == times + 2  # what was emitted before is not emitted again


def test_a_run_that_does_not_settle_names_its_sources() -> None:
    world = Changing(100)
    with pytest.raises(Unsettled, check=lambda error: error.projects == ("flash",)):
        settled(world.ask, world, world.log)
    assert world.asked == ROUNDS + 1
