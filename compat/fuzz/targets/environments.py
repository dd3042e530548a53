"""Files in an environment: RECORD, WHEEL, entry points, direct_url.json, .pth, egg-info."""

from __future__ import annotations

import contextlib
import csv
import json
import pathlib
from importlib.metadata import EntryPoints
from types import SimpleNamespace
from typing import Any, cast

from packaging.direct_url import DirectUrl, DirectUrlValidationError
from pip._internal.req.req_uninstall import UninstallPthEntries

from compat.fuzz.target import Disagreement, Target
from compat.fuzz.targets.files import written
from pipfast.environment.direct_url_file import document_in, editable_folder, origin_of
from pipfast.environment.eggs import egg_requirements
from pipfast.environment.metadata_files import tidy
from pipfast.environment.recorded_files import listed
from pipfast.errors import InstallationError
from pipfast.model.installed_distribution import Installed
from pipfast.store.wheels.manifest import described
from pipfast.transaction.install_environment import InstallEnvironment
from pipfast.transaction.path_files import without_lines
from pipfast.transaction.scripts import entry_points, scripts
from pipfast.transaction.wheel_format import check_wheel_format


def _record(data: bytes) -> None:
    text = data.decode("utf-8", "replace")
    ours = list(map(tidy, listed(text)))
    theirs = [row[0] for row in csv.reader(text.splitlines()) if row]
    if ours != [str(pathlib.Path(path)) for path in theirs]:
        raise Disagreement(f"{ours} != {theirs}")
    with contextlib.suppress(UnicodeDecodeError):
        described("demo.whl", [(0, "demo/x.py", 1, False)], {"demo-1.dist-info/RECORD": data}, 1)


def _wheel_file(data: bytes) -> None:
    info = "demo-1.0.dist-info"
    archive = SimpleNamespace(names=(f"{info}/WHEEL",), texts={f"{info}/WHEEL": data})
    with contextlib.suppress(InstallationError):
        check_wheel_format(cast("Any", archive), cast("Any", "demo"), lambda _: None)


def _entry_points(data: bytes) -> None:
    text = data.decode("utf-8", "replace")
    points = entry_points(text)
    try:
        environment = cast("InstallEnvironment", _Environment)
        for script in scripts(points, environment):
            compile(script.content.partition(b"\n")[2], "script", "exec")
    except (InstallationError, SyntaxError):  # pip writes scripts that do not compile, too
        pass
    try:
        parsed = EntryPoints._from_text_for(text, None)  # type: ignore[attr-defined]
        theirs = {each.name: each.value for each in parsed if each.group == "console_scripts"}
    except Exception:  # noqa: BLE001 - importlib.metadata refuses it
        return
    if dict(points.console) != theirs:
        raise Disagreement(f"{dict(points.console)} != {theirs}")


class _Environment:
    """What generating scripts needs to know."""

    python = (3, 11)
    executable = "/env/bin/python"
    scheme = SimpleNamespace(scripts="/env/bin")


def _direct_url(data: bytes) -> None:
    text = data.decode("utf-8", "replace")
    document = document_in(text)
    if document is not None:
        editable_folder(document)
    reports: list[object] = []
    one = Installed(
        name=cast("Any", "demo"),
        raw_name="demo",
        version="1",
        location="/",
        info="/i",
        direct_url=text,
    )
    origin = origin_of(one, reports.append)
    try:
        theirs = DirectUrl.from_dict(json.loads(text)).to_dict()
    except (ValueError, AttributeError, DirectUrlValidationError, RecursionError):
        theirs = None
    ours = origin.to_dict() if origin is not None else None
    if ours != theirs:
        raise Disagreement(f"{ours} != {theirs}")
    if (origin is None) != bool(reports):
        raise Disagreement("an invalid file is not reported")


def _pth(data: bytes) -> None:
    content, _, line = data.rpartition(b"\0")
    entry = line.decode("utf-8", "replace")
    path = written("x.pth", content)
    theirs = UninstallPthEntries(str(path))
    theirs.add(entry)
    theirs.remove()
    if without_lines(content, [entry]) != path.read_bytes():
        raise Disagreement(f"{without_lines(content, [entry])!r} != {path.read_bytes()!r}")


def _egg(data: bytes) -> None:
    egg_requirements(data.decode("utf-8", "replace"))


TARGETS = (
    Target(
        "record",
        _record,
        [
            b"demo/__init__.py,sha256=abc,10\ndemo-1.0.dist-info/RECORD,,\n",
            b'"demo/a,b ""c"".py",sha256=x,1\r\n../../bin/demo,,\n\n/abs/x,,,,\n./a//b/../c,,\n',
            "demo/grüße.py,,\n".encode() + b"a\0b,,\n",
        ],
        [
            b",",
            b'"',
            b'""',
            b"\r\n",
            b"\n",
            b"../",
            b"./",
            b"//",
            b"\0",
            b"sha256=",
            b"RECORD",
            b"\r",
        ],
    ),
    Target(
        "wheel-file",
        _wheel_file,
        [
            b"Wheel-Version: 1.0\nGenerator: kit (1)\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
            b"Wheel-Version: 1.9\r\nRoot-Is-Purelib: FALSE\r\n",
        ],
        [b"Wheel-Version:", b"Root-Is-Purelib:", b"1.0", b".", b"true", b"-1", b"\n", b"2"],
    ),
    Target(
        "entry-points",
        _entry_points,
        [
            b"[console_scripts]\ndemo = demo:main\nother = a.b:c.d [x]\n[gui_scripts]\ng = a:b\n",
            b"# c\n[console_scripts]\npip = pip:main\neasy_install=x:y\n[other]\n../x = a:b\n",
        ],
        [
            *(b"[console_scripts]", b"[gui_scripts]", b" = ", b":", b".", b"[", b"]", b"#", b"\n"),
            *(b"../", b"/", b"demo", b"pip", b"python", b"\\", b"'", b";", b"\xe2\x80\xa8"),
        ],
    ),
    Target(
        "direct-url",
        _direct_url,
        [
            b'{"url": "file:///a%20b", "dir_info": {"editable": true}}',
            b'{"url": "https://u:p@h.test/a.git", "vcs_info": {"vcs": "git", "commit_id": "f",'
            b' "requested_revision": "main"}, "subdirectory": "s"}',
            b'{"url": "https://h.test/a.zip", "archive_info": {"hash": "sha256=aa", "hashes":'
            b' {"sha256": "aa"}}}',
            b'{"url": ' + b"[" * 3000,
        ],
        [
            *(
                b'"url":',
                b'"dir_info":',
                b'"vcs_info":',
                b'"archive_info":',
                b'"editable":',
                b"true",
            ),
            *(b'"hashes":', b'"hash":', b'"commit_id":', b'"subdirectory":', b"{}", b"[]", b"null"),
            *(b"file:", b"//", b"\\u0000", b"\\ud800", b"{", b"}", b"[", b"]", b",", b":", b"%"),
        ],
    ),
    Target(
        "pth",
        _pth,
        [b"/a\n/b\n\0/a", b"/a\r\n/b\r\n\0/b", b"import x\n/a\0/a", b"\0x", b"a\n\n\0"],
        [b"\n", b"\r\n", b"\r", b"\0", b"/a", b"import "],
    ),
    Target(
        "egg-requires",
        _egg,
        [b"a>=1\n[x]\nb\n[y:os_name == 'nt']\nc\n[:z]\nd\n# e\n"],
        [b"[", b"]", b":", b"\n", b"a", b";", b"#"],
    ),
)
