"""Built wheels: output, cache hits, and the effect of config settings."""

from __future__ import annotations

from typing import Any

from compat.harness.known import BUILT_AGAIN, REBUILT
from compat.harness.scenario import Scenario, Stance, scenario
from compat.kit.index import index
from tests.kit.projects import BACKEND, project
from tests.kit.wheels import wheel

SEES = {"variables": ["DEMO_ONE"], "modules": ["tool"]}
DEMO = project("demo", backend=SEES)
NEEDY = project("demo", needs=("kit-backend",), backend=SEES)
SDIST = DEMO.sdist()
MAIN = index(SDIST, BACKEND, project("other").sdist())
URL = f"<main-files>/{SDIST.filename}"
FORCED = "install --force-reinstall"
FOLDER = NEEDY.under("demo")
CUDA = {
    "version": "1.0+cu124",
    "prepared": "Metadata-Version: 2.1\nName: demo\nVersion: 1.0\n",
    "metadata": "Metadata-Version: 2.1\nName: demo\nVersion: 1.0+cu124\n",
}


def twice(rule: str, first: str, second: str, **world: Any) -> Scenario:
    """Return two installs, one after the other, with one cache."""
    return scenario(rule, first, MAIN, then=(second,), **world)


def settings(rule: str, words: str, **world: Any) -> Scenario:
    """Return an install of the folder with config settings."""
    files = {**FOLDER, **world.pop("files", {})}
    return scenario(rule, f"install {words}", MAIN, files=files, **world)


def several(count: int) -> tuple[str, ...]:
    """Return the names of some projects."""
    return tuple(f"part{number}" for number in range(count))


def kept(how: str, **stance: Any) -> Scenario:
    """Return a build without isolation that fails where an earlier one succeeded."""
    words = "install --no-build-isolation"
    backend = {"imports": {"build_wheel": ["tool"]}, "modules": ["tool"]}
    demo = project("demo", needs=("kit-backend",), backend=backend)
    return scenario(f"the-wheel-of-an-earlier-build-if-another-one-fails-{how}", f"{words} demo",
                    index(demo.sdist()), before=(BACKEND, wheel("tool", "1.0")),
                    then=("uninstall -y tool", f"{words} --force-reinstall demo"),
                    stance=Stance(**stance))  # fmt: skip


