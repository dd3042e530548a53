"""Builds that need undeclared modules: pip fails, parity mode makes them visible."""

from __future__ import annotations

from typing import Any

from compat.harness.known import HINTED, HOOK_FRAMES
from compat.harness.scenario import Scenario, Stance, scenario
from compat.kit.index import index
from tests.kit.projects import BACKEND, BUILT, EDITED, Project, project
from tests.kit.wheels import Wheel, wheel

ASKED, PREPARED, BUILD = BUILT
PARITY = {"PIPFAST_PIP_COMPAT": "1"}
FAILED = "pip would have failed here: the build of "


def torch(version: str) -> Wheel:
    """Return a wheel with a module that others build against, which contains a version."""
    return wheel("torch-like", version, files={"torch_like.py": f"VERSION = {version!r}\n"})


TORCHES = tuple(map(torch, ("1.0", "1.5", "2.0")))
VISION = wheel("vision", "3.0", files={"sight.py": "VERSION = '3.0'\n"})


def flash(
    name: str, *requires: str, at: str = ASKED, of: str = "torch_like", **what: Any
) -> Project:
    """Return a project whose hook `at` imports the module `of`; its wheel records what it saw."""
    backend = {"imports": {at: of.split()}, "modules": of.split()}
    return project(name, "1.0", *requires, needs=("kit-backend",), backend=backend, **what)


def built(name: str, *requires: str, **what: Any) -> Any:
    """Return its sdist."""
    return flash(name, *requires, **what).sdist()


MAIN = index(BACKEND, *TORCHES, VISION, built("flash"), built("late", at=BUILD),
             built("prepared", at=PREPARED), built("second"), built("chained", of="flash"),
             built("last", of="chained"), built("both", of="torch_like sight"),
             built("nobody", of="nowhere"), built("hidden", of="sight"),
             built("stated", "torch-like<2"), built("extra", 'vision; extra == "x"', extras=("x",)),
             wheel("app", "1.0", "torch-like<2", "flash"))  # fmt: skip


def seen(rule: str, words: str, leaves: str, *says: str, **world: Any) -> Scenario:
    """Return a scenario that fails with pip and succeeds in parity mode with a warning."""
    how = Stance(environ=world.pop("how", PARITY), says=(FAILED, *says), leaves=pins(leaves),
                 installer=world.pop("installer", "pip"))  # fmt: skip
    world.setdefault("exits", (1,))
    return scenario(f"see-through-{rule}", words, MAIN, stance=how, **world)


def pins(leaves: str) -> tuple[str, ...]:
    """Return the distributions installed at the end, from ``name-version name-version``."""
    return tuple("==".join(one.rsplit("-", 1)) for one in leaves.split())


def refused(rule: str, words: str, **world: Any) -> Scenario:
    """Return a scenario that fails with both; pipfast prints a hint."""
    world |= {"exits": (1,), "allow": (*HINTED, *HOOK_FRAMES)}
    return scenario(f"see-through-{rule}", words, MAIN, **world)


def guarded(rule: str, words: str, leaves: str, *says: str, **world: Any) -> Scenario:
    """Return a scenario that fails in guarded mode and succeeds with the suggested setting."""
    how = Stance(says=says, leaves=pins(leaves), follows=True)
    rule = f"see-through-{rule}-in-guarded-mode"
    return scenario(rule, words, MAIN, exits=(1,), stance=how, **world)


def folder(name: str, *requires: str, **what: Any) -> dict[str, Any]:
    """Return the files of a scenario with the project in a folder."""
    return {"files": flash(name, *requires, **what).under(name)}


