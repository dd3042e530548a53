"""Requirements, the files that contain them, and lock files."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from typing import Any

from pip._internal.req import req_file
from pip._internal.req.constructors import install_req_from_line

from compat.fuzz.target import Disagreement, Target
from compat.fuzz.targets.files import scratch, written
from pipfast.builds.errors import UnreadableProject
from pipfast.builds.pyproject import build_system, stated_metadata, stated_name, static_metadata
from pipfast.errors import CommandError, InstallationError
from pipfast.model.fast_requirements import admits, applies, read
from pipfast.model.requirement import NESTING
from pipfast.policy.selection import FormatControl
from pipfast.requirements.dependency_groups import group_requirements
from pipfast.requirements.inline_script import script_requirements
from pipfast.requirements.parse import parse_editable, parse_pep508, parse_requirement
from pipfast.requirements.pylock_reader import LockRequest, LockTarget, locked_requirements
from pipfast.requirements.requirements_file import Reader, RequirementLine, read_file

_MARKERS = {
    "implementation_name": "cpython",
    "implementation_version": "3.11.0",
    "os_name": "posix",
    "platform_machine": "x86_64",
    "platform_python_implementation": "CPython",
    "platform_release": "6.1",
    "platform_system": "Linux",
    "platform_version": "#1",
    "python_full_version": "3.11.0",
    "python_version": "3.11",
    "sys_platform": "linux",
}


def _line(data: bytes) -> None:
    text = data.decode("utf-8", "replace")
    os.chdir(scratch())
    try:
        ours = parse_requirement(text)
    except InstallationError:
        ours = None
    for other in (parse_editable, parse_pep508):
        with contextlib.suppress(InstallationError):
            other(text)
    plain = read(text)
    if plain is not None:
        admits(plain.clauses, "1.0")
        applies(plain.marker, {**_MARKERS, "extra": ""})
    try:
        theirs: Any = install_req_from_line(text)
    except Exception:  # noqa: BLE001 - pip ends with an error or a traceback
        return
    if ours is None:
        if not _is_beyond_limits(text):
            raise Disagreement(f"pip accepts {theirs}")
        return
    pips = theirs.req and str(theirs.req) + (f"; {theirs.markers}" if theirs.markers else "")
    named = ours.requirement and str(ours.requirement).replace(" ; ", "; ")
    if (named or None) != (pips or None):
        raise Disagreement(f"{named} != {pips}")
    if (ours.link is None) != (theirs.link is None):
        raise Disagreement(f"{ours.link} != {theirs.link}")


def _is_beyond_limits(text: str) -> bool:
    """Return whether the line exceeds a limit of docs/security.md."""
    return text.count("(") > NESTING or any(
        len(part) > 4300 for part in text.replace(".", " ").split()
    )


def _file(data: bytes) -> None:
    path = written("r.txt", data)
    os.chdir(scratch())
    ours: list[str] | None
    try:
        reader = Reader(remote=_nowhere, environ={"HOME": "/home/x"})
        ours = [
            line.text
            for line in read_file("r.txt", reader)
            if isinstance(line, RequirementLine) and not line.editable
        ]
    except InstallationError:
        ours = None
    if ours is None or b"-" in data or b"$" in data:
        return
    theirs = [text for _, text in req_file.preprocess(req_file._decode_req_file(data, str(path)))]
    if ours != theirs:
        raise Disagreement(f"{ours} != {theirs}")


def _nowhere(url: str) -> str:
    raise InstallationError(url)


def _pylock(data: bytes) -> None:
    path = written("pylock.toml", data)
    target = LockTarget(markers=_MARKERS, tags=_tags())
    reader = Reader(remote=_nowhere, environ={})
    request = LockRequest(path=str(path), extras=frozenset({"x"}), default_groups=True)
    try:
        for _ in locked_requirements(request, target, FormatControl(), reader):
            pass
    except InstallationError:
        pass


def _tags() -> Any:
    from packaging.tags import Tag

    return [Tag("py3", "none", "any")]


def _project(data: bytes) -> None:
    """Read the static metadata and the build system of a folder with this pyproject.toml."""
    path = written("project/pyproject.toml", data)
    for read_it in (lambda: build_system(path.parent, "demo"), lambda: stated_name(path.parent)):
        with contextlib.suppress(UnreadableProject, InstallationError):
            read_it()
    stated_metadata(path.parent)
    static_metadata(path.parent, sdist=False)
    with contextlib.suppress(InstallationError):
        group_requirements([(str(path), "test")])


def _script(data: bytes) -> None:
    path = written("script.py", data)
    with contextlib.suppress(CommandError, InstallationError):
        script_requirements(str(path), (3, 11, 0))


def _source_metadata(data: bytes) -> None:
    path = written("sdist/PKG-INFO", data)
    stated_name(path.parent)
    stated_metadata(path.parent)
    static_metadata(path.parent, sdist=True)


def _all(*texts: str) -> Iterator[bytes]:
    return (text.encode() for text in texts)


_LOCK = """lock-version = "1.0"
created-by = "kit"
requires-python = ">=3.8"
environments = ["os_name == 'posix'"]
extras = ["x"]
dependency-groups = ["g"]
default-groups = ["g"]
[[packages]]
name = "demo"
version = "1.0"
marker = "'x' in extras or os_name == 'posix'"
dependencies = [{name = "a"}]
[[packages.wheels]]
name = "demo-1.0-py3-none-any.whl"
url = "https://h.test/demo-1.0-py3-none-any.whl"
upload-time = 2024-01-02T03:04:05Z
size = 5
hashes = {sha256 = "aa"}
[packages.sdist]
path = "demo-1.0.tar.gz"
hashes = {sha256 = "bb"}
"""
_DIRECT = """lock-version = '1.0'
created-by = 'kit'
packages = [
 {name = 'a', vcs = {type = 'git', url = 'https://h.test/a', commit-id = 'f'}},
 {name = 'b', directory = {path = '../b', editable = true, subdirectory = 's'}},
 {name = 'c', archive = {url = 'https://h.test/c.zip', hashes = {sha256 = 'x'}}},
]
"""
_PYPROJECT = """[build-system]
requires = ["setuptools>=80"]
build-backend = "setuptools.build_meta"
backend-path = ["."]
[project]
name = "demo"
version = "1.0"
dependencies = ["a>=1; os_name == 'nt'"]
requires-python = ">=3.8"
dynamic = ["readme"]
[project.optional-dependencies]
x = ["b"]
[dependency-groups]
test = ["pytest", {include-group = "g"}]
g = ["c"]
"""
_TOML = (
    *("[", "]", "[[", "]]", "{", "}", "=", ",", '"', "'", '"""', "'''", "\n", "#", "true", "inf"),
    *("1979-05-27", "07:32:00", "0x1f", "nan", "\\u0000", "\\", ".", "1_0"),
)
_SPEC = (
    *("==", ">=", "~=", "===", "!=", "<", ",", ";", " @ ", "[", "]", "(", ")", "1.0", ".*", "1!"),
    *("+l", "rc1", ".dev0", " and ", " or ", "extra == 'x'", "python_version", "os_name", " in "),
    *("not in", "https://h.test/a.zip", "file:///", "git+https://h/a@b", "#egg=", "./", "~", "a"),
)
_OPTIONS = (
    *("--hash=sha256:", "-e ", "-r ", "-c ", "-i ", "--extra-index-url ", "--find-links ", "\\\n"),
    *("--no-binary ", "--only-binary=:all:", "--config-settings ", "--pre", "${HOME}", " #", "-"),
    *("--trusted-host ", "--use-feature ", "# coding: utf-8\n", "# coding: x\n", "\ufeff", "a==1"),
)

