"""The recorded results of pip, uv and pipfast for hostile wheels; a few are tried again."""

from __future__ import annotations

import pytest

from compat.robust.hostile import TOOLS, recorded, results, verdict_of
from tests.kit.hostile_wheels import WHEELS, Verdict

RECORDED = recorded()
IN_PRACTICE = {"honest-zip64-repeated", "honest-descriptor-of-stored"}
"""What some writers produce, and only uv's reader of streams refuses."""
STRICTER = {"descriptor-local-sizes"}
"""What pip and uv accept, because they ignore the sizes in a header with a descriptor."""


def test_every_wheel_is_recorded_with_the_verdict_of_the_kit() -> None:
    assert RECORDED.keys() == WHEELS.keys()
    differing = {
        name
        for name, case in WHEELS.items()
        if name not in IN_PRACTICE | STRICTER and verdict_of(RECORDED[name]) is not case.verdict
    }
    assert differing == set()


@pytest.mark.parametrize("name", WHEELS)
def test_what_pip_or_uv_refuses_is_refused(name: str) -> None:
    answers = {tool: RECORDED[name][tool] for tool in TOOLS}
    assert answers.pop("pipfast") != "crashes"
    if name not in IN_PRACTICE | STRICTER:
        accepted = set(answers.values()) == {"accepts"}
        assert (RECORDED[name]["pipfast"] == "accepts") == accepted
        assert accepted == (WHEELS[name].verdict is Verdict.ALL_ACCEPT)


@pytest.mark.parametrize("name", ["honest", "count-less", "crc-wrong"])
def test_a_recorded_result_is_that_of_today(name: str) -> None:
    assert results(name) == RECORDED[name]
