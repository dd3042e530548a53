"""Parity mode relaxes rules only where pip fails, and changes none of pip's results."""

from __future__ import annotations

from compat.harness.known import TOLD_SKIPS
from compat.harness.scenario import Target, scenario
from compat.kit.index import Fault, Index, Listed, index
from tests.kit.projects import project
from tests.kit.wheels import Wheel, wheel

LEFT_OUT = ("has inconsistent version",)


def labelled(name: str, version: str, *requires: str) -> Wheel:
    """Return a wheel whose metadata has a local version that its file name lacks."""
    return wheel(name, version, *requires, metadata_version=f"{version}+cpu")


APP = (wheel("app", "1.0"), labelled("app", "2.0"))
SOURCES = (project("app", "1.0").sdist(), project("app", "2.0", versioned="2.0+cpu").sdist())
MAIN = index(*APP)

BROKEN = Index(name="extra", files=(wheel("app", "3.0"),), pages={"app": Fault(status=503)})

SCENARIOS = (
    scenario("an-older-wheel-for-a-labelled-one", "install app", MAIN, shows=LEFT_OUT),
    scenario("an-older-wheel-for-a-labelled-one-without-sidecars", "install app",
             index(*APP, sidecars=False), shows=LEFT_OUT),
    scenario("an-older-wheel-for-two-labelled-ones", "install app",
             index(*APP, labelled("app", "3.0")), shows=("Successfully installed app-1.0",)),
    scenario("an-older-sdist-for-a-labelled-one", "install app", index(*SOURCES), shows=LEFT_OUT),
    scenario("an-older-sdist-for-a-labelled-one-twice", "install app", index(*SOURCES),
             then=("install --force-reinstall app",), shows=LEFT_OUT),
    scenario("an-older-wheel-for-a-labelled-sdist", "install app",
             index(APP[0], SOURCES[1]), shows=LEFT_OUT),
    scenario("a-labelled-dependency-is-passed-over", "install top",
             index(wheel("top", "1.0", "app"), *APP), shows=("installed app-1.0 top-1.0",)),
    scenario("a-parent-goes-back-with-its-labelled-dependency", "install top",
             index(wheel("top", "1.0", "app<2"), wheel("top", "2.0", "app>=2"), *APP),
             shows=("installed app-1.0 top-1.0",)),
    scenario("a-labelled-one-under-a-constraint", "install app -c c.txt",
             index(*APP, wheel("app", "0.9")), files={"c.txt": "app!=1.0\n"},
             shows=("installed app-0.9",)),
    scenario("a-labelled-one-is-no-upgrade", "install -U app", MAIN, before=(wheel("app", "1.0"),),
             shows=("Requirement already satisfied: app",)),
    scenario("a-labelled-one-is-none-to-download", "download app", MAIN, shows=LEFT_OUT),
    scenario("a-labelled-one-is-none-to-lock", "lock app", MAIN, shows=LEFT_OUT),
    scenario("a-labelled-sidecar-is-passed-over", "install app",
             index(APP[0], Listed(file=wheel("app", "2.0"), sidecar=APP[1].metadata)),
             shows=("installed app-1.0",)),
    scenario("an-index-that-has-the-label-is-asked-as-pip-does",
             "install app --extra-index-url <extra>", MAIN,
             index(wheel("app", "2.0+cpu"), name="extra"), shows=("installed app-2.0+cpu",)),
    scenario("the-better-match-of-two-indexes", "install app --extra-index-url <extra>",
             index(wheel("app", "2.0")), index(wheel("app", "1.0"), name="extra"),
             shows=("installed app-2.0",)),
    scenario("of-two-indexes-that-have-it-the-one-that-pip-takes",
             "install app --extra-index-url <extra>", index(wheel("app", "1.0")),
             index(wheel("app", "1.0", "dep"), wheel("dep", "1.0"), name="extra")),
    scenario("an-index-in-trouble-is-passed-over-as-by-pip",
             "install app --extra-index-url <extra>", index(wheel("app", "1.0")), BROKEN,
             allow=TOLD_SKIPS, shows=("installed app-1.0",)),
    scenario("a-build-that-does-without-what-is-there", "install ./one",
             index(wheel("two", "1.0", files={"two.py": "VERSION = '1'\n"})),
             files=project("one", backend={"modules": ["two"]}).under("one"),
             before=(wheel("two", "1.0", files={"two.py": "VERSION = '1'\n"}),)),
    scenario("a-labelled-one-in-an-active-environment", "install app", MAIN,
             target=Target.ACTIVE, shows=LEFT_OUT),
)  # fmt: skip
