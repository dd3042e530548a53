"""Which of several places a distribution is taken from."""

from __future__ import annotations

from compat.harness.scenario import scenario
from compat.kit.index import index
from tests.kit.wheels import Wheel


def demo(origin: str, version: str = "1.0") -> Wheel:
    """The same release with another content for each place."""
    return Wheel(name="demo", version=version, files={"demo.py": f"ORIGIN = {origin!r}\n"})


MAIN = index(demo("main"))
EXTRA = index(demo("extra"), name="extra")
THIRD = index(demo("third"), name="third")

SCENARIOS = (
    scenario(
        "the-last-index-wins-a-tie",
        "install demo --extra-index-url <extra>",
        MAIN,
        EXTRA,
        shows=("Looking in indexes", "Successfully installed demo-1.0"),
    ),
)
