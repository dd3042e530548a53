"""`list`, `freeze` and `index versions`: options, indexes and repositories."""

from __future__ import annotations

from compat.harness.known import OWN_DETAILS, PIP_CRASHES
from compat.harness.scenario import Target, scenario
from compat.kit.index import Listed, index
from compat.kit.repositories import Commit, Repository
from compat.scenarios.wild import info
from tests.kit.projects import project
from tests.kit.wheels import Sdist, wheel


def source(name: str, version: str) -> Sdist:
    """Return an sdist."""
    return Sdist(name=name, version=version)


DEMO, OTHER, THIRD = wheel("demo", "1.0"), wheel("other", "1.0"), wheel("third", "1.0")
HERE = (DEMO, OTHER, THIRD)
MAIN = index(
    wheel("demo", "1.0"), wheel("demo", "2.0"), wheel("demo", "3.0rc1"),
    source("other", "1.1"), wheel("other", "1.0"),
    wheel("third", "1.0"),
)  # fmt: skip
YANKED = index(
    wheel("demo", "1.0"), wheel("demo", "1.5"), Listed(file=wheel("demo", "2.0"), yanked="broken")
)
EARLY = index(wheel("demo", "1.0"), wheel("demo", "2.0rc1"), name="early")
ELSEWHERE = index(wheel("demo", "9.0"), name="elsewhere")
PICKY = index(wheel("demo", "1.5"), wheel("demo", "2.0", python=">=4"))
FOREIGN = index(wheel("demo", "1.5"), wheel("demo", "2.0", tag="cp27-cp27m-win32"))

REQUIREMENTS = (
    "# a comment\n\n-i https://example.org/simple\n--pre\nthird # why\n  \nnope>1\n"
    "demo[x]>=0.5 ; python_version > '3'\n-r more.txt\ndemo\n-i https://example.org/simple\n"
)
PROJECT = project("demo", "1.0")
REPOSITORY = Repository(
    name="demo",
    commits=(Commit(files={**PROJECT.tree, **project("sub", "2.0").under("sub")}, tags=("v1",)),),
)


def checked_out(folder: str = "<here>/clone", remote: str = "<demo.git>") -> dict[str, str]:
    """Return an editable install of a folder in which `git` finds a repository."""
    return info(
        "demo", direct_url__json=f'{{"url": "file://{folder}", "dir_info": {{"editable": true}}}}'
    ) | {f"{folder}/pyproject.toml": "", "<here>/remote": remote}


