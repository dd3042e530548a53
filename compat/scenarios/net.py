"""The fallback to real pip after an internal failure, which is injected here."""

from __future__ import annotations

from typing import Any

from compat.harness.known import PIP_ASKED
from compat.harness.scenario import Lines, Scenario, scenario
from compat.kit.index import Listed, index
from tests.kit.wheels import wheel

NEW, OLD, DEP = wheel("demo", "2.0", "dep"), wheel("demo", "1.0"), wheel("dep", "1.0")
MAIN = index(OLD, NEW, DEP)
AUTO = {"PIPFAST_FALLBACK": "auto"}
ALONE = "a" * 64

_BREAKS = """import sys
if sys.orig_argv[1:3] == ["-m", "pipfast"]:
    import {room} as room
    calls = []
    kept = {what}
    def fail(*words, **named):
        calls.append(words)
        if len(calls) == {after}:
            raise KeyError("a bug that was made for this")
        return kept(*words, **named)
    {what} = fail
"""
"""Imported by every Python of the world at startup; only pipfast's own Python is affected."""


def broken(rule: str, argv: str, what: str, *, after: int = 1, **world: Any) -> Scenario:
    """Return a run in which `what`, a module and a name in it, fails at call number `after`.

    pipfast prints nothing of its own if this is the first thing that it does.
    """
    room, _, name = what.partition(":")
    text = _BREAKS.format(room=f"pipfast.{room}", what=f"room.{name}", after=after)
    environ = {**AUTO, "PYTHONPATH": "<home>/breaks", "PYTHONDONTWRITEBYTECODE": "1"}
    standing = {"<home>/breaks/sitecustomize.py": text}
    world = {"delegates": True, "allow": PIP_ASKED} | world
    return scenario(rule, argv, MAIN, environ=environ, standing=standing, **world)


SCENARIOS = (
    scenario("a-feature-that-is-not-there-is-pips", "install --use-deprecated=legacy-resolver demo",
             MAIN, environ=AUTO, delegates=True, allow=PIP_ASKED, shows=("installed demo-2.0",)),
    scenario("a-feature-that-is-not-there-and-what-excludes-it",
             "install --use-deprecated=legacy-resolver --only-deps demo", MAIN, exits=(1,),
             shows=("Cannot use '--only-dependencies' in combination with",)),
    broken("a-bug-at-the-start-is-caught", "install demo", "commands.install:run_context",
           shows=("Successfully installed demo-2.0 dep-1.0",)),
    broken("a-bug-while-words-are-read-is-caught", "install demo", "cli.dispatch:settings"),
    broken("a-bug-behind-the-resolution-is-caught", "install demo",
           "commands.install:plan_installs", lines=Lines.NONE),
    broken("a-bug-amid-an-install-is-undone-and-caught", "install demo",
           "transaction.journal:Journal.perform", lines=Lines.NONE),
    broken("a-bug-amid-an-upgrade-is-undone-and-caught", "install -U demo",
           "transaction.journal:Journal.perform", before=(OLD, wheel("dep", "0.9")),
           lines=Lines.NONE),
    broken("a-bug-before-the-end-of-an-upgrade-is-undone-and-caught", "install -U demo",
           "transaction.journal:Journal.commit", before=(OLD,), lines=Lines.NONE),
    broken("a-bug-amid-an-uninstall-is-undone-and-caught", "uninstall -y demo",
           "transaction.journal:Journal.commit", before=(OLD,), lines=Lines.NONE),
    broken("a-bug-of-a-download-is-caught", "download demo -d to", "commands.download:run_context"),
    broken("a-bug-of-a-lock-is-caught", "lock demo", "commands.lock:run_context"),
    broken("a-bug-and-a-failure-of-pip", "install nowhere", "commands.install:run_context",
           exits=(1,), shows=("No matching distribution found for nowhere",)),
    scenario("a-failed-hash-is-never-pips", "install -r r.txt", MAIN, environ=AUTO, exits=(1,),
             files={"r.txt": f"dep==1.0 --hash=sha256:{ALONE}\n"}, shows=("DO NOT MATCH",)),
    scenario("a-wrong-hash-of-an-index-is-never-pips", "install dep",
             index(Listed(file=DEP, digest=ALONE)), environ=AUTO, exits=(1,),
             shows=("DO NOT MATCH",)),
    scenario("a-conflict-is-never-pips", "install demo dep<1", MAIN, environ=AUTO, exits=(1,)),
    scenario("a-project-that-is-not-there-is-never-pips", "install nowhere", MAIN, environ=AUTO,
             exits=(1,)),
    scenario("a-wrong-option-is-never-pips", "install --no-such-option", MAIN, environ=AUTO,
             exits=(2,)),
)  # fmt: skip
