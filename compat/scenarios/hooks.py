"""What a build backend's hooks may do, omit, or do wrong (PEP 517)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from compat.harness.known import HINTED, HOOK_FRAMES, PIP_CRASHES
from compat.harness.scenario import Scenario, scenario
from compat.kit.index import index
from tests.kit.projects import BACKEND, BUILT, Project, project
from tests.kit.wheels import wheel

MAIN = index(BACKEND, wheel("dep"))
WORDS = {
    "get_requires_for_build_wheel": "at-its-requirements",
    "prepare_metadata_for_build_wheel": "at-its-metadata",
    "build_wheel": "at-its-wheel",
}


def hooked(rule: str, what: Mapping[str, object], **world: Any) -> Scenario:
    """Return an install of a folder with a configurable backend."""
    return scenario(rule, "install ./demo", MAIN, files=project("demo", backend=what).under("demo"),
                    **world)  # fmt: skip


def failing(hook: str, *, served: bool) -> Scenario:
    """Return an install of a project whose backend exits in `hook`."""
    what = {"fails": {hook: "exit"}, "says": {hook: "I cannot"}}
    needs = ("kit-backend",) if served else ()
    kind = "a-backend-of-the-index" if served else "a-backend-in-the-tree"
    return scenario(f"{kind}-fails-{WORDS[hook]}", "install ./demo", MAIN, exits=(1,),
                    files=project("demo", backend=what, needs=needs).under("demo"),
                    shows=("I cannot", "exit code: 3"))  # fmt: skip


def raising(hook: str) -> Scenario:
    """Return an install of a project whose backend raises an error in `hook`."""
    return hooked(f"a-backend-raises-{WORDS[hook]}", {"fails": {hook: "I raise"}}, exits=(1,),
                shows=("RuntimeError: I raise",), allow=HOOK_FRAMES)  # fmt: skip


def system(rule: str, text: str, **world: Any) -> Scenario:
    """Return an install of a folder with this ``[build-system]``."""
    files = Project(name="demo", pyproject=f"[build-system]\n{text}\n").under("demo")
    return scenario(rule, "install ./demo", MAIN, files=files, **world)


SPEAKS = {hook: f"this is {hook}" for hook in BUILT}

SCENARIOS = (
    *(failing(hook, served=served) for hook in BUILT for served in (False, True)),
    *map(raising, BUILT),
    hooked("a-backend-that-dies", {"fails": {"build_wheel": "die"}}, exits=(1,)),
    hooked("a-backend-that-speaks", {"says": SPEAKS}),
    scenario("a-failing-backend-of-one-of-several", "install ./demo good", index(
        BACKEND, project("good").sdist(), project("more").sdist()), exits=(1,),
        files=project("demo", "1", "more", backend={
            "fails": {"build_wheel": "exit"}}).under("demo")),
    scenario("a-failing-backend-of-an-sdist", "install demo", index(
        wheel("demo", "0.9"),
        project("demo", backend={"fails": {"prepare_metadata_for_build_wheel": "exit"}}).sdist()),
        exits=(1,)),
    scenario("a-failing-build-of-an-sdist", "install demo", index(
        wheel("demo", "0.9"), project("demo", backend={"fails": {"build_wheel": "exit"}}).sdist()),
        exits=(1,)),
    scenario("a-failing-build-leaves-what-is-installed", "install -U ./demo", MAIN, exits=(1,),
             before=(wheel("demo", "0.9"),),
             files=project("demo", backend={"fails": {"build_wheel": "exit"}}).under("demo")),
    hooked("a-backend-without-a-metadata-hook", {"lacks": ["prepare_metadata_for_build_wheel"]}),
    hooked("a-backend-without-a-requirements-hook", {"lacks": ["get_requires_for_build_wheel"]}),
    hooked("a-backend-without-optional-hooks", {"lacks": list(BUILT[:2])}),
    hooked("a-backend-that-cannot-build", {"lacks": ["build_wheel"]}, exits=(1,),
         allow=HOOK_FRAMES),
    hooked("a-backend-without-a-metadata-hook-fails", {
        "lacks": ["prepare_metadata_for_build_wheel"], "fails": {"build_wheel": "exit"}},
        exits=(1,)),
    hooked("prepared-metadata-of-another-version",
         {"prepared": "Metadata-Version: 2.1\nName: demo\nVersion: 1.1\n"}),
    hooked("prepared-metadata-of-another-name",
         {"prepared": "Metadata-Version: 2.1\nName: other\nVersion: 1.0\n"}, exits=(1,)),
    hooked("prepared-metadata-without-a-name", {"prepared": "Metadata-Version: 2.1\nVersion: 1\n"},
         exits=(2,), allow=PIP_CRASHES),
    hooked("prepared-metadata-with-an-invalid-version",
         {"prepared": "Metadata-Version: 2.1\nName: demo\nVersion: one\n"}, exits=(2,),
         allow=PIP_CRASHES),
    hooked("a-built-wheel-of-another-version", {"version": "1.5"}, exits=(1,)),
    hooked("a-built-wheel-of-a-local-version", {
        "version": "1.0+cu124", "prepared": "Metadata-Version: 2.1\nName: demo\nVersion: 1.0\n",
        "metadata": "Metadata-Version: 2.1\nName: demo\nVersion: 1.0+cu124\n"}),
    hooked("a-built-wheel-of-another-name", {"name": "other"}, exits=(1,)),
    hooked("a-built-wheel-for-another-platform", {"tag": "cp27-none-win32"}),
    hooked("metadata-of-a-newer-level", {
        "metadata": "Metadata-Version: 2.4\nName: demo\nVersion: 1.0\nLicense-Expression: MIT\n"}),
    hooked("metadata-of-an-unknown-level", {
        "metadata": "Metadata-Version: 9.9\nName: demo\nVersion: 1.0\n"}),
    system("a-backend-that-is-not-there", 'requires = []\nbuild-backend = "nowhere"', exits=(1,),
           shows=("Cannot import build backend 'nowhere'",), allow=HINTED),
    system("an-object-as-a-backend", 'requires = []\nbuild-backend = "kit_backend:tool"\n'
           'backend-path = ["backend"]', exits=(1,), allow=HOOK_FRAMES),
    system("a-backend-outside-its-path", 'requires = []\nbuild-backend = "json"\n'
           'backend-path = ["backend"]', exits=(1,), allow=HOOK_FRAMES),
    system("a-backend-path-out-of-the-tree", 'requires = []\nbuild-backend = "kit_backend"\n'
           'backend-path = ["../backend"]', exits=(2,), allow=PIP_CRASHES),
    system("a-build-system-without-requirements", 'build-backend = "kit_backend"', exits=(1,)),
    system("a-build-system-with-requirements-of-another-kind", 'requires = "x"', exits=(1,)),
    system("a-build-system-with-an-invalid-requirement",
           'requires = ["x (>>1"]\nbuild-backend = "kit_backend"', exits=(1,)),
    system("a-build-system-that-is-no-toml", "requires = ", exits=(2,), allow=PIP_CRASHES),
)  # fmt: skip
