"""The content of wheels, and how it is installed."""

from __future__ import annotations

from typing import Any

from compat.harness.known import PIP_CRASHES, WHOLE_OR_NOT
from compat.harness.scenario import Scenario, scenario
from compat.kit.index import index
from tests.kit.wheels import Wheel, altered, wheel


def _holds(
    rule: str, file: Wheel, options: str = "", exits: int = 0, shows: str = "", **world: Any
) -> Scenario:
    argv = f"install {options} {file.name}"
    return scenario(rule, argv, index(file), exits=(exits,), shows=(shows,), **world)


GOOD = wheel("demo", files={"demo.py": "X = 1\n" * 4000})
NEXT_INFO = "Metadata-Version: 2.1\nName: demo\nVersion: 1.0\n"
MODES = wheel(
    "modes",
    files={"modes/__init__.py": "", "modes/run.sh": "#!/bin/sh\n", "modes/data.txt": "x"},
    data={
        "scripts/plain": "#!/bin/sh\n", "scripts/marked": "#!python\nprint(1)\n",
        "scripts/unmarked": "#!python\nprint(2)\n", "data/share/doc.txt": "doc",
        "data/share/tool": "#!/bin/sh\n", "headers/modes.h": "", "purelib/more.py": "M = 1\n",
    },
    executable=frozenset(["modes/run.sh", "modes-1.0.data/scripts/plain",
                          "modes-1.0.data/scripts/marked", "modes-1.0.data/data/share/tool"]),
    scripts={"modes": "modes:main"}, gui_scripts={"modes-gui": "modes:main"},
)  # fmt: skip

