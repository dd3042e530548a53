"""Editable installs (PEP 660) of folders."""

from __future__ import annotations

from compat.harness.known import KEPT_ENVIRONMENT, STATIC
from compat.harness.scenario import Target, scenario
from compat.kit.index import index
from tests.kit.installed import installed_wheel, installed_wheels
from tests.kit.projects import BACKEND, project
from tests.kit.wheels import wheel

DEMO = project("demo", "1.0", "dep", extras=("x",), scripts={"run": "demo:main"})
NEEDY = project("demo", "1.0", "dep", needs=("kit-backend",))
DEP = wheel("dep")
MAIN = index(DEP, BACKEND)
FOLDER = DEMO.under("demo")
REAL = {"SOURCE_DATE_EPOCH": "1577836800"}
SETUP = "from setuptools import setup\nsetup(name='demo', version='1.0', py_modules=['demo'])\n"


def fails(hook: str) -> dict[str, str | bytes]:
    """Return a project whose backend prints a line and exits in `hook`."""
    backend = {"fails": {hook: "exit"}, "says": {hook: "I cannot"}}
    return project("demo", backend=backend).under("demo")


SCENARIOS = (
    scenario("an-editable-folder", "install -e ./demo", MAIN, files=FOLDER, freezes=True,
             shows=("Building editable for demo",)),
    scenario("an-editable-folder-by-its-long-option", "install --editable=demo", MAIN,
             files=FOLDER),
    scenario("this-folder-editable", "install -e .", MAIN, files=DEMO.tree),
    scenario("an-editable-of-a-src-layout", "install -e ./demo", MAIN, freezes=True,
             files=project("demo", "1.0", "dep", layout="src").under("demo")),
    scenario("an-editable-with-a-backend-of-the-index", "install -e ./demo", MAIN,
             files=NEEDY.under("demo")),
    scenario("an-editable-with-an-extra", "install -e ./demo[x]", MAIN, files=FOLDER),
    scenario("an-editable-by-url", "install -e file://<here>/demo", MAIN, files=FOLDER),
    scenario("an-editable-by-url-with-an-egg", "install -e file://<here>/demo#egg=demo", MAIN,
             files=FOLDER),
    scenario("an-editable-with-an-egg-of-another-name",
             "install -e file://<here>/demo#egg=other", MAIN, files=FOLDER, exits=(1,)),
    scenario("a-named-editable", ("install", "-e", "demo @ file://<here>/demo"), MAIN,
             files=FOLDER),
    scenario("an-editable-in-a-file", "install -r d/r.txt", MAIN,
             files={"d/r.txt": "-e ./demo\n", **FOLDER}),
    scenario("an-editable-with-a-subdirectory", "install -e file://<here>/top#subdirectory=demo",
             MAIN, files=DEMO.under("top/demo")),
    scenario("an-editable-with-settings", "install -e ./demo -C one=1 -C two=2 -C one=3", MAIN,
             files=NEEDY.under("demo")),
    scenario("an-editable-in-a-file-with-settings", "install -r r.txt", MAIN, files={
        "r.txt": '-e ./demo --config-settings "one=1"\n', **FOLDER}),
    scenario("an-editable-that-asks-for-more", "install -e ./demo",
             index(DEP, BACKEND, wheel("more", files={"more.py": "VERSION = 'more'\n"})),
             files=project("demo", needs=("kit-backend",), backend={
                 "needs": {"get_requires_for_build_editable": ["more"]}}).under("demo")),
    scenario("two-editables", "install -e ./demo -e ./other", MAIN, files={
        **FOLDER, **project("other", "2", "demo").under("other")}),
    scenario("an-editable-satisfies-a-dependency", "install -e ./demo top",
             index(DEP, wheel("top", "1", "demo>=1")), files=FOLDER),
    scenario("an-editable-twice", "install -e ./demo", MAIN, files=FOLDER,
             then=("install -e ./demo", "install demo")),
    scenario("an-editable-over-a-wheel", "install -e ./demo", MAIN, files=FOLDER,
             before=(wheel("demo", "0.5"), DEP)),
    scenario("an-editable-over-the-same-version", "install -e ./demo", MAIN, files=FOLDER,
             before=(wheel("demo", "1.0"), DEP)),
    scenario("a-wheel-over-an-editable", "install -e ./demo", index(DEP, wheel("demo", "2")),
             files=FOLDER, then=("install -U demo",)),
    scenario("a-folder-over-its-editable", "install -e ./demo", MAIN, files=FOLDER,
             then=("install ./demo",)),
    scenario("a-folder-and-its-editable-at-once", "install ./demo -e ./demo", MAIN, files=FOLDER,
             exits=(1,)),
    scenario("an-editable-dry", "install --dry-run -e ./demo", MAIN, files=FOLDER),
    scenario("an-editable-in-a-report", "install --dry-run -q --report - -e ./demo", MAIN,
             files=FOLDER),
    scenario("an-editable-without-dependencies", "install --no-deps -e ./demo", MAIN,
             files=FOLDER),
    scenario("an-editable-into-a-target", "install -e ./demo --target <here>/t", MAIN,
             files=FOLDER),
    scenario("an-editable-of-a-user", "install --user -e ./demo", MAIN, files=FOLDER,
             target=Target.ALONE),
    scenario("an-editable-of-a-backend-that-has-none", "install -e ./demo", MAIN, exits=(1,),
             files=project("demo", backend={"lacks": ["build_editable"]}).under("demo"),
             shows=("missing the 'build_editable' hook",)),
    scenario("an-editable-without-a-metadata-hook", "install -e ./demo", MAIN, files=project(
        "demo", backend={"lacks": ["prepare_metadata_for_build_editable"]}).under("demo")),
    scenario("an-editable-of-an-archive", "install -e ./demo-1.0.tar.gz", MAIN, exits=(1,),
             files={"demo-1.0.tar.gz": DEMO.sdist()}),
    scenario("an-editable-of-a-wheel", f"install -e ./{DEP.filename}", MAIN, exits=(1,),
             files={DEP.filename: DEP}),
    scenario("an-editable-of-a-name", "install -e demo", MAIN, exits=(1,)),
    scenario("an-editable-that-is-not-there", "install -e ./nowhere", MAIN, exits=(1,)),
    scenario("an-editable-that-is-no-project", "install -e ./empty", MAIN, exits=(1,),
             files={"empty/x": ""}),
    scenario("an-editable-in-hash-mode", "install --require-hashes -e ./demo", MAIN, exits=(1,),
             files=FOLDER),
    scenario("an-editable-that-asks-in-vain", "install -e ./demo", MAIN, exits=(1,),
             files=fails("get_requires_for_build_editable"), shows=("I cannot",)),
    scenario("an-editable-without-metadata", "install -e ./demo", MAIN, exits=(1,),
             files=fails("prepare_metadata_for_build_editable"), shows=("I cannot",)),
    scenario("an-editable-that-cannot-be-built", "install -e ./demo", MAIN, exits=(1,),
             files=fails("build_editable"), shows=("I cannot",)),
    scenario("an-editable-setup-script", "install -e ./demo", index(installed_wheel("setuptools")),
             files={"demo/setup.py": SETUP, "demo/demo.py": ""}, environ=REAL,
             allow=KEPT_ENVIRONMENT),
    scenario("an-editable-of-hatch", "install -e ./demo", index(
        *installed_wheels("hatchling"), installed_wheel("editables")), environ=REAL, files={
                 "demo/pyproject.toml": "[build-system]\nrequires = ['hatchling']\n"
                 "build-backend = 'hatchling.build'\n[project]\nname = 'demo'\nversion = '1.0'\n",
                 "demo/src/demo/__init__.py": "ONE = 1\n"},
             allow=STATIC),
    scenario("an-editable-of-flit-without-isolation", "install --no-build-isolation -e ./demo",
             MAIN, environ=REAL, exits=(1,), files={
                 "demo/pyproject.toml": "[build-system]\nrequires = ['flit-core']\n"
                 "build-backend = 'flit_core.buildapi'\n[project]\nname = 'demo'\n"
                 "dynamic = ['version', 'description']\n",
                 "demo/demo.py": "ONE = 1\n"}),
)  # fmt: skip
