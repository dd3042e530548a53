"""Sdists, archives and folders, in every form that names them."""

from __future__ import annotations

from compat.harness.known import LOOKED_AT_ONCE, STATIC
from compat.harness.scenario import Scenario, Stance, scenario
from compat.kit.index import Listed, index
from tests.kit.installed import installed_wheel, installed_wheels
from tests.kit.projects import BACKEND, project
from tests.kit.wheels import Built, sha256, wheel

DEMO = project("demo", "1.0", "dep", needs=("kit-backend",), extras=("x",),
               scripts={"d": "demo:main"})  # fmt: skip
DEP = wheel("dep")
ALONE = project("demo", "1.0", "dep")
SDIST = DEMO.sdist()
MAIN = index(SDIST, DEP, BACKEND)
FILE = {SDIST.filename: SDIST}
URL = f"<main-files>/{SDIST.filename}"
FOLDER = DEMO.under("demo")
HASH = f"--hash=sha256:{SDIST.sha256}"
REAL = {"SOURCE_DATE_EPOCH": "1577836800"}
SETUPTOOLS = installed_wheel("setuptools")
SETUP = "from setuptools import setup\nsetup(name='demo', version='1.0', py_modules=['demo'])\n"
LEGACY = {"demo/setup.py": SETUP, "demo/demo.py": "ONE = 1\n"}
FLIT = {
    "demo/pyproject.toml": "[build-system]\nrequires = ['flit-core']\n"
    "build-backend = 'flit_core.buildapi'\n[project]\nname = 'demo'\nversion = '1.0'\n"
    "description = 'Demo'\ndependencies = ['dep']\n",
    "demo/demo.py": "ONE = 1\n",
}
HATCH = {
    "demo/pyproject.toml": "[build-system]\nrequires = ['hatchling']\n"
    "build-backend = 'hatchling.build'\n[project]\nname = 'demo'\nversion = '1.0'\n"
    "dependencies = ['dep']\n[project.scripts]\nrun = 'demo:main'\n",
    "demo/demo/__init__.py": "ONE = 1\n",
}
SUFFIXES = (".tar.gz", ".tgz", ".zip", ".tar.bz2", ".tbz", ".tar.xz", ".txz", ".tlz", ".tar.lzma",
            ".tar")  # fmt: skip


def archived(suffix: str) -> Scenario:
    """Return an install of an archive by path."""
    name = f"demo-1.0{suffix}"
    return scenario(f"an-archive-{suffix[1:]}-by-path", f"install ./{name}", MAIN,
                    files={name: ALONE.archive(suffix)}, shows=("Processing ./demo",))  # fmt: skip


def told_otherwise(**what: str) -> tuple[Built, ...]:
    """Return an older release, and one whose source contradicts its file name."""
    return (wheel("app", "0.9"), project("app", **what).sdist())


