"""Projects that several indexes have: which index is used, and what is printed.

Also unexpectedly old releases, which are explained in both modes.
"""

from __future__ import annotations

from typing import Any

from compat.harness.known import OLD_TOLD
from compat.harness.scenario import Scenario, Stance, scenario
from compat.kit.index import Fault, Listed, index
from tests.kit.projects import project
from tests.kit.wheels import sha256, wheel

PARITY = {"PIPFAST_PIP_COMPAT": "1"}
SETTING = "PIPFAST_INDEX_STRATEGY=best-match"
FIRST_EXTRA = "--index-url <extra> --extra-index-url <main>"
BOTH = f"install demo {FIRST_EXTRA}"
ONE, TWO = wheel("demo", "1.0"), wheel("demo", "2.0")
MAIN, EXTRA = index(TWO), index(ONE, name="extra")


def kin(rule: str, *, one: bool, main: dict[str, Any], extra: dict[str, Any]) -> Scenario:
    """Return a guarded install from two indexes that do or do not count as one (PEP 708)."""
    leaves = ("demo==2.0",) if one else ("demo==1.0",)
    indexes = index(TWO, **main), index(ONE, name="extra", **extra)
    return scenario(rule, BOTH, *indexes, stance=Stance(leaves=leaves))


def hinted(rule: str, argv: str, *indexes: Any, leaves: tuple[str, ...], **world: Any) -> Scenario:
    """Return a guarded run that fails because of another index, and then follows its hint."""
    stance = Stance(follows=True, says=(SETTING,), leaves=leaves)
    argv = f"{argv} {FIRST_EXTRA}"
    return scenario(rule, argv, *indexes, stance=stance, **world)


def hopeless(rule: str, argv: str, *indexes: Any, **world: Any) -> Scenario:
    """Return a guarded run that fails and that no other index would help."""
    stance = Stance(code=1, hides=(SETTING,))
    argv = f"{argv} {FIRST_EXTRA}"
    return scenario(rule, argv, *indexes, exits=(1,), stance=stance, **world)


APPS = (
    wheel("app", "0.2"),
    *(wheel("app", version, "num<2") for version in ("0.7", "0.8", "0.9")),
)
AGES = index(*APPS, wheel("num", "1.0"), wheel("num", "2.0"), wheel("peer", "1.0", "num>=2"))
YEARS = index(
    *(
        Listed(file=wheel("app", version, *needs), uploaded=f"{year}-01-01T00:00:00Z")
        for version, year, needs in (
            ("1.0", 2021, ()), ("1.7", 2023, ("num<2",)), ("1.8", 2024, ("num<2",)),
            ("1.9", 2025, ("num<2",)))
    ),
    wheel("num", "2.0"),
)  # fmt: skip
BROKEN = index(
    project("app", "0.2", backend={"fails": {"prepare_metadata_for_build_wheel": "exit"}}).sdist(),
    *APPS[1:], wheel("num", "2.0"),
)  # fmt: skip
SIX = wheel("demo", "1.0", files={"demo.py": "other = True\n"})

OTHER = wheel("other")
SHY = {"name": "extra", "unknown": 403}
ACCOUNT = {**SHY, "account": ("me", "secret")}
WITH_ACCOUNT = "--index-url http://me:secret@127.0.0.1:<port>/extra/simple --extra-index-url <main>"
SKIP = "PIPFAST_INDEX_ERRORS=skip"
UNLISTED = "answers 403, as its index does for every project that it does not list"