SCENARIOS = (
    *(_holds(f"modes-with-umask-{umask:03o}", MODES, umask=umask) for umask in (0o027, 0o077)),
    _holds("modes-with-umask-277", MODES, umask=0o277),
    _holds("modes-in-a-target-with-umask-077", MODES, "--target lib", umask=0o077),
    scenario("modes-of-an-upgrade-with-umask-027", "install -U modes",
             index(MODES, wheel("modes", "2.0", scripts={"modes": "modes:main"})),
             before=(MODES, wheel("other")), umask=0o027),
    _holds("console-and-gui-scripts",
           wheel("tool", scripts={"tool": "tool:main", "tool-sub": "tool.sub:a.b"},
                 gui_scripts={"toolw": "tool:main"})),
    _holds("an-entry-point-with-an-extra",
           wheel("tool", scripts={"tool": "tool:main [x]"}, extras=("x",))),
    _holds("an-entry-point-without-a-callable", wheel("tool", scripts={"tool": "tool"}), exits=1,
           allow=WHOLE_OR_NOT),
    _holds("an-entry-point-that-leaves-the-scripts-folder",
           wheel("tool", scripts={"../../tool": "tool:main"}), exits=1, allow=WHOLE_OR_NOT),
    _holds("entry-points-of-other-groups", wheel("tool", info={"entry_points.txt":
           "[tool.plugins]\na = tool:main\n\n[console_scripts]\nTool.Upper = tool:main\n"})),
    _holds("every-part-of-the-data-folder", wheel("tool", data={
        "purelib/pure.py": "P = 1\n", "platlib/plat.py": "P = 2\n", "data/share/x.txt": "x",
        "data/etc/tool.conf": "", "headers/tool.h": "//", "scripts/plain.sh": "#!/bin/sh\n"})),
    _holds("an-unknown-part-of-the-data-folder", wheel("tool", data={"other/x.txt": "x"}), exits=1,
           allow=WHOLE_OR_NOT),
    _holds("python-scripts-get-the-interpreter", wheel("tool", data={
        "scripts/run": "#!python\nprint(1)\n", "scripts/runw": "#!pythonw -E\nprint(1)\n",
        "scripts/env": "#!/usr/bin/env python\n", "scripts/none": "no hash bang\n",
        "scripts/binary": b"#!python\n\x00\xff", "scripts/crlf": b"#!python\r\nprint(1)\r\n"})),
    _holds("a-wrapper-that-an-entry-point-makes-is-left-out", wheel(
        "tool", scripts={"tool": "tool:main"},
        data={"scripts/tool": "#!python\n# EASY-INSTALL-ENTRY-SCRIPT: 'tool'\n"})),
    _holds("executable-files-stay-executable", wheel("tool", files={
        "tool/__init__.py": "", "tool/run.sh": "#!/bin/sh\n"},
        executable=frozenset(["tool/run.sh"]))),
    _holds("odd-file-names", wheel("tool", files={
        "tool/a b.txt": "1", "tool/comma,name.txt": "2", "tool/\u00fcml\u00e4ut.py": "U = 1\n",
        "tool/\u65e5\u672c.txt": "3", "tool/quote'.txt": "4", "tool/per%20cent.txt": "5"})),
    _holds("a-record-with-backslashes-and-doubles", wheel("tool", files={"tool.py": ""},
           record="tool.py,,\ntool.py,,\ntool-1.0.dist-info/RECORD,,\n")),
    _holds("a-record-that-names-too-little", wheel("tool", files={"tool.py": "", "more.py": ""},
           record="tool.py,,\n")),
    _holds("a-record-that-names-too-much", wheel("tool", files={"tool.py": ""},
           record="tool.py,,\ngone.py,sha256=abc,3\ntool-1.0.dist-info/METADATA,,\n")),
    _holds("an-empty-wheel", wheel("tool", files={})),
    _holds("a-wheel-of-data-alone", wheel("tool", files={"data/one.json": "{}"})),
    _holds("a-module-that-does-not-compile", wheel("tool", files={
        "tool/__init__.py": "", "tool/template.py": "def {{ name }}(:\n",
        "tool/latin.py": b"# \xff\n"})),
    _holds("no-compile-leaves-no-bytecode", wheel("tool"), "--no-compile"),
    _holds("bytecode-in-a-wheel", wheel("tool", files={
        "tool/__init__.py": "", "tool/__pycache__/x.cpython-311.pyc": b"old"})),
    _holds("stub-files-and-namespaces", wheel("tool", files={
        "space/tool/__init__.py": "", "space/tool/py.typed": "", "space/tool/x.pyi": "",
        "space/tool/deep/er/x.py": ""})),
    _holds("a-platform-wheel", wheel("tool", purelib=False, tag="py3-none-any")),
    _holds("licences-and-further-metadata", wheel("tool", info={
        "LICENSE": "MIT", "licenses/NOTICE": "x", "top_level.txt": "tool\n", "INSTALLER": "other\n",
        "REQUESTED": "", "direct_url.json": "{}"},
        lines=("License-File: LICENSE", "Author: A\u00fcthor", "", "The description"))),
    _holds("a-wheel-with-signatures", wheel("tool", info={"RECORD.jws": "{}", "RECORD.p7s": "x"})),
    _holds("stored-wheels-are-read", wheel("tool", compressed=False)),
    _holds("an-egg-name-with-dots", wheel("a.b-c", files={"a/b/c.py": ""})),
    scenario("two-distributions-share-a-namespace", "install one two",
             index(wheel("one", files={"space/one.py": ""}),
                   wheel("two", files={"space/two.py": ""})),
             then=("uninstall -y one",)),
    scenario("two-distributions-have-the-same-file", "install one two",
             index(wheel("one", files={"same.py": "ONE = 1\n"}),
                   wheel("two", files={"same.py": "TWO = 2\n"})), returns=False),
    scenario("a-truncated-wheel", "install demo", index(altered(GOOD, GOOD.content[:600])),
             exits=(1,), shows=("Wheel 'demo' located at",)),
    scenario("a-wheel-that-is-no-archive", "install demo", index(altered(GOOD, b"not a zip")),
             exits=(1,), shows=("is invalid",)),
    _holds("a-wheel-with-a-path-that-leaves", wheel("tool", files={"../../evil.py": "E = 1\n"}),
           exits=1, shows="outside"),
    _holds("a-wheel-with-an-absolute-path", wheel("tool", files={"/evil.py": "E = 1\n"}), exits=1),
    _holds("a-wheel-without-record", wheel("tool", info={"RECORD": None}), exits=1,
           allow=WHOLE_OR_NOT),
    _holds("a-wheel-without-wheel-file", wheel("tool", info={"WHEEL": None}), exits=1),
    _holds("a-wheel-of-a-later-format", wheel("tool", info={"WHEEL": "Wheel-Version: 2.0\n"}),
           exits=1, shows="Wheel-Version"),
    _holds("a-wheel-of-a-somewhat-later-format", wheel("tool", info={
        "WHEEL": "Wheel-Version: 1.9\nRoot-Is-Purelib: true\n"}),
           shows="newer Wheel-Version (1.9)"),
    _holds("a-wheel-with-two-info-folders", wheel("tool", files={
        "tool.py": "", "other-1.0.dist-info/METADATA": NEXT_INFO}), exits=1, shows="multiple",
        environ={"PYTHONHASHSEED": "0"}),  # pip prints these in any order
    _holds("a-wheel-with-the-info-folder-of-another", wheel("tool", info_name="or-1.0.dist-info"),
           exits=1),
    _holds("a-wheel-without-metadata-in-it", wheel("tool", info={"METADATA": None}), exits=2,
           allow=PIP_CRASHES),
)  # fmt: skip
