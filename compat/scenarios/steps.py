"""The steps of a resolution, which pip prints if PIP_RESOLVER_DEBUG is set."""

from __future__ import annotations

from typing import Any

from compat.harness.known import OLD_TOLD
from compat.harness.scenario import Scenario, scenario
from compat.kit.index import Index, index
from tests.kit.projects import project
from tests.kit.wheels import wheel

DEP = wheel("dep")
MORE = wheel("more", "1.0", "dep; extra == 'x'", extras=("x",))
NEWER = wheel("more", "2.0", "dep; extra == 'x'", extras=("x",))
MAIN = index(DEP, MORE, NEWER, wheel("demo", "1.0", "more[x]>1", "dep ; python_version > '3'"))


def debugged(rule: str, argv: str | tuple[str, ...], *indexes: Index, **world: Any) -> Scenario:
    """Return a run that prints every step."""
    environ = {"PIP_RESOLVER_DEBUG": ""}
    shows = ("Reporter.starting()", "Reporter.adding_requirement(")
    return scenario(f"steps-{rule}", argv, *indexes, environ=environ, shows=shows, **world)


SCENARIOS = (
    debugged("of-a-resolution", "install demo", MAIN),
    debugged("of-a-resolution-twice", "install demo", MAIN, then=("install -I demo",)),
    debugged("of-a-resolution-backwards", "install app lib<2",
         index(*(wheel("app", f"{n}.0", f"lib>={n}") for n in range(1, 6)),
               *(wheel("lib", f"{n}.0") for n in range(1, 6))), allow=OLD_TOLD),
    debugged("of-extras", "install more[x]>1", MAIN),
    debugged("of-extras-that-conflict", "install more[x]>1 more==1.0", MAIN, exits=(1,)),
    debugged("of-extras-that-conflict-from-the-other-side", "install more==1.0 more[x]>1", MAIN,
         exits=(1,)),
    debugged("of-what-is-installed", "install more[x]", MAIN, before=(MORE, DEP)),
    debugged("of-an-upgrade", "install -U more", MAIN, before=(MORE, DEP)),
    debugged("of-a-python", "install app", index(wheel("app", python=">=3.6"))),
    debugged("of-another-python", f"install ./{wheel('app').filename}", exits=(1,),
         files={wheel("app").filename: wheel("app", python=">=3.99")}),
    debugged("of-a-path", f"install ./{MORE.filename}[x]", MAIN, files={MORE.filename: MORE}),
    debugged("of-an-editable", "install -e ./one", files=project("one").under("one")),
    debugged("of-a-constraint", "install more -c c.txt", MAIN, files={"c.txt": "more<2\n"}),
)  # fmt: skip
