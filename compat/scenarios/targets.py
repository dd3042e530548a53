"""Installation targets: --target, --prefix, --root, --user, other platforms, PEP 668."""

from __future__ import annotations

from compat.harness.known import WRITTEN_OVER
from compat.harness.scenario import Target, scenario
from compat.kit.index import index
from tests.kit.wheels import wheel

TOOL = wheel("tool", "1.0", "dep", scripts={"tool": "tool:main"}, data={"data/share/tool.txt": "x",
             "headers/tool.h": "//", "scripts/run": "#!python\nprint(1)\n"})  # fmt: skip
NEWER = wheel("tool", "2.0", "dep", scripts={"tool": "tool:main"}, files={"tool/new.py": ""})
MAIN = index(TOOL, wheel("dep"))
BOTH = index(TOOL, NEWER, wheel("dep"))
FOREIGN = index(
    wheel("nat", "1.0", tag="cp39-cp39-win_amd64"),
    wheel("nat", "1.0", tag="cp39-cp39-manylinux2014_x86_64"),
    wheel("nat", "1.0", tag="cp39-cp39-macosx_10_9_x86_64"),
    wheel("nat", "0.9", "dep", tag="py3-none-any"),
    wheel("dep"),
)

SCENARIOS = (
    scenario("a-dry-run-with-a-target-and-a-prefix",
             "install --dry-run --target there --prefix elsewhere dep", MAIN),
    scenario("target-into-a-new-folder", "install --target t tool", MAIN),
    scenario("target-ignores-what-is-installed", "install --target t tool", MAIN,
             before=(wheel("dep"),)),
    scenario("target-again-keeps-what-is-there", "install --target t tool==1.0", BOTH,
             then=("install --target t tool",),
             shows=("already exists. Specify --upgrade to force replacement.",)),
    scenario("target-again-with-upgrade-replaces", "install --target t tool==1.0", BOTH,
             then=("install --target t --upgrade tool",)),
    scenario("target-with-a-file-of-the-users", "install --target t tool", MAIN,
             files={"t/tool/mine.txt": "x", "t/other.txt": "y"}),
    scenario("prefix", "install --prefix p tool", MAIN),
    scenario("prefix-again-upgrades-beside", "install --prefix p tool==1.0", BOTH,
             then=("install --prefix p -U tool",), allow=WRITTEN_OVER),
    scenario("root", "install --root <here>/r tool", MAIN),
    scenario("root-with-prefix", "install --root <here>/r --prefix /p tool", MAIN),
    scenario("user-in-a-virtual-environment-is-an-error", "install --user tool", MAIN, exits=(1,),
             shows=("User site-packages are not visible in this virtualenv.",)),
    scenario("user-with-prefix-is-an-error", "install --user --prefix p tool", MAIN, exits=(1,),
             shows=("Can not combine '--user' and '--prefix'",)),
    scenario("user-with-target-is-an-error", "install --user --target t tool", MAIN, exits=(1,),
             shows=("Can not combine '--user' and '--target'",)),
    scenario("user-of-an-interpreter-of-its-own", "install --user tool", MAIN,
             target=Target.ALONE, shows=("not on PATH",)),
    scenario("user-base-from-the-environment", "install --user tool", MAIN, target=Target.ALONE,
             environ={"PYTHONUSERBASE": "<here>/base"}),
    scenario("user-again-upgrades", "install --user tool==1.0", BOTH,
             then=("install --user -U tool",), target=Target.ALONE),
    scenario("user-beside-what-the-site-has", "install --user tool", BOTH, target=Target.ALONE,
             before=(TOOL,), shows=("Requirement already satisfied",)),
    scenario("user-newer-than-what-the-site-has", "install --user -U tool", BOTH,
             target=Target.ALONE, before=(TOOL, wheel("dep"))),
    scenario("an-interpreter-of-its-own", "install tool", MAIN, target=Target.ALONE),
    scenario("the-root-user-warning-can-be-silenced",
             "install --root-user-action ignore --no-warn-script-location tool", MAIN,
             target=Target.ALONE),
    scenario("a-managed-interpreter-is-left-alone", "install tool", MAIN, target=Target.MANAGED,
             exits=(1,), shows=("externally-managed-environment",
                                "This interpreter belongs to somebody else.")),
    scenario("user-does-not-override-a-managed-interpreter", "install --user tool", MAIN,
             target=Target.MANAGED, exits=(1,)),
    scenario("a-managed-interpreter-may-be-broken", "install --break-system-packages tool", MAIN,
             target=Target.MANAGED),
    scenario("target-needs-no-leave-of-a-managed-interpreter", "install --target t tool", MAIN,
             target=Target.MANAGED),
    scenario("a-managed-interpreter-may-be-asked", "install --dry-run --report r.json tool", MAIN,
             target=Target.MANAGED),
    scenario("uninstall-asks-leave-of-a-managed-interpreter", "uninstall -y tool",
             target=Target.MANAGED, before=(TOOL,), exits=(1,)),
    scenario("a-foreign-platform-needs-only-binary",
             "install --platform win_amd64 --target t nat", FOREIGN, exits=(1,)),
    scenario("a-foreign-platform-needs-a-target",
             "install --platform win_amd64 --only-binary :all: nat", FOREIGN, exits=(1,)),
    scenario("a-foreign-platform-into-a-target",
             "install --platform win_amd64 --python-version 3.9 --only-binary :all: -t t nat",
             FOREIGN, shows=("cp39-cp39-win_amd64",)),
    scenario("a-foreign-linux",
             "install --platform manylinux_2_28_x86_64 --platform manylinux2014_x86_64 "
             "--python-version 39 --only-binary :all: -t t nat", FOREIGN),
    scenario("a-foreign-mac-accepts-an-older-one",
             "install --platform macosx_12_0_x86_64 --python-version 3.9 --implementation cp "
             "--abi cp39 --no-deps -t t nat", FOREIGN),
    scenario("a-foreign-python-that-nothing-fits",
             "install --python-version 3.8 --only-binary :all: -t t nat==1.0", FOREIGN, exits=(1,)),
    scenario("a-foreign-python-and-requires-python",
             "install --python-version 3.9 --only-binary :all: -t t py",
             index(wheel("py", "2.0", python=">=3.10"), wheel("py", "1.0", python=">=3.8"))),
    scenario("a-foreign-dry-run-with-a-report",
             "install --dry-run --report - --platform win_amd64 --python-version 3.9 "
             "--only-binary :all: nat", FOREIGN),
    scenario("an-environment-that-sees-its-base", "install tool", MAIN, target=Target.SEEING),
)  # fmt: skip
