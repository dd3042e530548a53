"""Impossible requirements: conflicts, missing versions, invalid requirements."""

from __future__ import annotations

from compat.harness.scenario import scenario
from compat.kit.index import Listed, index
from tests.kit.wheels import wheel

CA, CB = wheel("ca", "1.0", "cc<2"), wheel("cb", "1.0", "cc>=2")
CC1, CC2 = wheel("cc", "1.0"), wheel("cc", "2.0")
MAIN = index(CA, CB, CC1, CC2)
HELP = "ResolutionImpossible: for help visit"
NOWHERE = "No matching distribution found for"

SCENARIOS = (
    scenario("two-requirements-in-conflict", "install ca cb", MAIN, exits=(1,),
             shows=("Cannot install ca==1.0 and cb==1.0 because", "The conflict is caused by",
                    HELP)),
    scenario("a-requirement-against-a-dependency", "install ca cc==2.0", MAIN, exits=(1,),
             shows=("The user requested cc==2.0", HELP)),
    scenario("two-requirements-of-the-user-in-conflict", "install cc<2 cc>=2", MAIN, exits=(1,),
             shows=("The user requested cc<2",)),
    scenario("two-pins-of-the-user-in-conflict", "install cc==1.0 cc==2.0", MAIN, exits=(1,),
             shows=("Cannot install",)),
    scenario("a-conflict-between-files", "install -r a.txt -r b.txt", MAIN, exits=(1,),
             files={"a.txt": "cc==1.0\n", "b.txt": "cc==2.0\n"}, shows=(HELP,)),
    scenario("a-conflict-far-down", "install top ca",
             index(CA, CB, CC1, CC2, wheel("top", "1.0", "mid"), wheel("mid", "1.0", "cb")),
             exits=(1,), shows=(HELP,)),
    scenario("a-conflict-among-many-versions", "install app cc<2",
             index(*(wheel("app", f"{n}.0", "cc>=2") for n in range(1, 4)), CC1, CC2), exits=(1,),
             shows=("Cannot install app==1.0, app==2.0, app==3.0 and cc<2", HELP)),
    scenario("a-conflict-through-extras", "install base[x] cc>=2",
             index(wheel("base", "1.0", "cc<2; extra == 'x'", extras=("x",)), CC1, CC2),
             exits=(1,), shows=("base[x] 1.0 depends on cc<2",)),
    scenario("a-conflict-with-requires-python", "install py top",
             index(Listed(file=wheel("py", "1.0", python=">=3.99"), python=""),
                   wheel("top", "1.0", "py")), exits=(1,)),
    scenario("two-urls-for-one-project", ("install", "cc @ <main-files>/" + CC1.filename,
                                          "cc @ <main-files>/" + CC2.filename), MAIN, exits=(1,)),
    scenario("a-url-against-a-specifier", ("install", "cc @ <main-files>/" + CC1.filename, "cb"),
             MAIN, exits=(1,), shows=("Cannot install",)),
    scenario("a-dependency-that-is-nowhere", "install top", index(wheel("top", "1.0", "gone>=1")),
             exits=(1,), shows=("(from top) (from versions: none)", NOWHERE)),
    scenario("a-dependency-whose-version-is-nowhere", "install top",
             index(wheel("top", "1.0", "cc>=9"), CC1, CC2), exits=(1,),
             shows=("(from versions: 1.0, 2.0)",)),
    scenario("a-project-that-is-nowhere", "install nothing", MAIN, exits=(1,),
             shows=("(from versions: none)", NOWHERE)),
    scenario("a-version-that-is-nowhere", "install cc==3.0", MAIN, exits=(1,),
             shows=("(from versions: 1.0, 2.0)",)),
    scenario("nothing-matches-and-a-marker-is-left-out",
             ("install", "cc>3; python_version > '3'"), MAIN, exits=(1,), shows=(NOWHERE,)),
    scenario("nothing-matches-with-an-extra", "install cc[x]==3.0", MAIN, exits=(1,)),
    scenario("only-foreign-wheels-are-there", "install nat",
             index(wheel("nat", tag="cp311-cp311-win_amd64")), exits=(1,),
             shows=("(from versions: none)",)),
    scenario("a-pre-release-is-among-the-versions-there-are", "install cc>3",
             index(CC1, wheel("cc", "3.0a1")), exits=(1,), shows=("(from versions: 1.0, 3.0a1)",)),
    scenario("a-file-name-taken-for-a-project", "install requirements.txt", MAIN, exits=(1,),
             files={"requirements.txt": "cc\n"}, shows=("HINT:",)),
    scenario("no-requirement-at-all", "install", MAIN, exits=(1,),
             shows=("You must give at least one requirement to install",)),
    scenario("an-empty-requirements-file", "install -r r.txt", MAIN, files={"r.txt": "# none\n"},
             shows=("Looking in indexes",)),
    scenario("a-single-equal-sign", "install cc=1", MAIN, exits=(1,),
             shows=("Did you mean == ?",)),
    scenario("a-word-that-is-no-requirement", "install cc!!", MAIN, exits=(1,),
             shows=("Invalid requirement",)),
    scenario("a-path-that-is-not-there", "install ./gone.whl", MAIN, exits=(1,)),
    scenario("a-folder-that-is-no-project", "install ./work", MAIN, exits=(1,),
             files={"work/readme.txt": "x"},
             shows=("Neither 'setup.py' nor 'pyproject.toml' found",)),
    scenario("an-option-that-does-not-exist", "install --bogus cc", MAIN, exits=(2,),
             shows=("no such option: --bogus",)),
    scenario("a-command-that-does-not-exist", "instal cc", MAIN, exits=(1,),
             shows=('maybe you meant "install"',)),
    scenario("a-strategy-that-does-not-exist", "install -U --upgrade-strategy lazy cc", MAIN,
             exits=(2,), shows=("invalid choice",)),
)  # fmt: skip
