"""Lock files with sources: sdists, archives, folders, repositories (PEP 751)."""

from __future__ import annotations

from compat.harness.known import PIP_CRASHES
from compat.harness.scenario import scenario
from compat.kit.index import index
from compat.kit.repositories import Commit, Repository
from tests.kit.projects import BACKEND, project
from tests.kit.wheels import Raw, wheel

DEMO = project("demo", "1.0", "dep", needs=("kit-backend",))
ALONE = project("demo", "1.0", "dep")
DEP = wheel("dep")
SDIST = DEMO.sdist()
NEWER = wheel("demo", "2.0", "dep")
MAIN = index(SDIST, DEP, BACKEND)
FILE = {SDIST.filename: SDIST}
FOLDER = ALONE.under("demo")
FILES = "<main-files>"
HEAD = 'lock-version = "1.0"\ncreated-by = "somebody"\n[[packages]]\n'
INSTALL = ("install -r pylock.toml",)
TREES = Repository(
    name="trees",
    commits=(
        Commit(files={**ALONE.tree, **project("part", "1").under("sub")}, tags=("v1",)),
        Commit(files=project("demo", "2.0").tree),
    ),
)
GIT = "git+<trees.git>"
REPOSITORIES = (TREES,)


def lock(body: str, name: str = "demo") -> dict[str, str]:
    """Return a lock file with one package."""
    return {"pylock.toml": f'{HEAD}name = "{name}"\n{body}\n'}


def sdist(one: Raw = SDIST, *, digest: str = "", more: str = "") -> dict[str, str]:
    """Return a lock file with one sdist."""
    hashes = f'{{ sha256 = "{digest or one.sha256}" }}'
    url = f'url = "{FILES}/{one.filename}"'
    return lock(f'version = "1.0"\n[packages.sdist]\n{url}\nhashes = {hashes}\n{more}')


def archive(**fields: str) -> dict[str, str]:
    """Return a lock file with one archive."""
    rows = "".join(f'{name} = "{value}"\n' for name, value in fields.items())
    return lock(f'[packages.archive]\n{rows}hashes = {{ sha256 = "{SDIST.sha256}" }}')


def folder(path: str, more: str = "") -> dict[str, str]:
    """Return a lock file with one folder."""
    return lock(f'[packages.directory]\npath = "{path}"\n{more}')


def repository(more: str, name: str = "demo") -> dict[str, str]:
    """Return a lock file with one commit of a repository."""
    return lock(f'[packages.vcs]\ntype = "git"\ncommit-id = "<trees.git:v1>"\n{more}', name)


WHEEL_TOO = (
    f'[[packages.wheels]]\nurl = "{FILES}/demo-1.0-py3-none-any.whl"\n'
    f'hashes = {{ sha256 = "{wheel("demo", "1.0", "dep").sha256}" }}'
)
BOTH = index(SDIST, wheel("demo", "1.0", "dep"), DEP, BACKEND)

