"""Output of runs: dry runs, reports, quiet runs, and commands that read the result."""

from __future__ import annotations

from random import Random

from compat.harness.known import BARS, OWN_DETAILS
from compat.harness.scenario import scenario
from compat.kit.index import Listed, index
from pipfast.model.version import PIP_VERSION
from tests.kit.wheels import wheel

TOP = wheel("Top.Level", "1.0", "dep[x]>=1", "other; extra == 'y'", extras=("y",),
            lines=("Summary: A thing", "Author: Somebody", "Classifier: Topic :: Utilities",
                   "Keywords: a,b", "Project-URL: Home, https://example.org/", "",
                   "A description\nof two lines"))  # fmt: skip
DEP = wheel("dep", "1.5", "leaf; extra == 'x'", extras=("x",))
MAIN = index(TOP, DEP, wheel("leaf"), wheel("other"), wheel("dep", "1.0"))
BIG = wheel(
    "large", files={"large/__init__.py": "", "large/data.bin": Random(1).randbytes(600_000)}
)

SCENARIOS = (
    scenario("a-dry-run-installs-nothing", "install --dry-run top-level", MAIN,
             shows=("Would install Top.Level-1.0 dep-1.5 leaf-1.0",)),
    scenario("a-dry-run-of-what-is-satisfied", "install --dry-run dep", MAIN, before=(DEP,)),
    scenario("a-dry-run-of-an-upgrade", "install --dry-run -U dep", MAIN,
             before=(wheel("dep", "1.0"),), shows=("Would install dep-1.5",)),
    scenario("a-report-into-a-file", "install --report r.json top-level[y]", MAIN),
    scenario("a-report-to-the-output", "install --dry-run --quiet --report - top-level", MAIN,
             shows=("\"is_yanked\"",)),
    scenario("a-report-of-direct-and-yanked",
             ("install", "--dry-run", "--report", "r.json",
              "leaf @ <main-files>/leaf-1.0-py3-none-any.whl", "old==1.0"),
             index(wheel("leaf"), Listed(file=wheel("old"), yanked="x"))),
    scenario("a-report-of-nothing", "install --report r.json dep", MAIN, before=(DEP,)),
    scenario("a-report-of-hashed-files", "install --dry-run --report r.json -r r.txt", MAIN,
             files={"r.txt": f"dep==1.5 --hash=sha256:{DEP.sha256}\n"}),
    scenario("a-report-with-an-index-that-has-no-hashes",
             "install --dry-run --report r.json dep", index(Listed(file=DEP, digest=""))),
    scenario("dry-run-quiet", "install --dry-run -q top-level", MAIN),
    scenario("names-are-told-as-they-were-asked", "install TOP_LEVEL Dep", MAIN),
    scenario("a-file-large-enough-for-a-bar", "install large", index(BIG),
             shows=("601.2/601.2 kB",), allow=BARS),
    scenario("no-bar", "install --progress-bar off large dep", index(BIG, DEP)),
    scenario("a-raw-bar", "install --progress-bar raw large", index(BIG),
             shows=("Progress 0 of ",), allow=BARS),
    scenario("scripts-off-the-path-are-told", "install tool",
             index(wheel("tool", scripts={"a": "tool:main", "b": "tool:main", "c": "tool:main"}))),
    scenario("scripts-off-the-path-need-not-be-told", "install --no-warn-script-location tool",
             index(wheel("tool", scripts={"a": "tool:main"}))),
    scenario("a-log-file-is-written", "install --log pip.log dep", MAIN, allow=OWN_DETAILS),
    scenario("freeze-after-an-install", "install top-level", MAIN, then=("freeze", "list")),
    scenario("show-after-an-install", "install top-level", MAIN,
             then=("show top-level dep", "show -f dep", "show nope"), exits=(0, 0, 0, 1)),
    scenario("list-as-json", "list --format json", before=(DEP, TOP)),
    scenario("check-finds-what-is-missing", "check", before=(TOP,), exits=(1,),
             shows=("requires dep, which is not installed",)),
    scenario("require-virtualenv-is-met", "--require-virtualenv install dep", MAIN),
    scenario("version-in-a-target", "--version", shows=(f"pip {PIP_VERSION} from",), returns=False),
)  # fmt: skip