SCENARIOS = (
    *map(archived, SUFFIXES),
    scenario("an-sdist-of-an-index", "install demo", MAIN, shows=("Preparing metadata",)),
    scenario("an-sdist-by-path", f"install ./{SDIST.filename}", MAIN, files=FILE),
    scenario("an-sdist-by-path-with-an-extra", f"install ./{SDIST.filename}[x]", MAIN, files=FILE),
    scenario("an-sdist-by-url", f"install {URL}", MAIN),
    scenario("a-named-sdist-by-url", ("install", f"demo @ {URL}"), MAIN),
    scenario("an-sdist-by-url-with-its-hash", ("install", f"demo @ {URL}#sha256={SDIST.sha256}"),
             MAIN),
    scenario("an-sdist-by-url-with-a-wrong-hash", f"install {URL}#sha256={sha256(b'other')}", MAIN,
             exits=(1,)),
    scenario("an-sdist-by-url-with-an-egg", f"install {URL}#egg=demo", MAIN),
    scenario("an-sdist-by-url-with-an-egg-of-another-name", f"install {URL}#egg=other", MAIN,
             exits=(1,), shows=("has inconsistent name",)),
    scenario("an-archive-with-a-subdirectory", "install <main-files>/two-1.tar.gz#subdirectory=sub",
             index(project("two", "1", pyproject=None, files=ALONE.under("sub")).sdist(), DEP)),
    scenario("an-archive-without-the-subdirectory",
             "install <main-files>/demo-1.0.tar.gz#subdirectory=sub", MAIN, exits=(1,)),
    scenario("a-folder", "install ./demo", MAIN, files=FOLDER, freezes=True),
    scenario("this-folder", "install .", MAIN, files=DEMO.tree),
    scenario("a-folder-with-an-extra", "install ./demo[x]", MAIN, files=FOLDER),
    scenario("a-folder-with-an-unknown-extra", "install ./demo[none]", MAIN, files=FOLDER,
             shows=("does not provide the extra 'none'",)),
    scenario("a-folder-by-url", "install file://<here>/demo", MAIN, files=FOLDER),
    scenario("a-named-folder", ("install", "demo @ file://<here>/demo"), MAIN, files=FOLDER),
    scenario("a-folder-under-another-name", ("install", "other @ file://<here>/demo"), MAIN,
             files=FOLDER, exits=(1,), shows=("has inconsistent name",)),
    scenario("a-folder-in-a-file", "install -r d/r.txt", MAIN,
             files={"d/r.txt": "./demo\n", **FOLDER}),
    scenario("a-folder-that-is-not-there", "install ./nowhere", MAIN, exits=(1,)),
    scenario("a-folder-without-a-project", "install ./empty", MAIN, files={"empty/x": ""},
             exits=(1,), shows=("Neither 'setup.py' nor 'pyproject.toml' found",)),
    scenario("a-folder-twice", "install ./demo", MAIN, files=FOLDER, then=("install ./demo",)),
    scenario("a-folder-for-what-is-installed", "install ./demo", MAIN, files=FOLDER,
             before=(wheel("demo", "1.0"), DEP)),
    scenario("a-folder-satisfies-a-pin", "install ./demo", MAIN, files=FOLDER,
             then=("install demo==1.0", "install -U demo")),
    scenario("two-folders-of-one-project", "install ./demo ./more", MAIN, exits=(1,),
             files={**FOLDER, **ALONE.under("more")}),
    scenario("an-sdist-after-a-dry-run", "install --dry-run demo", MAIN, then=("install demo",)),
    scenario("an-sdist-after-a-download", "download demo", MAIN, then=("install demo",)),
    scenario("an-sdist-with-static-metadata-after-a-dry-run", "install --dry-run stat",
             index(project("stat", "1", static="2.2").sdist(), BACKEND), then=("install stat",),
             allow=STATIC),
    scenario("a-folder-dry", "install --dry-run ./demo", MAIN, files=FOLDER),
    scenario("a-folder-dry-with-a-report", "install --dry-run -q --report - ./demo", MAIN,
             files=FOLDER),
    scenario("an-sdist-of-an-index-in-a-report", "install --dry-run -q --report - demo", MAIN),
    scenario("a-folder-into-a-target", "install ./demo --target <here>/t", MAIN, files=FOLDER),
    scenario("a-wheel-beats-the-sdist", "install demo", index(SDIST, wheel("demo"), BACKEND)),
    scenario("a-newer-sdist-beats-a-wheel", "install demo",
             index(SDIST, wheel("demo", "0.9"), BACKEND, DEP)),
    scenario("an-older-wheel-is-preferred", "install demo --prefer-binary",
             index(SDIST, wheel("demo", "0.9"), BACKEND, DEP)),
    scenario("only-binaries", "install demo --only-binary :all:", MAIN, exits=(1,),
             shows=("from versions: none",)),
    scenario("no-binary-of-one", "install demo --no-binary demo",
             index(SDIST, wheel("demo"), BACKEND, DEP)),
    scenario("no-binary-at-all", "install demo --no-binary :all:",
             index(ALONE.sdist(), wheel("demo"), project("dep").sdist(), DEP)),
    scenario("static-metadata", "install one", index(
        project("one", "1", "two<2", static="2.2").sdist(),
        project("two", "1", static="2.2").sdist(), project("two", "2", static="2.2").sdist()),
             allow=STATIC),
    scenario("static-metadata-dry", "install --dry-run one", index(
        project("one", "1", "two<2", static="2.2").sdist(),
        project("two", "1", static="2.2").sdist()),
             allow=STATIC),
    scenario("static-metadata-in-a-table", "install ./demo", MAIN,
             files=project("demo", "1.0", "dep", table=True).under("demo"),
             allow=STATIC),
    scenario("dynamic-metadata-of-an-sdist", "install one", index(
        project("one", "1", "dep", static="2.2",
                files={"PKG-INFO": "Metadata-Version: 2.2\nName: one\nVersion: 1\n"
                       "Dynamic: Requires-Dist\n"}).sdist(), DEP)),
    scenario("a-source-that-needs-a-newer-python", "install ./demo", exits=(1,),
             files=project("demo", python=">=3.99").under("demo"),
             shows=("requires a different Python",)),
    scenario("an-sdist-that-needs-a-newer-python", "install app", index(
        wheel("app", "0.9"), Listed(file=project("app", python=">=3.99").sdist()))),
    scenario("a-source-of-another-name", "install app", index(*told_otherwise(named="apple")),
             shows=("has inconsistent name",)),
    scenario("a-source-of-another-version", "install app",
             index(*told_otherwise(versioned="1.1")), shows=("has inconsistent version",)),
    scenario("a-pinned-source-of-another-version", "install app==1.0",
             index(*told_otherwise(versioned="1.1")), exits=(1,)),
    scenario("a-source-of-a-local-version", "install app==1.0",
             index(*told_otherwise(versioned="1.0+cpu")), exits=(1,),
             stance=Stance(environ={"PIPFAST_PIP_COMPAT": "1"}, leaves=("app==1.0+cpu",),
                           says=("pip would have failed here: ",))),
    scenario("a-source-with-an-invalid-requirement", "install app", index(
        wheel("app", "0.9"), project("app", "1.0", "broken (>>3").sdist()),
             allow=LOOKED_AT_ONCE),
    scenario("sources-of-sources", "install one", index(
        project("one", "1", "two").sdist(), project("two", "1", "three>=1").sdist(),
        project("three", "1").sdist(), project("three", "2").sdist())),
    scenario("an-older-source-for-a-conflict", "install one two", index(
        project("one", "2", "dep==2").sdist(), project("one", "1", "dep==1").sdist(),
        project("two", "1", "dep==1").sdist(), wheel("dep", "1"), wheel("dep", "2"))),
    scenario("sources-that-conflict", "install one two", index(
        project("one", "1", "dep==2").sdist(), project("two", "1", "dep==1").sdist(),
        wheel("dep", "1"), wheel("dep", "2")), exits=(1,)),
    scenario("an-sdist-over-a-wheel", "install -U demo", MAIN, before=(wheel("demo", "0.9"),)),
    scenario("a-constraint-by-path", "install demo -c c.txt", MAIN,
             files={"c.txt": "demo @ file://<here>/demo\n", **FOLDER}),
    scenario("hash-mode-with-an-sdist", "install -r r.txt",
             index(project("demo").sdist()), files={
                 "r.txt": f"demo==1.0 --hash=sha256:{project('demo').sdist().sha256}\n"}),
    scenario("hash-mode-without-hashes-of-build-requirements", "install --no-deps -r r.txt", MAIN,
             files={"r.txt": f"demo==1.0 {HASH}\n"}),
    scenario("hash-mode-with-a-wrong-hash-of-an-sdist", "install -r r.txt", MAIN, exits=(1,),
             files={"r.txt": f"demo==1.0 --hash=sha256:{sha256(b'other')}\n"},
             shows=("THESE PACKAGES DO NOT MATCH THE HASHES",)),
    scenario("hash-mode-with-a-folder", "install --require-hashes ./demo", MAIN, files=FOLDER,
             exits=(1,), shows=("because they point to directories",)),
    scenario("hash-mode-with-an-sdist-by-url", "install --no-deps -r r.txt", MAIN,
             files={"r.txt": f"demo @ {URL} {HASH}\n"}),
    scenario("a-setup-script-alone", "install ./demo", index(SETUPTOOLS), files=LEGACY,
             environ=REAL),
    scenario("a-setup-script-beside-a-table-without-a-backend", "install ./demo",
             index(SETUPTOOLS), environ=REAL,
             files={**LEGACY, "demo/pyproject.toml": "[tool.x]\n"}),
    scenario("a-setup-script-that-fails", "install ./demo", index(SETUPTOOLS), exits=(1,),
             files={"demo/setup.py": "import sys\nprint('no', flush=True)\nsys.exit(7)\n"}),
    scenario("a-project-of-flit", "install ./demo", index(installed_wheel("flit-core"), DEP),
             files=FLIT, environ=REAL,
             allow=STATIC),
    scenario("a-project-of-hatch", "install ./demo", index(*installed_wheels("hatchling"), DEP),
             files=HATCH, environ=REAL,
             allow=STATIC),
)  # fmt: skip