SHY_INDEXES = (
    scenario("an-index-that-forbids-what-it-lacks", f"install demo other {FIRST_EXTRA}",
             index(OTHER, TWO), index(ONE, **SHY),
             stance=Stance(leaves=("demo==1.0", "other==1.0"), hides=("403",))),
    scenario("an-index-that-forbids-what-it-lacks-in-parity",
             f"install demo other {FIRST_EXTRA}", index(OTHER, TWO), index(ONE, **SHY)),
    scenario("an-index-that-forbids-what-it-lists", f"install demo {FIRST_EXTRA}", MAIN,
             index(ONE, **SHY, pages={"demo": Fault(status=403)}),
             stance=Stance(follows=True, leaves=("demo==2.0",), says=(SKIP,), hides=(UNLISTED,))),
    scenario("an-index-with-an-account-that-forbids-what-it-lacks",
             f"install demo other {WITH_ACCOUNT}", index(OTHER, TWO), index(ONE, **ACCOUNT),
             stance=Stance(follows=True, leaves=("demo==1.0", "other==1.0"),
                           says=(UNLISTED, SKIP), hides=(SETTING,))),
    scenario("an-index-that-forbids-and-a-pin-that-another-has",
             f"install other demo==2.0 {WITH_ACCOUNT}", index(OTHER, TWO), index(ONE, **ACCOUNT),
             stance=Stance(follows=True, leaves=("demo==2.0", "other==1.0"),
                           says=(UNLISTED, SKIP, SETTING))),
    hinted("a-label-that-another-index-has", "install demo==1.0+cpu",
           index(wheel("demo", "1.0+cpu")), EXTRA, leaves=("demo==1.0+cpu",)),
    hinted("a-label-of-a-dependency-that-another-index-has", "install top",
           index(wheel("top", "1.0", "demo==1.0+cpu"), wheel("demo", "1.0+cpu")), EXTRA,
           leaves=("demo==1.0+cpu", "top==1.0")),
    scenario("a-label-that-no-index-has", "install demo==1.0+cpu", index(ONE), exits=(1,),
             stance=Stance(code=1, says=("these indexes have demo 1.0, but no build 1.0+cpu",))),
)  # fmt: skip

