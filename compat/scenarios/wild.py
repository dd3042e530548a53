"""Damaged and unusual environments, read by every command that reads environments."""

from __future__ import annotations

from typing import Any

from compat.harness.scenario import Allow, Part, Scenario, Target, scenario
from compat.kit.index import index
from compat.scenarios.uninstalls import (
    DEVELOPED,
    DISTUTILS,
    EDITABLE,
    FLAT,
    IN_EGG,
    IN_USER_SITE,
    PATH_OF_DEVELOPED,
    PKG_INFO,
    PYTHON,
    RECORDED,
    ZIPPED,
    pth,
)
from tests.kit.wheels import wheel

OTHER = wheel("other", "1.0", "demo>=1", "absent; extra == 'x'")
NEEDY = wheel("needy", "1.0", "demo>=2", "Absent_One>1")
MAIN = index(wheel("de-mo", "2.0"))
LOOKS = (
    "list -v",
    "list --format json -v",
    "list --format freeze",
    "list --not-required",
    "freeze --all",
    "show -v -f demo other",
    "inspect",
    "check",
)
_SHOWN = (
    "pipfast shows metadata that is not valid UTF-8 as far as it can be decoded; pip's `list`, "
    "`freeze`, `show` and `inspect` exit with a traceback."
)
NOT_UTF8 = tuple(
    Allow(part=part, pattern="", reason=_SHOWN) for part in (Part.EXIT, Part.STDOUT, Part.STDERR)
)
FINDER = """
import sys
from importlib.metadata import Distribution, DistributionFinder

class Told(Distribution):
    def locate_file(self, path):
        return path

    def read_text(self, name):
        if name == "METADATA":
            return "Metadata-Version: 2.1\\nName: De_mo\\nVersion: 1.0\\nSummary: told\\n\\n"

class Teller(DistributionFinder):
    def find_distributions(self, context=None):
        return [Told()]

sys.meta_path.append(Teller())
"""


def seen(rule: str, *, check: int = 0, **world: Any) -> Scenario:
    """Return every reading command; `check` is the exit code of the last one."""
    exits = (*(0 for _ in LOOKS[:-1]), check)
    return scenario(rule, LOOKS[0], then=LOOKS[1:], exits=exits, returns=False, **world)


def info(name: str, version: str = "1.0", where: str = "<site>", **files: str) -> dict[str, str]:
    """Return a metadata folder; `METADATA` is generated unless given."""
    folder = f"{where}/{name}-{version}.dist-info"
    made = {"METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n", **files}
    return {f"{folder}/{file.replace('__', '.')}": text for file, text in made.items()}


ROOT = {"PYTHONPATH": "<here>/lib"}
LATIN = "Metadata-Version: 2.1\nName: demo\nVersion: 1.0\nAuthor: M\u00fcller\n".encode("latin-1")
BUILT = (
    "Wheel-Version: 1.0\nGenerator: kit\nRoot-Is-Purelib: true\nTag: py2.py3-none-any\nBuild: 7\n"
)
RICH = (
    "Metadata-Version: 2.4\nName: De_mo.x\nVersion: 1.0\nSummary: A   demo: \u00fcmlauts\n"
    "Keywords: a,b c\nHome-page: \nAuthor: Ann\nAuthor-email: a@example.org\nLicense: Old\n"
    "License-Expression: MIT\nClassifier: One\nClassifier: Two :: Three\n"
    "Project-URL: Home page, https://example.org/demo\nProject-URL: Bugs, https://example.org\n"
    "Requires-Dist: other>=1\nRequires-Dist: other<9; python_version>'3'\n"
    "Requires-Dist: zebra; extra == 'z'\nProvides-Extra: z\nDynamic: summary\n"
    "Description-Content-Type: text/markdown\n\n# Demo\n\nName: body\n"
)
WRAPPED = (
    "Metadata-Version: 2.1\nName: demo\nVersion: 1.0\nSummary: first\n  second\n"
    "License: MIT\n        more\n            indented\n        \n        end\n"
    "Description: in the\n        header\n          kept\n"
)

