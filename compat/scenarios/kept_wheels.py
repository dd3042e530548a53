"""Wheels that earlier builds left in pip's cache, and new builds that fail."""

from __future__ import annotations

from collections.abc import Iterator

from compat.harness.scenario import Scenario, Stance, scenario
from compat.kit.index import index
from tests.kit.projects import BACKEND, project
from tests.kit.wheels import wheel

PARITY = {"PIPFAST_PIP_COMPAT": "1"}
SWITCH = wheel("switch", "1.0")
SAID = "which an earlier build with other modules or settings left in the cache"
HINT = "PIPFAST_PIP_COMPAT=1"


def _scenarios() -> Iterator[Scenario]:
    """Yield sources of which a hook fails now that a module is not installed any more.

    pip takes the wheel from its cache without a look at the source.
    """
    for hook in ("prepare_metadata_for_build_wheel", "build_wheel"):
        one = project("demo", backend={"imports": {hook: ["switch"]}}, needs=("kit-backend",))
        served = index(one.sdist(), BACKEND, wheel("top", "1.0", "demo"))
        url = f"demo@<main-files>/{one.sdist().filename}"
        for way, words in (("url", url), ("project", "demo"), ("dependency", "top")):
            install = f"install --no-build-isolation {words}"
            more = ("top==1.0",) if way == "dependency" else ()
            for mode, stance in (
                ("parity", Stance(environ=PARITY, says=(SAID,),
                                  leaves=("kit-backend==1.0", "demo==1.0", *more))),
                ("guarded", Stance(code=1, says=(HINT,), leaves=("kit-backend==1.0",))),
            ):  # fmt: skip
                yield scenario(f"a-kept-wheel-of-a-{way}-for-{hook}-in-{mode}", install, served,
                               before=(BACKEND, SWITCH), stance=stance,
                               then=("uninstall -y demo top switch", install))  # fmt: skip


SCENARIOS = tuple(_scenarios())
