"""What ``-v``, ``-vv``, ``-vvv`` and ``--log`` print, line by line beside pip."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from compat.harness.scenario import LOG, Allow, Part, Scenario, scenario
from compat.kit.index import Listed, index
from tests.kit.projects import BACKEND, project
from tests.kit.wheels import sha256, wheel

OWN_MODE = tuple(
    Allow(
        part=part,
        pattern=(
            r"^(<time> )?(pipfast's mode is |\S+ is on \d+ indexes: "
            r"| +[\w-]+ is .*\((default in this mode|environment))"
        ),
        reason=(
            "With `-v` pipfast also prints the active mode and, for each project found on several "
            "indexes, the index that it was taken from."
        ),
    )
    for part in (Part.STDOUT, Part.LOG)
)
FOLDERS = tuple(
    Allow(
        part=part,
        pattern=(
            r"^(<time> )? *(Created temporary directory: "
            r"|(Initialized|Created|Entered|Removed) build track|(Added|Removed) .* build tracker)"
        ),
        reason=(
            "With `-vv` and `--log` pip lists its temporary folders and the entries of its build "
            "tracker. pipfast does not create these folders, and lists none."
        ),
    )
    for part in (Part.STDOUT, Part.LOG)
)
KNOWN = (*OWN_MODE, *FOLDERS)

LEVELS = ("-v", "-vv", "-vvv", f"--log {LOG}")

DEP = wheel("dep", "1.0")
DEMO = (
    wheel("demo", "1.0"),
    wheel("demo", "1.5", "dep"),
    wheel("demo", "2.0", "dep>=1", scripts={"run-demo": "demo:main"}),
)
MORE = wheel("more", "1.0", "dep; extra == 'x'", extras=("x",))
SOURCE = project("source", "1.0", needs=("kit-backend",))
ONE = project("one", "1.0", "dep")
MAIN = index(
    DEP, *DEMO, MORE, BACKEND, SOURCE.sdist(),
    Listed(file=wheel("pulled", "2.0"), yanked="broken"), wheel("pulled", "1.0"),
    Listed(file=wheel("newer", "2.0", python=">=3.99")), wheel("newer", "1.0"),
    wheel("tagged", "2.0", tag="cp27-cp27m-win32"), wheel("tagged", "1.0"),
)  # fmt: skip
EXTRA = index(wheel("demo", "3.0"), name="extra")
REQUIRED = f"demo==1.0 --hash=sha256:{sha256(DEMO[0].content)}\n"

COMMANDS: dict[str, tuple[Any, dict[str, Any]]] = {
    "plain": ("install demo", {}),
    "extras": ("install more[x]", {}),
    "constraint": ("install demo -c c.txt", {"files": {"c.txt": "demo<2\n"}}),
    "upgrade": ("install -U demo", {"before": (DEMO[0],)}),
    "satisfied": ("install demo", {"before": (DEMO[2], DEP)}),
    "satisfied-upgrade": ("install -U demo", {"before": (DEMO[2], DEP)}),
    "dry-run": ("install --dry-run demo", {}),
    "sdist": ("install source", {}),
    "tree": ("install ./one", {"files": ONE.under("one")}),
    "editable": ("install -e ./one", {"files": ONE.under("one")}),
    "find-links": ("install --no-index -f <links> demo", {"links": (DEP, *DEMO)}),
    "find-links-page": ("install -f <main-page> demo", {}),
    "hashes": ("install -r r.txt", {"files": {"r.txt": REQUIRED}}),
    "yanked": ("install pulled", {}),
    "python": ("install newer", {}),
    "tags": ("install tagged", {}),
    "indexes": ("install demo --extra-index-url <extra>", {"more": (EXTRA,)}),
    "conflict": ("install demo==2.0 dep<1", {"exits": (1,)}),
    "not-found": ("install nothing", {"exits": (1,)}),
    "no-version": ("install demo==9", {"exits": (1,)}),
    "download": ("download demo -d out", {}),
    "wheel": ("wheel source -w out", {}),
    "uninstall": ("uninstall -y demo", {"before": (DEMO[2], DEP)}),
    "list": ("list", {"before": (DEP,)}),
    "list-outdated": ("list --outdated", {"before": (DEMO[0],)}),
    "show": ("show dep", {"before": (DEP,)}),
    "show-nothing": ("show nothing", {"exits": (1,)}),
    "freeze": ("freeze", {"before": (DEP,)}),
    "check": ("check", {"before": (DEP,)}),
    "config-list": ("config list", {}),
    "cache-list": ("cache list", {}),
    "index-versions": ("index versions demo", {}),
    "inspect": ("inspect", {"before": (DEP,)}),
    "lock": ("lock demo -o -", {}),
    "hash": ("hash f", {"files": {"f": "x"}}),
    "direct": ("install <main-files>/" + DEP.filename, {}),
    "path": (f"install ./{DEP.filename}", {"files": {DEP.filename: DEP}}),
    "file-options": ("install -r r.txt", {"more": (EXTRA,), "files": {
        "r.txt": "--extra-index-url <extra>\ndemo\ndep; python_version<'3'\n"}}),
    "backtracking": ("install app lib<2",
                     {"world": (index(*(wheel("app", f"{n}.0", f"lib>={n}") for n in range(1, 4)),
                                      *(wheel("lib", f"{n}.0") for n in range(1, 4))),)}),
    "twice": ("install demo", {"then": ("install -I demo",)}),
    "no-requirement": ("install", {"exits": (1,)}),
}  # fmt: skip


def _scenarios() -> Iterator[Scenario]:
    for name, (argv, world) in COMMANDS.items():
        for level in LEVELS:
            further = dict(world)
            worlds = further.pop("world", (MAIN, *further.pop("more", ())))
            then = tuple(f"{words} {level}" for words in further.pop("then", ()))
            rule = f"told-{name}-{level.split()[0].strip('-')}"
            yield scenario(
                rule, f"{argv} {level}", *worlds, then=then, returns=False, allow=KNOWN, **further
            )


SCENARIOS = tuple(_scenarios())
