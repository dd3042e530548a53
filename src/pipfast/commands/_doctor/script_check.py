"""Scripts whose interpreter does not exist or is in another environment, as after a move."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence

from pipfast.commands._doctor.file_check import is_sound
from pipfast.commands._doctor.subject import Distribution, Subject, real_folder
from pipfast.model.findings import ActivationElsewhere, Finding, ScriptsOfOtherPython
from pipfast.model.frozen_dataclass import dataclass
from pipfast.model.lazy_pattern import lazy_pattern
from pipfast.transaction.install_environment import InstallEnvironment
from pipfast.transaction.record_file import hashed_row, quoted_path
from pipfast.transaction.replaced_files import replace_files
from pipfast.transaction.scripts import shebang

_FIRST_LINE = lazy_pattern(rb"#!(?P<path>/[^\n ]*python[^/\n ]*)\n")
_OF_SYSTEM = ("/bin", "/usr/bin", "/usr/local/bin")
_LONG_FIRST_LINE = lazy_pattern(
    rb"#!/bin/sh\n'''exec' \"?(?P<path>/[^\n]*python[^/\n\"]*?)\"? \"\$0\" \"\$@\"\n' '''\n"
)
"""What stands in place of a first line that is too long for the kernel or has blanks."""

_PREFIX = lazy_pattern(
    rb"^(?:export )?VIRTUAL_ENV=['\"]?(?P<path>/[^'\"\n]*?)['\"]?$", re.MULTILINE
)


@dataclass(frozen=True, slots=True)
class _Script:
    """A recorded script; `start` is its first line, or the lines in its place."""

    one: Distribution
    path: str
    interpreter: str
    start: bytes
    content: bytes


def find(subject: Subject) -> Iterator[Finding]:
    """Yield scripts of other interpreters, and activation scripts of other environments."""
    by_python: dict[str, list[str]] = {}
    for script in _foreign(subject):
        by_python.setdefault(script.interpreter, []).append(script.path)
    for interpreter, paths in sorted(by_python.items()):
        is_gone = not os.path.exists(interpreter)
        yield ScriptsOfOtherPython(tuple(sorted(paths)), interpreter, is_gone)
    path = os.path.join(subject.sites[0].scheme.scripts, "activate")
    named = _named_prefix(path)
    if named is not None and not _is_same(named, subject.python.prefix):
        yield ActivationElsewhere(path, named)


def mend(subject: Subject, findings: Sequence[Finding]) -> None:
    """Write the first lines of scripts that are as they were installed, and activation scripts.

    The digests in RECORD follow. All files of an environment are replaced in one transaction.
    """
    for site in subject.sites:
        scripts = [
            each
            for each in _foreign(subject)
            if each.one.library in (site.scheme.purelib, site.scheme.platlib)
        ]
        contents = _rewritten(scripts, site)
        if contents:
            replace_files(site, contents)
    for each in findings:
        if isinstance(each, ActivationElsewhere):
            _rewrite_activation(subject, each.prefix)
    subject.forget()


def _foreign(subject: Subject) -> Iterator[_Script]:
    folder = os.path.realpath(subject.sites[0].scheme.scripts)
    for one in subject.distributions:
        for file in one.files:
            path = one.place(file)
            script = _read(one, path) if real_folder(path) == folder else None
            if script is not None and is_sound(path, file) and _is_foreign(script, subject):
                yield script


def _read(one: Distribution, path: str) -> _Script | None:
    try:
        with open(path, "rb") as file:
            content = file.read()
    except OSError:
        return None
    found = _LONG_FIRST_LINE.match(content) or _FIRST_LINE.match(content)
    if found is None:
        return None
    return _Script(one, path, os.fsdecode(found["path"]), found[0], content)


def _is_foreign(script: _Script, subject: Subject) -> bool:
    """Return whether a script names an interpreter outside the environment.

    Folders are compared, because an environment has several names for its interpreter. A folder of
    the system is not foreign: the author of the script may have chosen it.
    """
    folder = os.path.dirname(script.interpreter)
    own = os.path.dirname(subject.python.executable)
    return folder not in _OF_SYSTEM and not _is_same(folder, own)


def _is_same(one: str, other: str) -> bool:
    return os.path.realpath(one) == os.path.realpath(other)


def _rewritten(scripts: Sequence[_Script], site: InstallEnvironment) -> Mapping[str, bytes]:
    """Return the new contents of scripts and of the RECORDs that list them."""
    contents: dict[str, bytes] = {}
    for script in scripts:
        start = shebang(site.executable)
        contents[script.path] = start + script.content[len(script.start) :]
    for info in {script.one.info for script in scripts}:
        [one] = {script.one for script in scripts if script.one.info == info}
        contents[os.path.join(info, "RECORD")] = _record(one, contents)
    return contents


def _record(one: Distribution, contents: Mapping[str, bytes]) -> bytes:
    """Return the RECORD of a distribution with the digests of changed files.

    Raises UnicodeDecodeError if it is not UTF-8, so that nothing else in it changes.
    """
    changed = {
        f"{quoted_path(file.path)},": (file.path, contents[one.place(file)])
        for file in one.files
        if one.place(file) in contents
    }
    with open(os.path.join(one.info, "RECORD"), "rb") as file:
        lines = file.read().decode("utf-8").split("\n")
    for number, line in enumerate(lines):
        for start, (path, content) in changed.items():
            if line.startswith(start):
                name, rest = hashed_row(path, content)
                ending = "\r" if line.endswith("\r") else ""
                lines[number] = f"{quoted_path(name)}{rest.rstrip()}{ending}"
    return "\n".join(lines).encode()


def _named_prefix(path: str) -> str | None:
    try:
        with open(path, "rb") as file:
            found = _PREFIX.search(file.read())
    except OSError:
        return None
    return os.fsdecode(found["path"]) if found else None


def _rewrite_activation(subject: Subject, former: str) -> None:
    """Replace the former folder of the environment in all activation scripts."""
    folder = subject.sites[0].scheme.scripts
    contents: dict[str, bytes] = {}
    for name in os.listdir(folder):
        path = os.path.join(folder, name)
        if name.lower().startswith("activate") and os.path.isfile(path):
            with open(path, "rb") as file:
                content = file.read()
            new = content.replace(os.fsencode(former), os.fsencode(subject.python.prefix))
            if new != content:
                contents[path] = new
    if contents:
        replace_files(subject.sites[0], contents)