SCENARIOS = (
    scenario(
        "looks-at-nothing",
        "list",
        then=("list --format json", "freeze", "check", "inspect"),
        shows=("No broken requirements found.",),
    ),
    seen("looks-at-wheels", before=(wheel("demo"), OTHER)),
    seen(
        "looks-at-what-does-not-fit",
        before=(wheel("demo"), OTHER, NEEDY),
        check=1,
        shows=(
            "needy 1.0 requires absent-one, which is not installed.",
            "needy 1.0 has requirement demo>=2, but you have demo 1.0.",
        ),
    ),
    seen("looks-at-an-egg", standing=IN_EGG | pth(f"./demo-1.0-py{PYTHON}.egg", "")),
    seen("looks-at-a-zipped-egg", standing=ZIPPED | pth(f"./demo-1.0-py{PYTHON}.egg", "")),
    scenario(
        "looks-at-an-egg-that-is-not-on-the-path", "list", then=("freeze", "check"), standing=IN_EGG
    ),
    seen("looks-at-an-egg-info-folder", standing=RECORDED),
    seen(
        "looks-at-an-egg-info-with-requirements",
        before=(OTHER,),
        standing=RECORDED
        | {f"{FLAT}/requires.txt": "other\n\n[x]\nabsent\n\n[:python_version<'3']\nold\n"},
    ),
    seen(
        "looks-at-an-egg-info-that-needs-what-is-not-there",
        check=1,
        standing=RECORDED | {f"{FLAT}/requires.txt": "absent>1\n"},
    ),
    seen("looks-at-a-distutils-install", standing=DISTUTILS),
    seen(
        "looks-at-an-egg-info-without-a-version",
        standing={
            "<site>/demo.egg-info/PKG-INFO": PKG_INFO,
            "<site>/demo.egg-info/installed-files.txt": "../demo.py\n./PKG-INFO\n../../../x\n",
        },
    ),
    seen("looks-at-a-development-install", standing=DEVELOPED | PATH_OF_DEVELOPED),
    seen(
        "looks-at-a-development-install-with-a-relative-link",
        standing=DEVELOPED
        | {"<site>/demo.egg-link": "../../../../work/src\n.", "<site>/x.pth": "<here>/src\n"},
    ),
    seen("looks-at-an-editable", standing=EDITABLE),
    seen("looks-at-an-editable-beside-what-it-needs", before=(OTHER,), standing=EDITABLE),
    seen("looks-at-metadata-without-a-file", standing={"<site>/demo-1.0.dist-info/RECORD": ""}),
    seen(
        "looks-at-metadata-without-name-and-version",
        standing=info("demo", METADATA="Metadata-Version: 2.1\nSummary: x\n"),
    ),
    seen("looks-at-an-empty-metadata-file", standing=info("demo", METADATA="")),
    scenario(
        "looks-at-metadata-that-name-nothing",
        "list -v",
        then=("freeze", "inspect", "list --format json"),
        standing={
            "<site>/-1.0.dist-info/INSTALLER": "pip\n",
            "<site>/nothing.dist-info/RECORD": "",
        },
        returns=False,
        shows=("due to invalid metadata entry 'name'",),
    ),
    seen(
        "looks-at-leftovers",
        before=(wheel("demo"),),
        standing=info("~emo") | info("~~mo"),
        shows=("Ignoring incompletely removed distribution ~emo-1.0.dist-info",),
    ),
    seen(
        "looks-at-a-name-that-is-none",
        before=(wheel("demo"),),
        standing=info("+x", "1.0"),
        shows=("Ignoring invalid distribution +x",),
    ),
    seen("looks-at-two-releases-side-by-side", standing=info("demo") | info("demo", "2.0")),
    seen(
        "looks-at-a-release-that-hides-another",
        standing=info("demo") | info("Demo", "2.0", "<here>/lib"),
        environ=ROOT,
    ),
    seen(
        "looks-at-a-folder-on-the-path-outside",
        standing=info("demo", where="<here>/lib"),
        environ=ROOT,
        before=(OTHER,),
    ),
    scenario(
        "looks-at-the-environment-alone",
        "list --local",
        then=("freeze -l", "inspect --local", "list -l --format json"),
        before=(OTHER,),
        standing=info("demo", where="<here>/lib"),
        environ=ROOT,
    ),
    scenario(
        "looks-at-the-user-site",
        "list --user",
        standing=IN_USER_SITE,
        target=Target.ALONE,
        before=(OTHER,),
        then=(
            "freeze --user",
            "inspect --user",
            "list -v",
            "show -f demo",
            "list --user --format json -v",
        ),
    ),
    scenario(
        "looks-at-a-user-site-from-within",
        "list --user",
        standing=IN_USER_SITE,
        target=Target.SEEING,
        then=("list --local", "freeze --local"),
    ),
    seen(
        "looks-at-a-version-that-is-none",
        check=1,
        standing=info("demo", "1.0-old_style", METADATA="Name: demo\nVersion: 1.0-old_style\n"),
        shows=("Error parsing dependencies of demo: Invalid version: '1.0-old_style'",),
    ),
    seen(
        "looks-at-a-version-in-another-spelling",
        standing=info(
            "demo", "1.0", METADATA="Metadata-Version: 2.1\nName: Demo\nVersion: 1.0.0-alpha\n"
        ),
    ),
    seen("looks-at-a-local-version", standing=info("demo", "1.0+Cpu.01"), before=(OTHER,)),
    seen("looks-at-a-build-tag", standing=info("demo", WHEEL=BUILT), before=(OTHER,)),
    seen(
        "looks-at-a-wheel-of-another-platform",
        check=1,
        standing=info("demo", WHEEL="Tag: cp27-cp27m-win32\n"),
        shows=("demo 1.0 is not supported on this platform",),
    ),
    seen("looks-at-a-wheel-without-tags", check=1, standing=info("demo", WHEEL="Build: 1\n")),
    scenario(
        "looks-at-all-fields",
        "show -v de-mo-x",
        then=(
            "inspect",
            "show -f De_mo.x other",
            "list --format json",
            "freeze",
            "list --not-required",
        ),
        before=(OTHER,),
        standing=info("De_mo.x", METADATA=RICH),
        returns=False,
        shows=(
            "License-Expression: MIT",
            "Home-page: https://example.org/demo",
            "Required-by: De_mo.x",
        ),
    ),
    seen("looks-at-fields-of-several-lines", standing=info("demo", METADATA=WRAPPED)),
    seen(
        "looks-at-carriage-returns",
        standing=info("demo", METADATA=RICH.replace("De_mo.x", "demo").replace("\n", "\r\n")),
        before=(wheel("other", "1.0"),),
    ),
    seen(
        "looks-at-metadata-with-a-line-that-is-no-field",
        standing=info(
            "demo",
            METADATA="Metadata-Version: 2.1\nName: demo\nVersion: 1.0\nno field\nSummary: x\n",
        ),
    ),
    seen(
        "looks-at-fields-in-any-case",
        standing=info(
            "demo", METADATA="metadata-version: 2.1\nNAME:demo\nversion:\t1.0\nsummary :x\n"
        ),
    ),
    scenario(
        "looks-at-requirements-that-cannot-be-read",
        "check",
        exits=(1, 0, 0),
        then=("show demo other", "inspect"),
        before=(OTHER,),
        standing=info("demo", METADATA="Name: demo\nVersion: 1.0\nRequires-Dist: other>=bad\n"),
        shows=("Error parsing dependencies of demo:", "Required-by: #N/A"),
        returns=False,
    ),
    scenario(
        "looks-at-metadata-that-are-not-utf8",
        "check",
        exits=(1,),
        standing={"<site>/demo-1.0.dist-info/METADATA": LATIN},
        shows=("Error parsing dependencies of demo: 'utf-8' codec",),
        returns=False,
    ),
    scenario(
        "looks-at-a-record-of-where-it-is-from",
        "list -v",
        then=("freeze", "inspect", "show a", "list --format json"),
        standing={
            **info(
                "a",
                direct_url__json='{"url": "https://u:p@example.org/a.whl", '
                '"archive_info": {"hash": "sha256=00", "hashes": {"sha256": "00"}}}',
            ),
            **info("b", direct_url__json='{"url": "file:///x y/b", "dir_info": {}}'),
            **info(
                "c",
                direct_url__json='{"url": "https://example.org/c", "subdirectory": '
                '"d", "vcs_info": {"vcs": "git", "commit_id": "00", '
                '"requested_revision": "main"}}',
            ),
            **info(
                "d",
                direct_url__json='{"url": "https://example.org/d.zip", '
                '"archive_info": {}, "subdirectory": "e"}',
            ),
        },
        shows=(
            "a @ https://u:p@example.org/a.whl#sha256=00",
            "c @ git+https://example.org/c@00#subdirectory=d",
        ),
        returns=False,
    ),
    scenario(
        "looks-at-records-that-cannot-be-read",
        "list",
        then=("freeze", "inspect", "show a", "list --format json", "list --format freeze"),
        standing={
            **info("a", direct_url__json="no JSON"),
            **info("b", direct_url__json='{"url": "x"}'),
            **info("c", direct_url__json='{"dir_info": {}}'),
            **info("d", direct_url__json='{"url": "x", "dir_info": {}, "archive_info": {}}'),
        },
        shows=("Error parsing direct_url.json for a:",),
        returns=False,
    ),
    scenario(
        "looks-at-what-a-finder-tells-of",
        "list -v",
        MAIN,
        then=(
            "list --format json -v",
            "freeze",
            "show de-mo",
            "inspect",
            "check",
            "list --local",
            "install de-mo",
        ),
        standing={"<site>/sitecustomize.py": FINDER},
        before=(OTHER,),
        exits=(0, 0, 0, 0, 0, 1, 0, 0),
        shows=("Requirement already satisfied: de-mo in <memory>",),
        returns=False,
    ),
    scenario(
        "looks-with-several-names",
        "show other nope demo Nowhere other",
        exits=(0, 1, 1),
        then=("show nope", "show"),
        before=(wheel("demo"), OTHER),
        shows=("Package(s) not found: Nowhere, nope", "\n---\n"),
    ),
    scenario(
        "looks-at-a-path",
        "list --path <here>/lib",
        then=(
            "list --path <here>/lib --path <here>/more -v",
            "freeze --path <here>/lib",
            "inspect --path ./lib/",
            "list --path ./lib//. -v --format json",
            "list --path <here>/nowhere",
        ),
        standing={
            **info("demo", where="<here>/lib"),
            **info("other", where="<here>/more"),
            **info("demo", "2.0", where="<here>/more"),
        },
    ),
    scenario(
        "looks-at-a-path-and-more",
        "list --path <here> --user",
        exits=(1,),
        then=("freeze --path <here> --local", "inspect --path <here> --local"),
        shows=("Cannot combine '--path' with '--user' or '--local'",),
    ),
    scenario(
        "looks-at-metadata-of-two-kinds",
        "list -v",
        then=("show -f demo", "inspect"),
        standing={
            **info("demo", RECORD='"a, b.py",,\n./x/../y.py,,\n//z,,\n'),
            "<site>/other-2.egg-info/PKG-INFO": "Name: other\nVersion: 2\n",
        },
        returns=False,
    ),
    scenario(
        "looks-at-what-only-reads-in-part",
        "list",
        exits=(2,),
        allow=NOT_UTF8,
        then=("freeze", "show demo", "inspect", "list --format json"),
        standing={"<site>/demo-1.0.dist-info/METADATA": LATIN},
        returns=False,
    ),
)