SCENARIOS = (
    *SHY_INDEXES,
    kin("indexes-that-name-each-other-count-as-one", one=True,
        main={"alternates": ("<extra>",)}, extra={"alternates": ("<main>",)}),
    kin("html-indexes-that-name-each-other-count-as-one", one=True,
        main={"alternates": ("<extra>",), "plain": True},
        extra={"alternates": ("<main>",), "plain": True}),
    kin("an-index-that-tracks-the-other-counts-as-one", one=True, main={},
        extra={"tracks": ("<main>",)}),
    kin("an-html-index-that-tracks-the-other-counts-as-one", one=True, main={},
        extra={"tracks": ("<main>",), "plain": True}),
    kin("an-index-that-is-not-named-in-turn-does-not-count", one=False, main={},
        extra={"alternates": ("<main>",)}),
    kin("an-index-that-names-itself-to-the-first-does-not-count", one=False,
        main={"alternates": ("<extra>",)}, extra={}),
    kin("an-index-that-tracks-the-first-does-not-count", one=False,
        main={"tracks": ("<extra>",)}, extra={}),
    scenario("find-links-beside-the-first-index", f"{BOTH} --find-links <links>", MAIN, EXTRA,
             links=(wheel("demo", "3.0"),), stance=Stance(leaves=("demo==3.0",))),
    scenario("the-first-of-two-extra-indexes", f"{BOTH} --extra-index-url <third>", MAIN, EXTRA,
             index(wheel("demo", "3.0"), name="third"), stance=Stance(leaves=("demo==1.0",))),
    scenario("the-main-index-has-what-the-extra-one-lacks", BOTH, MAIN,
             index(wheel("other"), name="extra"), stance=Stance(leaves=("demo==2.0",))),
    hinted("a-pin-that-another-index-has", "install demo==2.0", MAIN, EXTRA,
           leaves=("demo==2.0",)),
    hinted("a-dependency-that-another-index-has", "install top",
           index(wheel("top", "1.0", "demo>=2"), TWO), EXTRA, leaves=("demo==2.0", "top==1.0")),
    hinted("a-conflict-that-another-index-solves", "install top dep==2.0",
           index(wheel("top", "2.0", "dep>=2"), wheel("dep", "2.0")),
           index(wheel("top", "1.0", "dep<2"), wheel("dep", "1.0"), wheel("dep", "2.0"),
                 name="extra"), leaves=("dep==2.0", "top==2.0")),
    hinted("a-source-that-another-index-has", "install demo==2.0",
           index(project("demo", "2.0").sdist()), EXTRA, leaves=("demo==2.0",)),
    hinted("a-hash-that-another-index-has", "install -r r.txt", index(ONE),
           index(SIX, name="extra"), leaves=("demo==1.0",),
           files={"r.txt": f"demo==1.0 --hash=sha256:{ONE.sha256}\n"}),
    hinted("a-wheel-for-a-source-that-cannot-be-built", "install demo", index(TWO),
           index(project("demo", "1.0", backend={"fails": {
               "prepare_metadata_for_build_wheel": "exit"}}).sdist(), name="extra"),
           leaves=("demo==2.0",)),
    hopeless("a-pin-that-no-index-has", "install demo==3.0", MAIN, EXTRA),
    hopeless("a-hash-that-no-index-has", "install -r r.txt", MAIN, EXTRA,
             files={"r.txt": f"demo==1.0 --hash=sha256:{sha256(b'no')}\n"}),
    hopeless("a-conflict-that-no-index-solves", "install top dep==2.0",
             index(wheel("top", "2.0", "dep<2"), wheel("dep", "2.0")),
             index(wheel("top", "1.0", "dep<2"), wheel("dep", "1.0"), wheel("dep", "2.0"),
                   name="extra")),
    hopeless("a-source-that-cannot-be-built-anywhere", "install top",
             index(wheel("top", "2.0", "bad"), project("bad", backend={"fails": {
                 "prepare_metadata_for_build_wheel": "exit"}}).sdist()),
             index(wheel("top", "1.0", "bad"), name="extra")),
    scenario("an-index-that-fails-for-want-of-an-account", f"{BOTH} --no-input", MAIN,
             index(ONE, name="extra", pages={"demo": Fault(status=401)}),
             stance=Stance(follows=True, leaves=("demo==2.0",), says=("401",))),
    scenario("a-higher-version-of-an-extra-index-is-not-taken",
             "install demo -i <main> --extra-index-url <extra>", index(ONE),
             index(TWO, name="extra"), stance=Stance(
                 leaves=("demo==1.0",), says=("demo is taken from http", "index.demo in the"))),
    scenario("one-warning-names-all-projects-with-other-versions-elsewhere",
             "install demo other -i <main> --extra-index-url <extra>",
             index(ONE, wheel("other", "1.0")),
             index(TWO, wheel("other", "2.0"), name="extra"), stance=Stance(
                 leaves=("demo==1.0", "other==1.0"),
                 says=("2 projects are taken from the first index", ": demo, other (-v lists all)"),
                 hides=("is taken from http",))),
    scenario("the-index-of-a-project", "install demo -i <main> --extra-index-url <extra>",
             index(TWO), index(ONE, name="extra"), stance=Stance(
                 environ={"PIPFAST_INDEX_OF_DEMO": "<extra>"}, leaves=("demo==1.0",),
                 hides=("is taken from",))),
    scenario("the-index-of-a-project-in-parity", "install demo -i <main> --extra-index-url <extra>",
             index(TWO), index(ONE, name="extra"), stance=Stance(
                 environ=PARITY | {"PIPFAST_INDEX_OF_DEMO": "<extra>"}, leaves=("demo==1.0",))),
    scenario("who-won-is-told-in-parity", f"{BOTH} -v", MAIN, EXTRA, stance=Stance(
        environ=PARITY, leaves=("demo==2.0",),
        says=("demo is on 2 indexes: 2.0 is taken from http", ", not from http"))),
    scenario("who-won-is-not-told-of-what-one-index-has", f"{BOTH} -v", MAIN,
             index(wheel("other"), name="extra"), stance=Stance(
                 environ=PARITY, leaves=("demo==2.0",), hides=("is on 2 indexes",))),
    scenario("who-won-is-not-told-in-an-ordinary-voice", BOTH, MAIN, EXTRA),
    scenario("an-old-choice-for-a-pin-is-told", "install app num==2.0", AGES, allow=OLD_TOLD,
             shows=("installed app-0.2 num-2.0",)),
    scenario("an-old-choice-for-a-peer-is-told", "install peer app", AGES, allow=OLD_TOLD),
    scenario("an-old-choice-by-years-is-told", "install app num", YEARS, stance=Stance(
        leaves=("app==1.0", "num==2.0"),
        says=("app 1.0 is chosen, much older than 1.9, which needs num<2",))),
    scenario("an-old-choice-is-told-guarded", "install app num==2.0", AGES, stance=Stance(
        leaves=("app==0.2", "num==2.0"),
        says=("WARNING: app 0.2 is chosen, much older than 0.9, which needs num<2; that "
              "conflicts with num==2.0 (your requirement)",))),
    scenario("a-bound-against-an-old-choice", "install peer app>0.2", AGES, exits=(1,)),
    scenario("an-old-source-that-cannot-be-built-is-told", "install app num", BROKEN, exits=(1,),
             stance=Stance(code=1, environ=PARITY, says=("hint: app 0.2 was tried, much older",))),
)  # fmt: skip