LEFT = ("demo==1.0", "kit-backend==1.0")
SCENARIOS = (
    kept("in-parity", environ={"PIPFAST_PIP_COMPAT": "1"}, leaves=LEFT,
         says=("The build of demo failed; continuing with demo-1.0-py3-none-any.whl",)),
    kept("guarded", code=1, leaves=LEFT, says=("set PIPFAST_PIP_COMPAT=1",)),
    scenario("an-isolated-build-is-spared-by-one-that-was-not", "wheel --no-build-isolation demo",
             index(NEEDY.sdist()), before=(BACKEND,), then=("install demo",),
             shows=("Successfully built demo", "Successfully installed demo-1.0")),
    twice("an-sdist-of-an-index-is-built-once", "install demo", f"{FORCED} demo",
          shows=("Stored in directory", "Using cached")),
    twice("an-sdist-by-url-is-built-once", f"install {URL}", f"{FORCED} {URL}"),
    twice("a-named-sdist-by-url-is-built-once", f"install {URL}#egg=demo",
          f"{FORCED} {URL}#egg=demo"),
    twice("an-sdist-by-path-is-built-again", f"install ./{SDIST.filename}",
          f"{FORCED} ./{SDIST.filename}", files={SDIST.filename: SDIST}),
    twice("a-folder-is-built-again", "install ./demo", f"{FORCED} ./demo", files=FOLDER),
    twice("without-a-cache-an-sdist-is-built-again", "install --no-cache-dir demo",
          f"{FORCED} --no-cache-dir demo"),
    twice("a-cache-that-was-not-used-is-empty", "install --no-cache-dir demo", f"{FORCED} demo"),
    twice("a-cached-wheel-serves-where-no-binaries-shall",
          "install --no-binary :all: demo", f"{FORCED} --no-binary :all: demo"),
    twice("a-cached-wheel-serves-for-a-pin", "install demo", f"{FORCED} demo==1.0"),
    twice("a-cached-wheel-in-hash-mode", "install demo", f"{FORCED} -r r.txt", files={
        "r.txt": f"demo==1.0 --hash=sha256:{SDIST.sha256}\n"}),
    twice("a-cached-wheel-in-hash-mode-with-another-hash", "install demo", f"{FORCED} -r r.txt",
          files={"r.txt": f"demo==1.0 --hash=sha256:{'0' * 64}\n"}, exits=(0, 1)),
    twice("a-cached-wheel-in-a-report", "install demo",
          "install --dry-run -I -q --report - demo"),
    twice("a-dry-run-keeps-no-wheel", "install --dry-run demo", "install demo"),
    twice("a-cached-wheel-by-url-in-a-report", f"install {URL}",
          f"install --dry-run -I -q --report - {URL}"),
    twice("a-wheel-built-with-settings-is-not-kept", "install -C one=1 demo",
          f"{FORCED} demo",
             allow=REBUILT),
    twice("a-cached-wheel-is-not-used-with-settings", "install demo", f"{FORCED} -C one=1 demo",
             allow=REBUILT),
    scenario("a-cached-wheel-of-a-local-version", "install demo==1.0",
             index(project("demo", backend=CUDA).sdist()), then=(f"{FORCED} demo==1.0",),
             exits=(0, 1), allow=BUILT_AGAIN),
    scenario("a-native-wheel-is-kept-for-its-tag", "install demo",
             index(project("demo", backend={"tag": "cp311-cp311-linux_x86_64"}).sdist())),
    scenario("several-sdists", f"install {' '.join(several(6))}", index(
        BACKEND, *(project(name, needs=("kit-backend",)).sdist() for name in several(6)))),
    scenario("several-sdists-in-the-order-of-their-dependencies", "install part0", index(
        *(project(name, "1", *several(4)[number + 1:number + 2]).sdist()
          for number, name in enumerate(several(4))))),
    scenario("several-kinds-at-once", "install part0 ./demo -e ./mine wheely", index(
        BACKEND, wheel("wheely"), project("part0").sdist()),
        files={**FOLDER, **project("mine").under("mine")}),
    scenario("quietly", "install -q ./demo", MAIN, files=FOLDER),
    scenario("quietly-and-in-vain", "install -q ./demo", MAIN, exits=(1,), files=project(
        "demo", backend={"fails": {"build_wheel": "exit"}, "says": {"build_wheel": "I cannot"}},
    ).under("demo")),
    settings("a-setting", "-C one=1 ./demo"),
    settings("a-setting-by-its-long-option", "--config-settings one=1 ./demo"),
    settings("a-setting-given-twice", "-C one=1 -C two=2 -C one=3 ./demo"),
    settings("a-setting-without-a-value", "-C one= ./demo"),
    settings("a-setting-without-a-sign", "-C one ./demo", exits=(2,)),
    settings("a-setting-for-one-requirement", "-r r.txt", files={
        "r.txt": './demo --config-settings "one=1" --config-settings "two=2"\n'}),
    settings("a-setting-for-one-requirement-and-for-all", "-C one=0 -r r.txt", files={
        "r.txt": './demo --config-settings "one=1"\nother\n'}),
    settings("a-variable-is-read-by-the-build", "./demo", environ={"DEMO_ONE": "yes"}),
    twice("a-variable-is-no-part-of-pips-cache", "install demo", f"{FORCED} demo",
          environ={"DEMO_ONE": "yes"}),
    settings("a-wheel-is-built-in-an-environment-that-is-read", "./demo --use-pep517"),
)  # fmt: skip