TARGETS = (
    Target(
        "requirement",
        _line,
        list(
            _all(
                "demo",
                "demo>=1.0,!=2.*; python_version < '4'",
                "demo[x,y]~=1.0",
                "a@b",
                "demo @ https://h.test/demo-1.0.zip#sha256=aa ; os_name == 'nt'",
                "./a[x]",
                "git+https://h.test/a.git@main#egg=a&subdirectory=b",
                "demo (>=1)",
                "demo==1.0+l",
                "https://h.test/demo-1.0-py3-none-any.whl",
                "file:///a%20b",
                "demo-1.0.tar.gz",
                "a; " + "(" * 300 + "os_name == 'x'" + ")" * 300,
                "git+ext::sh -c x",
                "-e .",
                "a===1;extra=='b'and(python_version not in'3.1 3.2'or os_name<'x')",
            )
        ),
        list(_all(*_SPEC)),
    ),
    Target(
        "requirements-file",
        _file,
        [
            *list(
                _all(
                    "a\nb==1.0 # c\n",
                    "a \\\n  ==1.0\n# x\n${HOME}/b\n",
                    "-r r.txt\n-c other.txt\n",
                    "a==1 --hash=sha256:" + "a" * 64 + " \\\n    --hash=sha256:" + "b" * 64 + "\n",
                    "-i https://h.test/\n--no-binary :all:\n-e ./x --config-settings a=b\n",
                    "# -*- coding: latin-1 -*-\na\n",
                    "\ufeffa\r\nb\r\n",
                    "a\x0cb\u2028c\x85d\n",
                )
            ),
            "a\nb".encode("utf-16"),
            b"\xff\xfe\x00",
            b"a\xff\n",
        ],
        list(_all(*_OPTIONS, *_SPEC)),
    ),
    Target(
        "pylock",
        _pylock,
        [_LOCK.encode(), _DIRECT.encode(), b"lock-version='2.0'", b"a = " + b"[" * 2000],
        list(_all(*_TOML, "name", "version", "marker", "path", "url", "hashes", "size", "vcs")),
    ),
    Target(
        "pyproject",
        _project,
        [_PYPROJECT.encode(), b"[project]\nname='a'\n", b"a = " + b"[" * 2000 + b"]" * 2000],
        list(
            _all(*_TOML, "name", "version", "dependencies", "requires", "dynamic", "include-group")
        ),
    ),
    Target(
        "script",
        _script,
        list(
            _all(
                "# /// script\n# requires-python = '>=3.8'\n# dependencies = ['a']\n# ///\n",
                "#!/usr/bin/python\n# /// script\n# [tool.x]\n#\n# ///\nprint()\n",
                "# /// script\n# a = " + "[" * 2000 + "\n# ///\n",
            )
        ),
        list(_all(*_TOML, "# /// script\n", "# ///\n", "# ", "#", "dependencies = ")),
    ),
    Target(
        "pkg-info",
        _source_metadata,
        list(
            _all(
                "Metadata-Version: 2.2\nName: demo\nVersion: 1.0\nRequires-Dist: a\n",
                "Metadata-Version: 2.4\nName: demo\nVersion: 1.0\nDynamic: Requires-Dist\n",
            )
        ),
        list(_all("Metadata-Version:", "Name:", "Version:", "Dynamic:", "Requires-Dist:", "2.2")),
    ),
)
