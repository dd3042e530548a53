"""`download` and `wheel` of sources: saved unchanged, zipped, left out or built."""

from __future__ import annotations

from compat.harness.known import HOOK_FRAMES, PIP_CRASHES
from compat.harness.scenario import Lines, scenario
from compat.kit.index import Listed, index
from compat.kit.repositories import Commit, Repository
from tests.kit.projects import BACKEND, project
from tests.kit.wheels import wheel

DEP = wheel("dep")
DEMO = project("demo", "1.0", "dep", needs=("kit-backend",))
SDIST = DEMO.sdist()
STATIC = project("stat", "1.0", "dep", static="2.2").sdist()
THIRD = project("third", "1.0", "dep").sdist()
OTHER = project("other", "1.0", needs=("kit-backend",)).sdist()
FAILING = project("bad", "1.0", backend={"fails": {"build_wheel": "raise"}}).sdist()
BROKEN = project("broken", "1.0", backend={"fails": {"prepare_metadata_for_build_wheel": "raise"}})
MAIN = index(SDIST, STATIC, THIRD, OTHER, FAILING, BROKEN.sdist(), DEP, BACKEND)
PINNED = f"demo==1.0 --hash=sha256:{SDIST.sha256}\ndep==1.0 --hash=sha256:{DEP.sha256}\n"
WRONG = f"demo==1.0 --hash=sha256:{'0' * 64}\n"
FOLDER = DEMO.under("demo")
GIT = Repository(
    name="demo",
    commits=(
        Commit(files=project("demo", "1.0", "dep").tree, tags=("v1",)),
        Commit(files=project("demo", "1.0", "dep", files={"parts/x/y.txt": "y\n"}).tree),
    ),
)
TABLE = Repository(name="table", commits=(Commit(files=project("tab", "1", table=True).tree),))
PARTS = Repository(name="parts", commits=(Commit(files=project("one", "1").under("parts/one")),))
ZIP = "d/demo-1.0.zip"
URL = f"<main-files>/{SDIST.filename}"
ARCHIVE = project("demo", "1.0", "dep").archive(".zip")

