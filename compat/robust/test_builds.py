"""An interrupted build leaves no process, temporary folder or partial entry, and no change."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest

from compat.harness.twin import House
from compat.robust.builds import PLACES, Blow, Place, fault, trials


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory) -> House:
    """Return one place for all worlds of a process."""
    return House(tmp_path_factory.mktemp("house"))


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="processes are not shown here")
@pytest.mark.parametrize("blow", Blow, ids=[blow.name.lower() for blow in Blow])
@pytest.mark.parametrize("place", PLACES, ids=[place.scenario.rule for place in PLACES])
def test_an_interrupted_build_leaves_nothing(place: Place, blow: Blow, house: House) -> None:
    with trials(house, place.scenario, "pipfast") as (trial, silent):
        wrong = fault(trial, blow, partial(place.waits_for, trial.world, silent))
    assert wrong is None, wrong
