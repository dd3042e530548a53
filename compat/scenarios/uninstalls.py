"""Uninstall distributions of pip, setuptools and distutils of every age."""

from __future__ import annotations

import io
import sys
import zipfile

from compat.harness.known import PIP_CRASHES
from compat.harness.scenario import Allow, Lines, Part, Stance, Target, scenario
from compat.kit.index import index
from tests.kit.wheels import wheel

PYTHON = f"{sys.version_info[0]}.{sys.version_info[1]}"
DEMO, OTHER = wheel("demo", "1.0", scripts={"demo": "demo:main"}), wheel("other", "1.0")
NEWER = index(wheel("demo", "2.0", scripts={"demo2": "demo:main"}))
PKG_INFO = "Metadata-Version: 1.0\nName: demo\nVersion: 1.0\n"
POINTS = "[console_scripts]\ndemo = demo:main\n\n[gui_scripts]\ndemo-gui = demo:main\n"
TOOLS = {"<env>/bin/demo": "#!/bin/sh\n", "<env>/bin/demo-gui": "#!/bin/sh\n"}


def pth(*lines: str, end: str = "\n") -> dict[str, str]:
    """Return the file with which setuptools extends Python's path."""
    return {"<site>/easy-install.pth": end.join(lines)}


def zipped(files: dict[str, str]) -> bytes:
    """Return an archive."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, text in files.items():
            archive.writestr(zipfile.ZipInfo(name), text)
    return buffer.getvalue()


EGG = f"demo-1.0-py{PYTHON}.egg"
EGG_FILES = {
    "demo/__init__.py": "",
    "EGG-INFO/PKG-INFO": PKG_INFO,
    "EGG-INFO/entry_points.txt": POINTS,
    "EGG-INFO/top_level.txt": "demo\n",
}
IN_EGG = {f"<site>/{EGG}/{name}": text for name, text in EGG_FILES.items()} | TOOLS
ZIPPED = {f"<site>/{EGG}": zipped(EGG_FILES)} | TOOLS
DEVELOPED = TOOLS | {
    "<here>/src/demo.py": "",
    "<here>/src/demo.egg-info/PKG-INFO": PKG_INFO,
    "<here>/src/demo.egg-info/entry_points.txt": POINTS,
    "<site>/demo.egg-link": "<here>/src\n.",
}
PATH_OF_DEVELOPED = pth("./other.egg", "<here>/src", "")
FLAT = f"<site>/demo-1.0-py{PYTHON}.egg-info"
PACKAGE = {"<site>/demo/__init__.py": "", "<site>/demo/sub/a.py": "", "<site>/demo.py": ""}
RECORDED = TOOLS | PACKAGE | {
    f"{FLAT}/PKG-INFO": PKG_INFO,
    f"{FLAT}/entry_points.txt": POINTS,
    f"{FLAT}/installed-files.txt": "../demo/__init__.py\n../demo/sub/a.py\nPKG-INFO\n"
    "installed-files.txt\n../../../../bin/demo\n../gone.py\n",
    f"{FLAT}/scripts/demo-old": "",
    "<env>/bin/demo-old": "#!/bin/sh\n",
}  # fmt: skip
UNRECORDED = PACKAGE | {
    f"{FLAT}/PKG-INFO": PKG_INFO,
    f"{FLAT}/top_level.txt": "demo\nspace\n",
    f"{FLAT}/namespace_packages.txt": "space\n",
    "<site>/space/mine.py": "",
}
DISTUTILS = {f"<site>/demo-1.0-py{PYTHON}.egg-info": PKG_INFO, "<site>/demo.py": ""}
INFO = "<site>/demo-1.0.dist-info"
METADATA = {f"{INFO}/METADATA": "Metadata-Version: 2.1\nName: demo\nVersion: 1.0\n"}
EDITABLE = METADATA | {
    f"{INFO}/RECORD": "__editable__.demo-1.0.pth,,\ndemo-1.0.dist-info/METADATA,,\n"
    "demo-1.0.dist-info/RECORD,,\ndemo-1.0.dist-info/direct_url.json,,\n",
    f"{INFO}/direct_url.json": '{"dir_info": {"editable": true}, "url": "file://<here>/src"}',
    "<site>/__editable__.demo-1.0.pth": "<here>/src\n",
    "<here>/src/demo.py": "",
}
USER = f"<home>/.local/lib/python{PYTHON}/site-packages"
IN_USER_SITE = {
    f"{USER}/demo.py": "",
    f"{USER}/demo-1.0.dist-info/METADATA": "Metadata-Version: 2.1\nName: demo\nVersion: 1.0\n",
    f"{USER}/demo-1.0.dist-info/RECORD": "demo.py,,\ndemo-1.0.dist-info/METADATA,,\n"
    "demo-1.0.dist-info/RECORD,,\ndemo-1.0.dist-info/entry_points.txt,,\n",
    f"{USER}/demo-1.0.dist-info/entry_points.txt": POINTS,
    "<home>/.local/bin/demo": "#!/bin/sh\n",
}
OUTSIDE = {
    "<here>/lib/demo.py": "",
    "<here>/lib/demo-1.0.dist-info/METADATA": "Metadata-Version: 2.1\nName: demo\nVersion: 1.0\n",
    "<here>/lib/demo-1.0.dist-info/RECORD": "demo.py,,\n",
}
REACHING_OUT = METADATA | {
    f"{INFO}/RECORD": "demo.py,,\ndemo-1.0.dist-info/METADATA,,\ndemo-1.0.dist-info/RECORD,,\n"
    "../../../../work/mine.txt,,\n",
    "<site>/demo.py": "",
    "<here>/mine.txt": "",
}

_SHARED = (
    "pip says nothing when it removes or replaces a file that another distribution lists in its "
    "RECORD; pipfast prints a warning that names the distribution."
)
SHARED = (
    Allow(part=Part.STDERR, pattern=r"^ *WARNING: +Removed files of \S+ that .* lists, too: ",
          reason=_SHARED),
    Allow(part=Part.STDERR, pattern=r"^ *WARNING: +Replaced files that belong to ", reason=_SHARED),
)  # fmt: skip
FIRST = wheel("first", files={"first.py": "", "common/__init__.py": "1"})
SECOND = wheel("second", files={"second.py": "", "common/__init__.py": "1"})
THIRD = wheel("third", files={"third.py": "", "common/__init__.py": "3"})
CLAIMING = wheel("claiming", files={"claiming.py": ""},
                 record="claiming.py,,\nfirst.py,,\n../../../bin/pip,,\n")  # fmt: skip

SCENARIOS = (
    scenario("uninstall-of-a-file-that-another-distribution-lists", "uninstall -y first",
             before=(FIRST, SECOND), allow=SHARED,
             stance=Stance(leaves=("second==1.0",), says=("Not removing files of first that "
                                                          "second lists, too:",))),
    scenario("uninstall-of-two-that-list-the-same-file", "uninstall -y first second",
             before=(FIRST, SECOND), allow=SHARED,
             stance=Stance(leaves=(), hides=("WARNING",))),
    scenario("upgrade-of-a-file-that-another-distribution-lists", "install first==2.0",
             index(wheel("first", "2.0", files={"first.py": ""})),
             before=(FIRST, SECOND), allow=SHARED,
             stance=Stance(leaves=("first==2.0", "second==1.0"),
                           says=("Not removing files of first that second lists, too:",))),
    scenario("uninstall-of-a-record-that-claims-files", "uninstall -y claiming",
             before=(FIRST, CLAIMING), allow=SHARED,
             stance=Stance(leaves=("first==1.0",),
                           says=("Not removing files of claiming that first lists, too:",))),
    scenario("install-of-a-file-that-another-distribution-has", "install third", index(THIRD),
             before=(FIRST,), allow=SHARED,
             stance=Stance(leaves=("first==1.0", "third==1.0"),
                           says=("Replaced files that belong to first, too:",))),
    scenario("uninstall-of-an-egg", "uninstall -y demo",
             standing=IN_EGG | pth(f"./{EGG}", ""),
             shows=("Successfully uninstalled demo-1.0",)),
    scenario("uninstall-of-an-egg-between-others", "uninstall -y demo",
             standing=IN_EGG | pth("./a.egg", f"./{EGG}", "./z.egg")),
    scenario("uninstall-of-an-egg-in-a-file-with-carriage-returns", "uninstall -y demo",
             standing=IN_EGG | pth("./a.egg", f"./{EGG}", "./z.egg", end="\r\n")),
    scenario("uninstall-of-a-zipped-egg", "uninstall -y demo",
             standing=ZIPPED | pth(f"./{EGG}", ""), shows=("Successfully uninstalled demo-1.0",)),
    scenario("uninstall-of-an-egg-that-another-file-names", "uninstall -y demo",
             standing=IN_EGG | {"<site>/mine.pth": f"./{EGG}\n"},
             shows=("Cannot remove entries from nonexistent file",), returns=False),
    scenario("uninstall-of-an-egg-asks-first", "uninstall demo", typed="y\n",
             standing=IN_EGG | pth(f"./{EGG}", ""), shows=(f"site-packages/{EGG}\n",)),
    scenario("uninstall-of-a-development-install", "uninstall -y demo",
             standing=DEVELOPED | PATH_OF_DEVELOPED,
             shows=("Successfully uninstalled demo-1.0",)),
    scenario("uninstall-of-a-development-install-asks-first", "uninstall demo", typed="\n",
             standing=DEVELOPED | PATH_OF_DEVELOPED, shows=("demo.egg-link",)),
    scenario("uninstall-of-a-development-install-whose-link-leads-elsewhere", "uninstall -y demo",
             standing=DEVELOPED | PATH_OF_DEVELOPED | {
                 "<site>/demo.egg-link": "<here>/elsewhere\n.",
                 "<here>/elsewhere/a.txt": "",
                 "<site>/b.egg-link": "<here>/src\n.",
             }, exits=(2,), shows=("does not match installed location",), allow=PIP_CRASHES,
             returns=False),
    scenario("uninstall-of-what-setuptools-recorded", "uninstall -y demo", standing=RECORDED,
             shows=("Successfully uninstalled demo-1.0",)),
    scenario("uninstall-of-what-setuptools-recorded-asks-first", "uninstall demo", typed="y\n",
             standing=RECORDED, shows=("Would remove:",)),
    scenario("uninstall-of-what-setuptools-did-not-record", "uninstall -y demo",
             standing=UNRECORDED, shows=("Successfully uninstalled demo-1.0",)),
    scenario("uninstall-of-metadata-in-the-manner-of-a-project", "uninstall -y demo",
             standing={"<site>/demo.egg-info/PKG-INFO": PKG_INFO, "<site>/demo.py": ""},
             shows=("Can't uninstall 'demo'. No files were found to uninstall.",), returns=False),
    scenario("uninstall-of-a-distutils-install-is-refused", "uninstall -y demo",
             standing=DISTUTILS, exits=(1,), shows=("uninstall-distutils-installed-package",),
             returns=False),
    scenario("uninstall-without-record-is-refused", "uninstall -y demo", standing=METADATA,
             exits=(1,), shows=("pip install --ignore-installed --no-deps demo==1.0",),
             returns=False),
    scenario("uninstall-without-record-names-the-installer", "uninstall -y demo",
             standing=METADATA | {f"{INFO}/INSTALLER": "conda\n"}, exits=(1,),
             shows=("The package was installed by conda.",), returns=False),
    scenario("uninstall-without-record-and-with-an-installer-that-is-no-text",
             "uninstall -y demo", standing=METADATA | {f"{INFO}/INSTALLER": b"\xc0\xff\xee"},
             exits=(1,), shows=("pip install --ignore-installed --no-deps demo==1.0",),
             returns=False),
    scenario("uninstall-stops-where-it-is-refused", "uninstall -y other demo third",
             standing=METADATA, before=(OTHER, wheel("third")), exits=(1,),
             shows=("Successfully uninstalled other-1.0",), returns=False),
    scenario("uninstall-of-an-editable", "uninstall -y demo", standing=EDITABLE,
             shows=("Successfully uninstalled demo-1.0",)),
    scenario("uninstall-of-metadata-without-a-version", "uninstall -y demo",
             standing={f"{INFO}/METADATA": "Metadata-Version: 2.1\nName: demo\n",
                       f"{INFO}/RECORD": "demo-1.0.dist-info/METADATA,,\n"},
             shows=("Found existing installation: demo None",), returns=False),
    scenario("uninstall-from-the-user-site", "uninstall -y demo", standing=IN_USER_SITE,
             target=Target.ALONE, shows=("Successfully uninstalled demo-1.0",)),
    scenario("uninstall-outside-the-environment", "uninstall -y demo", standing=OUTSIDE,
             environ={"PYTHONPATH": "<here>/lib"}, returns=False,
             shows=("Not uninstalling demo at", "outside environment")),
    scenario("uninstall-leaves-files-outside-the-environment", "uninstall demo", typed="y\n",
             standing=REACHING_OUT, shows=("Would not remove (outside of prefix):",)),
    scenario("uninstall-leaves-files-of-the-user", "uninstall demo", typed="y\n", before=(DEMO,),
             standing={"<site>/demo/notes.txt": "", "<site>/demo/sub/mine.py": "",
                       "<site>/demo/sub/mine.pyc": ""},
             shows=("Would not remove (might be manually added):",)),
    scenario("uninstall-asks-until-it-gets-an-answer", "uninstall demo other", before=(DEMO, OTHER),
             typed="perhaps\nN\nY\n", shows=("was not one of the expected responses: y, n, ",)),
    scenario("uninstall-without-an-answer", "uninstall demo", before=(DEMO,), exits=(2,),
             allow=PIP_CRASHES),
    scenario("uninstall-that-may-not-ask", "uninstall --no-input demo", before=(DEMO,), exits=(2,),
             allow=PIP_CRASHES),
    scenario("uninstall-shows-every-file-to-who-wants-to-know", "uninstall -v demo", typed="y\n",
             before=(DEMO,), lines=Lines.NONE, shows=("Will actually move:",)),
    scenario("uninstall-asks-even-if-quiet", "uninstall -q demo", typed="y\n", before=(DEMO,)),
    scenario("uninstall-of-nothing", "uninstall", exits=(1,),
             shows=("You must give at least one requirement to uninstall",)),
    scenario("uninstall-of-a-folder", "uninstall -y ./src", files={"src/setup.py": ""}, exits=(1,),
             shows=("Invalid requirement: './src' ignored",)),
    scenario("uninstall-of-a-file-that-is-not-there", "uninstall -y -r r.txt", exits=(1,),
             shows=("Could not open requirements file",)),
    scenario("uninstall-of-what-cannot-be-read", ["uninstall", "-y", "de mo"], exits=(1,),
             before=(DEMO,)),
    scenario("uninstall-takes-any-requirement",
             ["uninstall", "-y", "Demo[x]>7; python_version<'3'", "oTHER @ http://127.0.0.1:1/o"],
             before=(DEMO, OTHER)),
    scenario("uninstall-of-a-name-in-two-spellings", "uninstall -y No-Where no_where"),
    scenario("uninstall-reads-files-within-files", "uninstall -y -r r.txt",
             before=(DEMO, OTHER, wheel("third")),
             files={"r.txt": "-c c.txt\n--trusted-host example.org\n--no-index\n-r s.txt\n",
                    "c.txt": "demo<2\n", "s.txt": "-e ./src\n./src\nother --hash=sha256:00\n",
                    "src/setup.py": ""},
             shows=("Successfully uninstalled demo-1.0", "Successfully uninstalled other-1.0")),
    scenario("uninstall-of-portions-of-a-namespace", "uninstall -y one two",
             before=(wheel("one", files={"space/one/a.py": ""}),
                     wheel("two", files={"space/two/b.py": ""}))),
    scenario("uninstall-of-a-distribution-leaves-the-namespace", "uninstall -y one",
             before=(wheel("one", files={"space/one.py": ""}),
                     wheel("two", files={"space/two.py": ""}))),
    scenario("uninstall-leaves-bytecode-of-modules-that-are-gone", "uninstall -y demo",
             standing=METADATA | {
                 f"{INFO}/RECORD": "demo.py,,\ndemo-1.0.dist-info/METADATA,,\n"
                 "demo-1.0.dist-info/RECORD,,\n",
                 f"<site>/__pycache__/demo.{sys.implementation.cache_tag}.pyc": "",
             }),
    scenario("uninstall-where-an-environment-is-required", "uninstall -y demo",
             environ={"PIP_REQUIRE_VIRTUALENV": "1"}, target=Target.ALONE, before=(DEMO,),
             exits=(3,)),
    scenario("uninstall-from-a-managed-interpreter-by-force",
             "uninstall -y --break-system-packages demo", target=Target.MANAGED, before=(DEMO,)),
    scenario("uninstall-warns-of-leftovers-each-time", "uninstall -y other demo",
             before=(DEMO, OTHER),
             standing={"<site>/~op-1.0.dist-info/METADATA": "Name: top\nVersion: 1.0\n"},
             shows=("Ignoring incompletely removed distribution",)),
    scenario("an-upgrade-of-an-egg", "install -U demo", NEWER,
             standing=IN_EGG | pth("./a.egg", f"./{EGG}", ""),
             shows=("Found existing installation: demo 1.0",)),
    scenario("an-upgrade-of-a-zipped-egg", "install -U demo", NEWER,
             standing=ZIPPED | pth(f"./{EGG}", "")),
    scenario("an-upgrade-of-a-development-install", "install -U demo", NEWER,
             standing=DEVELOPED | PATH_OF_DEVELOPED),
    scenario("an-upgrade-of-what-setuptools-recorded", "install -U demo", NEWER,
             standing=RECORDED),
    scenario("an-upgrade-of-what-setuptools-did-not-record", "install -U demo", NEWER,
             standing=UNRECORDED),
    scenario("an-upgrade-of-a-distutils-install-is-refused", "install -U demo", NEWER,
             standing=DISTUTILS, exits=(1,), shows=("uninstall-distutils-installed-package",),
             returns=False),
    scenario("an-upgrade-of-an-editable", "install -U demo", NEWER, standing=EDITABLE),
    scenario("an-upgrade-leaves-what-is-outside-the-environment", "install -U demo", NEWER,
             standing=OUTSIDE, environ={"PYTHONPATH": "<here>/lib"},
             shows=("Not uninstalling demo at",)),
)  # fmt: skip
