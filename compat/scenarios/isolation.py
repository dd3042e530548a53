"""Build environments: what a build sees and requires (PEP 518, PEP 517)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from compat.harness.known import PIP_CRASHES
from compat.harness.scenario import Scenario, Target, scenario
from compat.kit.index import index
from tests.kit.projects import BACKEND, project
from tests.kit.wheels import Wheel, wheel


def tool(version: str, *requires: str) -> Wheel:
    """Return a wheel with a module that a build can import, which contains a version."""
    return wheel("tool", version, *requires, files={"tool.py": f"VERSION = {version!r}\n"})


HELP = wheel("helper", files={"helper.py": "VERSION = 'helper'\n"})
TOOLS = tuple(map(tool, ("1.0", "1.5", "2.0")))
MAIN = index(BACKEND, HELP, *TOOLS)
SEES = {"modules": ["tool", "helper"]}
WHEEL = "get_requires_for_build_wheel"


def needing(rule: str, *needs: str, words: str = "install ./demo", **world: Any) -> Scenario:
    """Return an install of a project that records what it sees of its build requirements."""
    what = {**SEES, **world.pop("backend", {})}
    files = project("demo", needs=("kit-backend", *needs), backend=what).under("demo")
    files |= world.pop("files", {})
    return scenario(rule, words, world.pop("main", MAIN), files=files, **world)


def asking(rule: str, *requirements: str, needs: tuple[str, ...] = (), **world: Any) -> Scenario:
    """Return an install of a project whose hook adds build requirements."""
    return needing(rule, *needs, backend={"needs": {WHEEL: list(requirements)}}, **world)


def virtual(rule: str, *needs: str, asks: tuple[str, ...] = (), **world: Any) -> Scenario:
    """Return the same scenarios with virtual environments for builds."""
    backend = {"needs": {WHEEL: list(asks)}, "variables": ["PYTHONPATH", "PYTHONNOUSERSITE"]}
    backend |= world.pop("backend", {})
    words = world.pop("words", f"install {VENV} ./demo")
    return needing(f"venv-{rule}", *needs, backend=backend, words=words, **world)


VENV = "--use-feature venv-isolation"
TELLER = wheel("teller", "1.0", files={"teller.py": "import told\n\n\ndef main():\n    pass\n",
                                       "told.py": ""}, scripts={"tell": "teller:main"})  # fmt: skip
RUNS = {"runs": {"build_wheel": ["tell"]}}


def _virtual() -> Iterator[Scenario]:
    """Return the scenarios of builds in virtual environments."""
    yield virtual("build-requirements", "tool", "helper")
    yield virtual("a-build-sees-nothing-of-the-environment", before=(tool("1.0"), HELP))
    yield virtual("a-backend-asks-for-more", "helper", asks=("tool",))
    yield virtual("a-backend-asks-for-what-it-has", "tool", asks=("tool>=1.5",))
    yield virtual("a-backend-asks-for-another-version", "tool==2.0", asks=("tool==1.0",),
                  exits=(1,))  # fmt: skip
    yield virtual("what-is-asked-for-replaces-what-was-stated", "tool==2.0", asks=("more",),
                  main=index(BACKEND, *TOOLS, wheel("more", "1", "tool<2")))  # fmt: skip
    yield virtual("what-is-asked-for-needs-what-is-there", "tool==1.0", asks=("more",),
                  main=index(BACKEND, *TOOLS, wheel("more", "1", "tool")))  # fmt: skip
    yield virtual("a-build-requirement-that-is-not-there", "nowhere", exits=(1,))
    yield virtual(
        "a-build-requirement-that-is-an-sdist",
        "more",
        main=index(BACKEND, *TOOLS, project("more", "1", "tool==1.0").sdist()),
    )
    yield virtual("a-program-of-a-build-requirement", "teller", backend=RUNS,
                  main=index(BACKEND, TELLER))  # fmt: skip
    yield virtual("a-program-of-the-environment", backend=RUNS, before=(TELLER,),
                  target=Target.ACTIVE)  # fmt: skip
    yield virtual("no-isolation", words=f"install {VENV} --no-build-isolation ./demo",
                  before=(BACKEND,))  # fmt: skip
    yield virtual("of-an-editable", "tool", words=f"install {VENV} -e ./demo")
    for name, needs in (("without-requirements", ()), ("of-a-wheel", ("kit-backend",))):
        yield scenario(f"venv-{name}", f"wheel {VENV} -w w ./demo", MAIN,
                       files=project("demo", needs=needs).under("demo"))  # fmt: skip


SCENARIOS = (
    *_virtual(),
    needing("build-requirements-are-installed-for-the-build", "tool", "helper"),
    needing("build-requirements-with-a-version", "tool<2"),
    needing("build-requirements-with-a-marker", 'tool; python_version < "3"', "helper"),
    needing("build-requirements-with-dependencies", "more", main=index(
        BACKEND, *TOOLS, wheel("more", "1", "tool==1.5"))),
    needing("build-requirements-with-an-extra", "more[x]", main=index(
        BACKEND, *TOOLS, wheel("more", "1", "tool==1.5; extra == 'x'", extras=("x",)))),
    needing("a-build-sees-nothing-of-the-environment", before=(tool("1.0"), HELP)),
    needing("a-build-requirement-beside-an-older-one", "tool>=2", before=(tool("1.0"),)),
    needing("a-build-requirement-that-is-not-there", "nowhere", exits=(1,)),
    needing("build-requirements-that-conflict", "tool==1.0", "tool==2.0", exits=(1,)),
    needing("build-requirements-whose-dependencies-conflict", "tool==1.0", "more", exits=(1,),
            main=index(BACKEND, *TOOLS, wheel("more", "1", "tool>=2"))),
    needing("a-build-requirement-that-is-an-sdist", "more", main=index(
        BACKEND, *TOOLS, project("more", "1", "tool==1.0").sdist())),
    needing("a-build-requirement-of-sdists-of-sdists", "more", main=index(
        BACKEND, *TOOLS, project("more", "1", needs=("kit-backend", "less")).sdist(),
        project("less", "1", needs=("kit-backend",)).sdist())),
    needing("a-build-requirement-that-cannot-be-built", "more", exits=(1,), main=index(
        BACKEND, project("more", backend={"fails": {"build_wheel": "exit"}}).sdist())),
    needing("a-build-requirement-from-find-links", "tool", main=index(BACKEND),
            words="install ./demo --find-links <links>", links=(tool("3.0"),)),
    needing("build-requirements-without-an-index", "tool",
            words="install ./demo --no-index --find-links <links>", links=(BACKEND, tool("3.0"))),
    scenario("a-build-requirement-from-an-extra-index",
             "install ./demo --extra-index-url <extra>", index(BACKEND),
             index(*TOOLS, name="extra"), files=project(
                 "demo", needs=("kit-backend", "tool"), backend=SEES).under("demo")),
    needing("a-build-requirement-is-a-prerelease", "tool", words="install ./demo --pre",
            main=index(BACKEND, *TOOLS, tool("3.0rc1"))),
    needing("build-requirements-only-from-binaries", "more",
            words="install ./demo --only-binary :all:", exits=(1,),
            main=index(BACKEND, project("more").sdist())),
    needing("a-constraint-is-none-of-the-build", "tool", words="install ./demo -c c.txt",
            files={"c.txt": "tool==1.0\n"}),
    needing("a-constraint-of-the-environment", "tool", environ={"PIP_CONSTRAINT": "<here>/c.txt"},
            files={"c.txt": "tool==1.0\n"}),
    needing("a-build-constraint", "tool", words="install ./demo --build-constraint c.txt",
            files={"c.txt": "tool==1.0\n"}),
    needing("a-build-constraint-of-the-environment", "tool",
            environ={"PIP_BUILD_CONSTRAINT": "<here>/c.txt"}, files={"c.txt": "tool<2\n"}),
    needing("build-constraints-of-several-files", "tool",
            words="install ./demo --build-constraint c.txt --build-constraint d.txt",
            files={"c.txt": "tool<2\n", "d.txt": "tool!=1.5\n"}),
    needing("a-build-constraint-that-cannot-be-met", "tool>=2", exits=(1,),
            words="install ./demo --build-constraint c.txt", files={"c.txt": "tool==1.0\n"}),
    needing("a-build-constraint-that-is-not-there", "tool", exits=(1,),
            words="install ./demo --build-constraint nowhere.txt"),
    needing("a-build-constraint-is-none-of-the-install", "tool",
            words="install ./demo tool --build-constraint c.txt", files={"c.txt": "tool==1.0\n"}),
    asking("a-backend-asks-for-more", "tool"),
    asking("a-backend-asks-for-what-it-has", "tool>=1.5", needs=("tool",)),
    asking("a-backend-asks-for-another-version", "tool==1.0", needs=("tool==2.0",), exits=(1,)),
    asking("a-backend-asks-for-what-is-not-there", "nowhere", exits=(1,)),
    asking("a-backend-asks-under-a-build-constraint", "tool",
           words="install ./demo --build-constraint c.txt", files={"c.txt": "tool==1.0\n"}),
    asking("a-backend-asks-for-what-is-invalid", "tool (>>1", exits=(2,), allow=PIP_CRASHES),
    needing("no-isolation", words="install --no-build-isolation ./demo",
            before=(BACKEND, tool("1.0"))),
    needing("no-isolation-without-the-backend", words="install --no-build-isolation ./demo",
            exits=(1,)),
    needing("no-isolation-with-an-older-requirement", "tool>=2",
            words="install --no-build-isolation ./demo", before=(BACKEND, tool("1.0"))),
    needing("build-dependencies-are-checked", "tool>=2", "helper", exits=(1,),
            words="install --no-build-isolation --check-build-dependencies ./demo",
            before=(BACKEND, tool("1.0"))),
    needing("build-dependencies-are-checked-and-there", "tool<2",
            words="install --no-build-isolation --check-build-dependencies ./demo",
            before=(BACKEND, tool("1.0"))),
    asking("asked-build-dependencies-are-checked", "tool>=2",
           words="install --no-build-isolation --check-build-dependencies ./demo",
           before=(BACKEND, tool("1.0"))),
    needing("no-isolation-of-an-editable", words="install --no-build-isolation -e ./demo",
            before=(BACKEND,)),
    needing("isolation-of-a-build-from-the-environment", "tool",
            environ={"PIP_NO_BUILD_ISOLATION": "1"}),
    needing("no-isolation-of-a-build-from-the-environment", "tool", exits=(1,),
            environ={"PIP_NO_BUILD_ISOLATION": "0"}),
    scenario("two-sources-with-other-build-requirements", "install ./one ./two", MAIN, files={
        **project("one", needs=("kit-backend", "tool==1.0"), backend=SEES).under("one"),
        **project("two", needs=("kit-backend", "tool==2.0"), backend=SEES).under("two")}),
    scenario("a-source-that-needs-itself-to-build", "install demo", index(
        BACKEND, project("demo", needs=("kit-backend", "demo")).sdist()), exits=(1,),
             allow=PIP_CRASHES),
    scenario("a-source-with-an-underscore-that-needs-itself", "install demo_one", index(
        BACKEND, project("demo_one", needs=("kit-backend", "demo_one")).sdist()), exits=(1,),
             allow=PIP_CRASHES, shows=("is already being built: demo_one from",)),
    needing("variables-reach-the-build", backend={"variables": ["DEMO_ONE", "PIP_NO_INPUT"]},
            environ={"DEMO_ONE": "1"}),
    needing("a-program-of-a-build-requirement", "tool",
            backend={"variables": ["PYTHONNOUSERSITE"]}),
)  # fmt: skip