SCENARIOS = (
    scenario("download-an-sdist", "download -d d demo", MAIN,
             shows=("Preparing metadata", "Saved ./d/demo-1.0.tar.gz")),
    scenario("download-an-sdist-of-static-metadata", "download -d d --no-deps stat", MAIN,
             lines=Lines.NONE),  # pip calls the backend anyway
    scenario("download-several-sdists", "download -d d other demo third", MAIN,
             shows=("Successfully downloaded other demo third dep",)),
    scenario("download-an-sdist-again", "download -d d demo", MAIN, then=("download -d d demo",),
             shows=("File was already downloaded",)),
    scenario("download-an-sdist-over-a-bad-one", "download -d d demo", MAIN,
             files={f"d/{SDIST.filename}": "damaged"}, shows=("has bad hash. Re-downloading.",)),
    scenario("download-an-sdist-that-is-built-already", "install demo", MAIN,
             then=("download -d d demo",), shows=("Saved ./d/demo-1.0.tar.gz",)),
    scenario("download-an-sdist-with-its-hash", "download -d d -r r.txt", MAIN,
             files={"r.txt": PINNED}),
    scenario("download-an-sdist-with-another-hash", "download -d d --no-deps -r r.txt", MAIN,
             files={"r.txt": WRONG}, exits=(1,), shows=("DO NOT MATCH",)),
    scenario("download-no-binary", "download -d d --no-binary dep demo",
             index(SDIST, DEP, project("dep", "1.0").sdist(), BACKEND)),
    scenario("download-an-sdist-whose-metadata-fails", "download -d d dep broken", MAIN,
             exits=(1,), allow=HOOK_FRAMES, shows=("metadata-generation-failed",)),
    scenario("download-an-sdist-by-url", f"download -d d {URL}", MAIN),
    scenario("download-a-named-sdist-by-url", ("download", "-d", "d", f"Demo @ {URL}"), MAIN),
    scenario("download-an-sdist-by-path", f"download -d d ./{SDIST.filename}", MAIN,
             files={SDIST.filename: SDIST}),
    scenario("download-an-archive-by-path", "download -d d ./any.zip", MAIN,
             files={"any.zip": ARCHIVE}, shows=("Saved ./d/any.zip",)),
    scenario("download-an-archive-by-path-into-its-own-folder", "download ./any.zip", MAIN,
             files={"any.zip": ARCHIVE}, shows=("File was already downloaded",)),
    scenario("download-a-folder-saves-what-it-needs", "download -d d ./demo", MAIN, files=FOLDER,
             shows=("Saved ./d/dep", "Successfully downloaded demo dep")),
    scenario("download-a-folder-alone", "download -d d --no-deps ./demo", MAIN, files=FOLDER),
    scenario("download-what-a-folder-needs", "download -d d --only-deps ./demo", MAIN,
             files=FOLDER),
    scenario("download-an-editable-folder-of-a-file", "download -d d -r r.txt", MAIN,
             files={"r.txt": "-e ./demo\n", **FOLDER}, shows=("Obtaining", "demo-1.0.zip")),
    scenario("download-a-repository", "download -d d git+<demo.git>", MAIN, repositories=(GIT,),
             shows=("Saved ./d/demo-1.0.zip",)),
    scenario("download-a-named-repository-at-a-tag",
             ("download", "-d", "d", "Demo @ git+<demo.git>@v1"), MAIN, repositories=(GIT,),
             shows=("Saved ./d/Demo-1.0.zip",)),
    scenario("download-a-repository-with-a-table", "download -d d git+<table.git>", MAIN,
             repositories=(TABLE,)),
    scenario("download-a-subdirectory-of-a-repository",
             "download -d d git+<parts.git>#subdirectory=parts/one", MAIN, repositories=(PARTS,)),
    scenario("download-a-repository-over-an-older-one-asks", "download -d d git+<demo.git>", MAIN,
             repositories=(GIT,), files={ZIP: "old"}, typed="x\nw\n",
             shows=("(i)gnore, (w)ipe, (b)ackup, (a)bort", "Deleting ./d/demo-1.0.zip")),
    scenario("download-a-repository-beside-an-older-one",
             "download --exists-action b -d d git+<demo.git>", MAIN, repositories=(GIT,),
             files={ZIP: "old", f"{ZIP}.bak": "older"}, shows=("Backing up",)),
    scenario("download-a-repository-that-is-ignored",
             "download --exists-action i -d d git+<demo.git>", MAIN, repositories=(GIT,),
             files={ZIP: "old"}),
    scenario("download-a-repository-is-given-up", "download --exists-action a -d d git+<demo.git>",
             MAIN, repositories=(GIT,), files={ZIP: "old"}, exits=(2,), allow=PIP_CRASHES),
    scenario("wheel-of-an-sdist", "wheel -w w demo", MAIN,
             shows=("Building wheels for collected packages: demo", "Saved ./w/dep")),
    scenario("wheel-of-several-sdists", "wheel -w w other demo third", MAIN,
             shows=("Successfully built",)),
    scenario("wheel-of-an-sdist-again", "wheel -w w demo", MAIN, then=("wheel -w w demo",),
             shows=("Using cached", "File was already downloaded")),
    scenario("wheel-of-an-sdist-into-another-folder", "wheel -w w demo", MAIN,
             then=("wheel -w v demo",), shows=("Using cached", "Saved ./v/demo")),
    scenario("wheel-of-an-sdist-with-its-hash", "wheel -w w -r r.txt", MAIN,
             files={"r.txt": PINNED}, then=("wheel -w w -r r.txt",)),
    scenario("wheel-over-an-older-one", "wheel -w w --no-deps ./demo", MAIN,
             files={**FOLDER, "w/demo-1.0-py3-none-any.whl": "old"}),
    scenario("wheel-of-a-folder", "wheel --no-deps ./demo", MAIN, files=FOLDER),
    scenario("wheel-of-an-editable-folder", "wheel -w w -e ./demo", MAIN, files=FOLDER,
             shows=("Obtaining",)),
    scenario("wheel-of-a-repository", "wheel -w w git+<demo.git>", MAIN, repositories=(GIT,)),
    scenario("wheel-of-an-archive-by-path", "wheel -w w ./any.zip", MAIN,
             files={"any.zip": ARCHIVE}),
    scenario("wheel-of-an-sdist-by-url", f"wheel -w w {URL}", MAIN),
    scenario("wheel-that-cannot-be-built-keeps-the-others", "wheel -w w bad demo", MAIN,
             exits=(1,), allow=HOOK_FRAMES,
             shows=("Failed to build bad", "Failed to build one or more wheels")),
    scenario("wheel-whose-metadata-fails", "wheel -w w demo broken", MAIN, exits=(1,),
             allow=HOOK_FRAMES, shows=("metadata-generation-failed",)),
    scenario("wheel-of-another-name", "wheel -w w --no-deps ./odd", MAIN, exits=(1,),
             files=project("odd", "1.0", backend={
                 "tag": "py3-none-any", "name": "even"}).under("odd"),
             shows=("is invalid",)),
    scenario("wheel-of-another-name-without-verifying", "wheel -w w --no-verify --no-deps ./odd",
             MAIN, files=project("odd", "1.0", backend={"name": "even"}).under("odd")),
    scenario("wheel-with-build-constraints", "wheel -w w --build-constraint c.txt demo", MAIN,
             files={"c.txt": "kit-backend>1\n"}, exits=(1,)),
    scenario("wheel-with-settings", ("wheel", "-w", "w", "-C", "one=two", "--no-deps", "./demo"),
             MAIN, files=project("demo", "1.0").under("demo")),
    scenario("wheel-only-dependencies", "wheel -w w --only-deps demo", MAIN),
    scenario("wheel-from-find-links", "wheel -w w --no-index -f <links> demo",
             links=(SDIST, DEP, BACKEND)),
    scenario("wheel-of-what-is-yanked", "wheel -w w demo==1.0",
             index(Listed(file=SDIST, yanked="old"), DEP, BACKEND), shows=("yanked version",)),
)  # fmt: skip
