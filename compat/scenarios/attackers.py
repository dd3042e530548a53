"""A private main index, and an attacker who can upload to the extra one.

In guarded mode nothing of the attacker's replaces a project of the main index, and a main index
that does not answer ends the run. In parity mode pip's answer is given, which is the attacker's.
"""

from __future__ import annotations

from typing import Any

from compat.harness.known import TOLD_SKIPS
from compat.harness.scenario import Scenario, Stance, scenario
from compat.kit.index import JSON_TYPE, Fault, Listed, index
from tests.kit.projects import project
from tests.kit.wheels import wheel

BOTH = "--index-url <main> --extra-index-url <extra>"
OURS, THEIRS = wheel("demo", "1.0"), wheel("demo", "9.0")
EMPTY = b'{"meta": {"api-version": "1.0"}, "name": "demo", "files": []}'
ATTACK = index(THEIRS, name="extra")


def kept(rule: str, main: Any, extra: Any, argv: str = "install demo", **world: Any) -> Scenario:
    """Return an install that takes the main index's version, whatever the other one has."""
    stance = Stance(leaves=(world.pop("leaves", "demo==1.0"),))
    return scenario(rule, f"{argv} {BOTH}", main, extra, stance=stance, **world)


def ended(rule: str, fault: Fault, **world: Any) -> Scenario:
    """Return an install that fails, because the main index does not say what it has."""
    main = index(OURS, pages={"demo": fault})
    stance = Stance(code=1, says=("could not be read",))
    argv = f"install demo {BOTH} --retries 0 --no-input --timeout 2"
    return scenario(rule, argv, main, ATTACK, stance=stance, **world)


SCENARIOS = (
    kept("an-attacker-with-a-higher-version", index(OURS), ATTACK),
    kept("an-attacker-with-another-spelling", index(OURS),
         index(wheel("DeMo", "9.0"), name="extra")),
    kept("an-attacker-with-a-spelling-that-is-asked-for", index(wheel("de-mo", "1.0")),
         index(wheel("De.Mo", "9.0"), name="extra"), argv="install De_mO", leaves="de-mo==1.0"),
    kept("an-attacker-with-the-same-version-and-a-build-number", index(OURS),
         index(wheel("demo", "1.0", build="9"), name="extra")),
    kept("an-attacker-with-the-same-version-and-a-local-part", index(OURS),
         index(wheel("demo", "1.0+local"), name="extra")),
    kept("an-attacker-with-an-epoch", index(OURS), index(wheel("demo", "1!0.1"), name="extra")),
    kept("an-attacker-with-a-source", index(OURS),
         index(project("demo", "9.0").sdist(), name="extra")),
    kept("an-attacker-with-pre-releases", index(OURS),
         index(wheel("demo", "9.0rc1"), name="extra"), argv="install --pre demo"),
    kept("an-attacker-who-claims-the-address-of-the-project", index(OURS),
         index(THEIRS, name="extra", alternates=("<main>",), tracks=("<main>",))),
    kept("an-attacker-who-repeats-the-file-with-another-content", index(OURS),
         index(wheel("demo", "1.0", files={"demo.py": "evil = 1\n"}), name="extra")),
    kept("an-attacker-and-a-project-that-is-yanked", index(Listed(file=OURS, yanked="old")), ATTACK,
         argv="install demo==1.0"),
    scenario("an-attacker-and-a-project-with-nothing-but-yanked-files", f"install demo {BOTH}",
             index(Listed(file=OURS, yanked="old")), ATTACK, stance=Stance(code=1)),
    scenario("an-attacker-and-a-project-with-nothing-but-pre-releases", f"install demo {BOTH}",
             index(wheel("demo", "1.0rc1")), ATTACK, stance=Stance(leaves=("demo==1.0rc1",))),
    scenario("an-attacker-and-a-main-index-with-an-empty-page", f"install demo {BOTH}",
             index(OURS, pages={"demo": Fault(body=EMPTY, content_type=JSON_TYPE)}), ATTACK,
             stance=Stance(leaves=("demo==9.0",))),
    ended("an-attacker-and-a-main-index-that-asks-for-an-account", Fault(status=401),
          allow=TOLD_SKIPS),
    ended("an-attacker-and-a-main-index-that-forbids", Fault(status=403), allow=TOLD_SKIPS),
    ended("an-attacker-and-a-main-index-that-is-broken", Fault(status=500), allow=TOLD_SKIPS),
    ended("an-attacker-and-a-main-index-that-says-nothing", Fault(keep=0.0), exits=(1,)),
    ended("an-attacker-and-a-main-index-that-answers-too-late", Fault(delay=6.0),
          allow=TOLD_SKIPS),
    kept("an-attacker-who-redirects-to-the-main-index", index(OURS),
         index(THEIRS, name="extra", pages={"demo": Fault(status=302, location="<main>demo/")})),
    scenario("an-attacker-and-a-main-index-that-redirects-to-another", f"install demo {BOTH}",
             index(OURS, pages={"demo": Fault(status=302, location="<other>demo/")}), ATTACK,
             index(wheel("demo", "2.0"), name="other"), stance=Stance(leaves=("demo==2.0",))),
)  # fmt: skip