SCENARIOS = (
    scenario("a-lock-of-an-sdist", "lock demo", MAIN, shows=("Preparing metadata",)),
    scenario("a-lock-of-an-sdist-by-path", f"lock ./{SDIST.filename}", MAIN, files=FILE),
    scenario("a-lock-of-an-sdist-by-url", f"lock {FILES}/{SDIST.filename}", MAIN),
    scenario("a-lock-of-a-named-archive-with-a-subdirectory",
             ("lock", f"two @ {FILES}/two-1.tar.gz#subdirectory=sub"),
             index(project("two", pyproject=None,
                           files=project("two", "1").under("sub")).sdist(),
                   Raw(filename="two-1.tar.gz", project="x", content=project(
                       "two", "1", pyproject=None,
                       files=project("two", "1").under("sub")).archive(".tar.gz")))),
    scenario("a-lock-of-a-folder", "lock ./demo", MAIN, files=FOLDER, then=INSTALL, exits=(0, 1),
             shows=("because they point to directories",)),
    scenario("a-lock-of-this-folder", "lock .", MAIN, files=ALONE.tree),
    scenario("a-lock-of-this-folder-to-standard-output", "lock . -o -", MAIN, files=ALONE.tree),
    scenario("a-lock-of-this-folder-alone", "lock --no-deps .", MAIN, files=ALONE.tree,
             then=INSTALL),
    scenario("a-lock-of-an-editable", "lock -e ./demo", MAIN, files=FOLDER),
    scenario("a-lock-of-an-editable-and-an-install", "lock --no-deps -e ./demo", MAIN,
             files=FOLDER, then=INSTALL, freezes=True),
    scenario("a-lock-of-a-folder-with-an-extra", "lock ./demo[x]", MAIN,
             files=project("demo", "1.0", "dep; extra == 'x'", extras=("x",)).under("demo")),
    scenario("a-lock-of-a-folder-elsewhere", "lock ./demo -o d/pylock.toml", MAIN,
             files={**FOLDER, "d/x": ""}, exits=(2,), allow=PIP_CRASHES),
    scenario("a-lock-beside-a-folder", "lock ./d/demo -o d/pylock.toml", MAIN,
             files=ALONE.under("d/demo")),
    scenario("a-lock-of-a-repository", f"lock {GIT}@v1", MAIN, repositories=REPOSITORIES),
    scenario("a-lock-of-a-named-repository", ("lock", f"demo @ {GIT}"), MAIN,
             repositories=REPOSITORIES),
    scenario("a-lock-of-a-repositorys-subdirectory",
             f"lock {GIT}@<trees.git:v1>#subdirectory=sub", MAIN, repositories=REPOSITORIES,
             then=INSTALL, freezes=True),
    scenario("a-lock-of-an-editable-repository", f"lock -e {GIT}@v1#egg=demo --src src", MAIN,
             repositories=REPOSITORIES),
    scenario("a-lock-of-an-editable-repository-elsewhere", f"lock -e {GIT}@v1#egg=demo", MAIN,
             repositories=REPOSITORIES, exits=(2,), allow=PIP_CRASHES),
    scenario("a-lock-of-what-cannot-be-built", "lock ./demo", MAIN, exits=(1,),
             files=project("demo", backend={
                 "fails": {"prepare_metadata_for_build_wheel": "exit"}}).under("demo")),
    scenario("a-lock-without-binaries", "lock demo --no-binary demo", BOTH),
    scenario("a-lock-with-build-constraints", "lock demo --build-constraint b.txt", MAIN,
             files={"b.txt": "kit-backend<9\n"}),
    scenario("a-lock-with-build-constraints-that-are-not-there",
             "lock demo --build-constraint b.txt", MAIN, exits=(1,)),
    scenario("an-install-of-a-locked-sdist", "install --no-deps -r pylock.toml", MAIN,
             files=sdist(), then=("install --no-deps --force-reinstall -r pylock.toml",)),
    scenario("an-install-of-a-locked-sdist-with-a-wrong-hash", "install -r pylock.toml", MAIN,
             files=sdist(digest="0" * 64), exits=(1,), shows=("DO NOT MATCH",)),
    scenario("a-locked-wheel-beats-its-sdist", "install --no-deps -r pylock.toml", BOTH,
             files=sdist(more=WHEEL_TOO)),
    scenario("a-locked-sdist-where-no-wheel-may-be",
             "install --no-deps --no-binary demo -r pylock.toml", BOTH,
             files=sdist(more=WHEEL_TOO), shows=("Building wheel for demo",)),
    scenario("a-locked-sdist-that-may-not-be", "install --only-binary demo -r pylock.toml", MAIN,
             files=sdist(), exits=(1,), shows=("No sources permitted for demo",)),
    scenario("a-locked-sdist-of-another-name", "install -r pylock.toml", MAIN, exits=(1,),
             files=lock('[packages.sdist]\nname = "demo-1.0.tar.gz"\n'
                        f'url = "{FILES}/other-1.0.tar.gz"\n'
                        f'hashes = {{ sha256 = "{SDIST.sha256}" }}'),
             shows=("Missing project version for demo",)),
    scenario("an-install-of-a-locked-archive", "install --no-deps -r pylock.toml", MAIN,
             files=archive(url=f"{FILES}/{SDIST.filename}"), freezes=True),
    scenario("an-install-of-a-locked-archive-by-path", "install --no-deps -r pylock.toml", MAIN,
             files={**archive(path=f"./{SDIST.filename}"), **FILE}, freezes=True),
    scenario("a-locked-archive-with-a-fragment-and-a-subdirectory", "install -r pylock.toml", MAIN,
             files=archive(url=f"{FILES}/{SDIST.filename}#x=1", subdirectory="sub"), exits=(1,),
             shows=("cannot contain fragments",)),
    scenario("an-install-of-a-locked-folder", "install -r pylock.toml", MAIN,
             files={**folder("demo"), **FOLDER}, freezes=True),
    scenario("an-install-of-a-locked-subdirectory", "install -r d/pylock.toml", MAIN, files={
        "d/pylock.toml": folder("..", 'subdirectory = "demo"')["pylock.toml"], **FOLDER}),
    scenario("an-install-of-a-locked-editable", "install -r pylock.toml", MAIN,
             files={**folder("./demo", "editable = true"), **FOLDER}, freezes=True),
    scenario("a-locked-folder-that-is-not-there", "install -r pylock.toml", MAIN,
             files=folder("gone"), exits=(1,)),
    scenario("a-locked-folder-of-another-project", "install -r pylock.toml", MAIN,
             files={**folder("other"), **project("other").under("other")}),
    scenario("a-locked-folder-where-hashes-are-required",
             "install --require-hashes -r pylock.toml", MAIN, exits=(1,),
             files={**folder("demo"), **FOLDER}),
    scenario("an-install-of-a-locked-repository", "install -r pylock.toml", MAIN,
             repositories=REPOSITORIES, freezes=True, files=repository('url = "<trees.git>"')),
    scenario("an-install-of-a-locked-repositorys-subdirectory", "install -r pylock.toml", MAIN,
             repositories=REPOSITORIES, freezes=True,
             files=repository('url = "<trees.git>"\nsubdirectory = "sub"', "part")),
    scenario("a-locked-repository-with-a-fragment", "install -r pylock.toml", MAIN, exits=(1,),
             repositories=REPOSITORIES,
             files=repository('url = "<trees.git>#x"\nsubdirectory = "sub"', "part")),
    scenario("a-locked-repository-where-hashes-are-required",
             "install --require-hashes -r pylock.toml", MAIN, exits=(1,),
             repositories=REPOSITORIES, files=repository('url = "<trees.git>"')),
    scenario("a-remote-lock-of-a-folder", f"install -r {FILES}/pylock.toml", index(Raw(
        filename="pylock.toml", project="pylock",
        content=folder("demo")["pylock.toml"].encode())), exits=(1,),
             shows=("Directory entries are not supported in remote pylock.toml",)),
    scenario("a-download-from-a-lock", "download --no-deps -r pylock.toml -d d", BOTH,
             files=sdist(more=WHEEL_TOO)),
    scenario("wheels-from-a-lock", "wheel --no-deps -r pylock.toml -w w", MAIN, files=sdist()),
)  # fmt: skip