SCENARIOS = (
    scenario("list-of-what-is-outdated", "list --outdated", MAIN, before=HERE, then=(
        "list -o --format json", "list -o --pre", "list -o -v", "list -o --not-required",
        "list --outdated --only-binary :all:", "list -o --exclude demo",
    ), shows=("demo    1.0     2.0    wheel", "other   1.0     1.1    sdist")),
    scenario("list-of-what-is-up-to-date", "list --uptodate", MAIN, before=HERE, then=(
        "list -u --format json", "list -u --format freeze"), shows=("third   1.0",)),
    scenario("list-of-what-is-outdated-leaves-yanked-releases-out", "list -o", YANKED,
             before=(DEMO,), shows=("demo    1.0     1.5",)),
    scenario("list-of-what-is-outdated-counts-pre-releases-of-some", "list -o --all-releases demo",
             EARLY, environ={"PIP_INDEX_URL": "<early>"}, before=(DEMO, OTHER),
             shows=("2.0rc1",), then=("list -o", "list -u", "list -o --only-final demo")),
    scenario("list-of-what-is-outdated-over-two-indexes", "list -o --extra-index-url <elsewhere>",
             MAIN, ELSEWHERE, before=(DEMO,), shows=("9.0",)),
    scenario("list-of-what-is-outdated-in-a-folder", "list -o --no-index -f <links>",
             links=(wheel("demo", "4.0"),), before=(DEMO, OTHER), shows=("4.0",)),
    scenario("list-of-what-is-outdated-for-this-python", "list -o", PICKY, before=(DEMO,),
             shows=("1.5",)),
    scenario("list-of-what-is-outdated-for-this-platform", "list -o", FOREIGN, before=(DEMO,),
             shows=("1.5",)),
    scenario("list-of-what-is-outdated-where-nothing-is", "list -o", index(DEMO), before=(DEMO,),
             then=("list -o --format json", "list -o --format columns")),
    scenario("list-of-what-is-outdated-with-leftovers", "list -o", MAIN, before=(DEMO,),
             standing=info("~emo")),
    scenario("list-refuses-options-that-exclude-each-other", "list -o -u", exits=(1,),
             then=("list -o --format freeze", "list --pre --all-releases demo"),
             shows=("Options --outdated and --uptodate cannot be combined.",)),
    scenario("list-without-some", "list --exclude demo --exclude THIRD", before=HERE,
             then=("freeze --exclude Demo", "list --format json --exclude demo --exclude other")),
    scenario("list-is-silent-if-asked-to-be", "list -q", before=HERE,
             then=("freeze -q", "show -q demo", "check -q", "inspect -q")),
    scenario("list-into-a-log", "list --log pip.log", before=(DEMO,), allow=OWN_DETAILS),
    scenario("list-of-an-active-environment", "list", target=Target.ACTIVE, before=HERE,
             then=("freeze", "check", "show demo", "inspect")),
    scenario("list-needs-no-virtual-environment", "list --require-virtualenv", target=Target.ALONE,
             before=(DEMO,), then=("freeze --require-virtualenv",)),
    scenario("freeze-in-the-order-of-a-file", "freeze -r r.txt", before=HERE,
             files={"r.txt": REQUIREMENTS},
             shows=("## The following requirements were added by pip freeze:",
                    "but package 'nope' is not installed")),
    scenario("freeze-in-the-order-of-two-files", "freeze -r r.txt -r s.txt", before=HERE,
             files={"r.txt": REQUIREMENTS, "s.txt": "other\nTHIRD==3\nthird\nnope\n--pre\n"},
             shows=("Requirement third included multiple times",)),
    scenario("freeze-of-lines-that-name-nothing", "freeze -r r.txt", before=HERE, files={
        "r.txt": "./src\n-e ./src\n-e git+https://example.org/x#egg=demo\n"
                 "--editable=git+https://example.org/y#egg=Other\n", "src/setup.py": ""},
             shows=("because it's not clear what it would install",)),
    scenario("freeze-of-a-line-that-is-none", "freeze -r r.txt", before=HERE, exits=(1,),
             files={"r.txt": "third\nde mo\n"}),
    scenario("freeze-of-an-option-that-it-does-not-know", "freeze -r r.txt", before=HERE,
             exits=(1,), files={"r.txt": "third\n--no-index\n"}),
    scenario("freeze-of-a-file-that-is-not-there", "freeze -r r.txt", before=HERE, exits=(2,),
             allow=PIP_CRASHES),
    scenario("freeze-leaves-builders-out", "freeze", before=(DEMO,), then=("freeze --all",),
             standing=info("pip") | info("setuptools") | info("wheel") | info("distribute")),
    scenario("freeze-of-an-editable-without-a-repository", "freeze",
             standing=checked_out() | {"<here>/clone/x": ""},
             then=("freeze --exclude-editable", "list -e", "list --exclude-editable", "freeze -l"),
             shows=("# Editable install with no version control (demo==1.0)",)),
    scenario("freeze-of-an-editable-of-a-repository",
             ["install", "-e", "git+<demo.git>@v1#egg=demo"], index(), repositories=(REPOSITORY,),
             then=("freeze", "list -v", "freeze --exclude-editable"), returns=False,
             shows=("#egg=demo",)),
    scenario("freeze-of-an-editable-below-the-top-of-a-repository",
             ["install", "-e", "git+<demo.git>@main#egg=sub&subdirectory=sub"], index(),
             repositories=(REPOSITORY,), then=("freeze",), returns=False,
             shows=("&subdirectory=sub",)),
    scenario("freeze-of-what-a-repository-gave", ["install", "demo @ git+<demo.git>@v1"], index(),
             repositories=(REPOSITORY,), then=("freeze",), shows=("demo @ git+file://",)),
    scenario("index-versions", "index versions demo", MAIN, before=(DEMO,), then=(
        "index versions demo --pre", "index versions Demo --json", "index versions other",
        "index versions demo --pre --json", "index versions demo --only-final demo"),
             shows=("demo (2.0)\nAvailable versions: 2.0, 1.0\n  INSTALLED: 1.0\n  LATEST:    2.0",
                    "LATEST:    3.0rc1 (pre-release; install with `pip install --pre`)")),
    scenario("index-versions-of-nothing", "index versions nope", MAIN, exits=(1,),
             shows=("No matching distribution found for nope",)),
    scenario("index-versions-of-pre-releases-alone", "index versions demo", index(
        wheel("demo", "2.0rc1")), exits=(1,), shows=("No matching distribution found",)),
    scenario("index-versions-leaves-yanked-releases-out", "index versions demo", YANKED,
             shows=("Available versions: 1.5, 1.0",)),
    scenario("index-versions-for-this-python", "index versions demo", PICKY, then=(
        "index versions demo --ignore-requires-python", "index versions demo --python-version 3.5"),
             shows=("Available versions: 1.5",)),
    scenario("index-versions-for-another-platform",
             "index versions demo --platform win32 --python-version 27 --abi cp27m", FOREIGN,
             then=("index versions demo",), shows=("Available versions: 2.0\n",)),
    scenario("index-versions-over-two-indexes",
             "index versions demo --extra-index-url <elsewhere>", MAIN, ELSEWHERE,
             shows=("9.0, 2.0, 1.0",)),
    scenario("index-versions-in-a-folder", "index versions demo --no-index -f <links>",
             links=(wheel("demo", "4.0"), source("demo", "3.0")), before=(DEMO,)),
    scenario("index-without-an-action", "index", exits=(1,), then=(
        "index nope", "index versions", "index versions a b", "index versions --pre "
        "--all-releases x demo"), shows=("Need an action (versions) to perform.",)),
)  # fmt: skip