SCENARIOS = (
    seen("an-import-in-the-hook-for-requirements", "install torch-like flash",
         "flash-1.0 torch-like-2.0", "packages: torch-like, flash\n"),
    seen("an-import-in-the-hook-for-metadata", "install torch-like prepared",
         "prepared-1.0 torch-like-2.0"),
    seen("an-import-in-the-build-alone", "install late torch-like", "late-1.0 torch-like-2.0",
         "packages: torch-like, late\n"),
    seen("the-other-way-round", "install flash torch-like", "flash-1.0 torch-like-2.0"),
    seen("a-pinned-version", "install flash torch-like==1.5", "flash-1.0 torch-like-1.5",
         "(torch-like 1.5)"),
    seen("what-is-installed", "install flash", "flash-1.0 torch-like-1.0", "(torch-like 1.0)",
         before=(torch("1.0"),)),
    seen("what-replaces-what-is-installed", "install -U flash torch-like",
         "flash-1.0 torch-like-2.0", "(torch-like 2.0)", before=(torch("1.0"),)),
    seen("what-is-installed-for-the-build-alone", "install late", "late-1.0 torch-like-1.0",
         before=(torch("1.0"),)),
    seen("what-is-installed-under-another-name", "install hidden", "hidden-1.0 vision-3.0",
         "(vision 3.0)", before=(VISION,)),
    seen("what-comes-under-another-name", "install hidden vision torch-like",
         "hidden-1.0 torch-like-2.0 vision-3.0", "(vision 3.0)"),
    seen("with-an-extra", "install extra[x] torch-like", "extra-1.0 torch-like-2.0 vision-3.0"),
    seen("a-folder-with-an-extra", "install ./extra[x] torch-like",
         "extra-1.0 torch-like-2.0 vision-3.0",
         **folder("extra", 'vision; extra == "x"', extras=("x",))),
    seen("a-folder", "install ./flash torch-like", "flash-1.0 torch-like-2.0", **folder("flash")),
    seen("an-editable", "install -e ./flash torch-like", "flash-1.0 torch-like-2.0",
         **folder("flash", at=EDITED[1])),
    seen("two-of-them", "install torch-like flash second", "flash-1.0 second-1.0 torch-like-2.0"),
    seen("two-of-them-built", "install torch-like late flash", "flash-1.0 late-1.0 torch-like-2.0"),
    seen("a-chain", "install chained flash torch-like", "chained-1.0 flash-1.0 torch-like-2.0",
         "packages: torch-like, flash, chained\n"),
    seen("a-longer-chain", "install torch-like flash chained last",
         "chained-1.0 flash-1.0 last-1.0 torch-like-2.0"),
    seen("two-modules", "install both vision torch-like", "both-1.0 torch-like-2.0 vision-3.0",
         "the module torch_like", "the module sight"),
    seen("dependencies-of-a-wheel", "install app", "app-1.0 flash-1.0 torch-like-1.5",
         "(torch-like 1.5)"),
    seen("what-the-source-says-it-needs", "install stated", "stated-1.0 torch-like-1.5"),
    seen("what-the-source-needs-after-all", "install torch-like ./old", "old-1.0 torch-like-1.5",
         "(torch-like 2.0)", "(torch-like 1.5)", **folder("old", "torch-like<2")),
    seen("a-dry-run", "install --dry-run torch-like flash", "",
         "Would install flash-1.0 torch-like-2.0\n"),
    seen("a-second-run", "install torch-like flash", "flash-1.0 torch-like-2.0", exits=(1, 0, 1),
         then=("uninstall -y flash", "install torch-like flash")),
    seen("another-version-the-second-time", "install torch-like flash", "flash-1.0 torch-like-1.0",
         "(torch-like 1.0)", exits=(1, 0, 1),
         then=("uninstall -y flash", "install torch-like==1.0 flash")),
    seen("by-its-own-setting", "install torch-like flash", "flash-1.0 torch-like-2.0",
         how={"PIPFAST_BUILD_ISOLATION": "see-through"}, installer="pipfast"),
    refused("nobody-has-it", "install torch-like nobody"),
    refused("not-by-its-own-setting", "install torch-like flash",
            environ={"PIPFAST_BUILD_ISOLATION": "strict"}),
    guarded("what-comes-along", "install torch-like flash", "flash-1.0 torch-like-2.0",
            "let it use torch-like 2.0"),
    guarded("what-is-installed", "install flash", "flash-1.0 torch-like-1.0",
            "let it use torch-like 1.0", before=(torch("1.0"),)),
    guarded("dependencies-of-a-wheel", "install app", "app-1.0 flash-1.0 torch-like-1.5",
            "let it use torch-like 1.5"),
    guarded("an-import-in-the-build", "install torch-like late", "late-1.0 torch-like-2.0",
            "let it use torch-like 2.0"),
    guarded("another-name", "install vision hidden", "hidden-1.0 vision-3.0",
            "add a distribution that provides it"),
    scenario("see-through-of-nothing-where-a-build-does-without", "install torch-like plain",
             index(BACKEND, *TORCHES, project("plain", needs=("kit-backend",),
                                              backend={"modules": ["torch_like"]}).sdist())),
    scenario("see-through-of-nothing-that-is-not-isolated",
             "install --no-build-isolation late", MAIN, before=(BACKEND, torch("1.0"))),
    scenario("see-through-of-nothing-lacking-without-isolation",
             "install --no-build-isolation late torch-like", MAIN, exits=(1,),
             before=(BACKEND,), allow=HOOK_FRAMES),
)  # fmt: skip
