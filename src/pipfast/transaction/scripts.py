"""Generate scripts for entry points, and set the interpreter of scripts in a wheel.

Names and contents are those that pip 26.3 generates with distlib.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from pipfast.errors import InstallationError
from pipfast.model.frozen_dataclass import dataclass
from pipfast.model.lazy_pattern import lazy_pattern
from pipfast.transaction.events import ScriptsNotOnPath
from pipfast.transaction.install_environment import InstallEnvironment

_WINDOWS = os.name == "nt"
_MAX_SHEBANG = 512 if sys.platform == "darwin" else 127  # characters that the kernel reads
_SPECIFICATION = lazy_pattern(
    r"(?P<name>[^\[]\S*)\s*=\s*(?P<callable>\w+(?:[:.]\w+)*)"
    r"\s*(?P<flags>\[\s*[\w-]+(?:=\w+)?(?:,\s*\w+(?:=\w+)?)*\s*\])?"
)


_INTERPRETER = lazy_pattern(r"pythonw?(?:\d(?:\.\d+t?)?)?(?:\.exe)?", re.IGNORECASE)


def interpreter_in(paths: Iterable[str], folder: str) -> str | None:
    """Return the first of `paths` that is an interpreter's name in `folder`, None if none is."""
    start = os.path.join(folder, "")
    for path in paths:
        if path.startswith(start) and _INTERPRETER.fullmatch(path[len(start) :]):
            return path
    return None


@dataclass(frozen=True, slots=True)
class Script:
    """A script to generate; `console` is whether it is a console script, not a GUI script."""

    path: str
    content: bytes
    console: bool


@dataclass(frozen=True, slots=True)
class EntryPoints:
    """The entry points of a distribution that become scripts: object references by name."""

    console: Mapping[str, str]
    gui: Mapping[str, str]

    def wraps(self, file_name: str) -> bool:
        """Return whether a file of the wheel is setuptools' script for one of these."""
        lowered = file_name.lower()
        for ending in (".exe", "-script.py", ".pya"):
            if lowered.endswith(ending):
                file_name = file_name[: -len(ending)]
                break
        return file_name in self.console or file_name in self.gui


def entry_points(text: str) -> EntryPoints:
    """Parse ``entry_points.txt`` like importlib.metadata; the last entry of a name counts."""
    groups: dict[str, dict[str, str]] = {"console_scripts": {}, "gui_scripts": {}}
    group: dict[str, str] | None = None
    for line in map(str.strip, text.splitlines()):
        if not line or line.startswith("#"):
            continue
        if line.startswith("[") and line.endswith("]"):
            group = groups.get(line.strip("[]"))
        elif group is not None:
            name, _, value = line.partition("=")
            group[name.strip()] = value.strip()
    return EntryPoints(groups["console_scripts"], groups["gui_scripts"])


def scripts(points: EntryPoints, environment: InstallEnvironment) -> Iterator[Script]:
    """Yield the scripts for `points`. Raises InstallationError for an invalid entry point."""
    for specification in _console_specifications(points.console, environment.python):
        yield _script(specification, environment, console=True)
    for name, value in points.gui.items():
        yield _script(f"{name} = {value}", environment, console=False)


def _console_specifications(console: Mapping[str, str], python: tuple[int, int]) -> list[str]:
    """Return entry points as ``name = reference``.

    pip and easy_install get names with the version of the target Python (pip behaviour).
    """
    others = dict(console)
    result = []
    version = ".".join(map(str, python))
    options = os.environ.get("ENSUREPIP_OPTIONS")
    pip = others.pop("pip", None)
    if pip:
        names = ["pip"] if options is None else []
        names += [f"pip{python[0]}"] if options != "altinstall" else []
        result += [f"{name} = {pip}" for name in (*names, f"pip{version}")]
        others = {
            key: value for key, value in others.items() if not re.match(r"pip(\d+(\.\d+)?)?$", key)
        }
    easy = others.pop("easy_install", None)
    if easy:
        names = ["easy_install"] if options is None else []
        result += [f"{name} = {easy}" for name in (*names, f"easy_install-{version}")]
        others = {
            key: value
            for key, value in others.items()
            if not re.match(r"easy_install(-\d+\.\d+)?$", key)
        }
    return result + [f"{name} = {value}" for name, value in others.items()]


def _script(specification: str, environment: InstallEnvironment, *, console: bool) -> Script:
    name, module, function = _parse(specification)
    path = _path_of(name, environment.scheme.scripts)
    body = (
        f"import sys\nfrom {module} import {function.partition('.')[0]}\n"
        "if __name__ == '__main__':\n"
        "    sys.argv[0] = sys.argv[0].removesuffix('.exe')\n"
        f"    sys.exit({function}())\n"
    ).encode()
    executable = environment.executable
    if not _WINDOWS:
        return Script(path, shebang(executable) + body, console)
    if not console:
        head, tail = os.path.split(executable)
        executable = os.path.join(head, tail.replace("python", "pythonw"))
    stem, ending = os.path.splitext(path)
    path = f"{stem if ending.startswith('.py') else path}.exe"
    content = _launcher(console=console) + shebang(executable) + _zipped(body)
    return Script(path, content, console)


def _parse(specification: str) -> tuple[str, str, str]:
    """Return the name, the module and the function of ``name = module:function [flags]``."""
    found = _SPECIFICATION.search(specification)
    if found is None or (found["flags"] is None and ("[" in specification or "]" in specification)):
        raise InstallationError(f"Invalid specification '{specification}'")
    name, target = found["name"], found["callable"]
    module, colon, function = target.partition(":")
    if ":" in function:
        raise InstallationError(f"Invalid specification '{specification}'")
    if not colon:
        raise InstallationError(
            f"Invalid script entry point: {_export_entry(name, module, found['flags'])} - A "
            "callable suffix is required. See "
            "https://packaging.python.org/specifications/entry-points/#use-for-scripts "
            "for more information."
        )
    return name, module, function


def _path_of(name: str, folder: str) -> str:
    """Return the path of a script. Raises InstallationError if it is outside `folder`."""
    path = os.path.abspath(os.path.join(folder, name))
    if not path.startswith(os.path.join(os.path.abspath(folder), "")):
        raise InstallationError(
            f"Invalid script entry point name {name!r}: the script "
            f"would be installed outside the scripts directory ({folder})."
        )
    return path


def _export_entry(name: str, module: str, flags: str | None) -> str:
    """Return distlib's representation of an entry point."""
    parts = [flag.strip() for flag in flags.strip("[]").split(",")] if flags else []
    return f"<ExportEntry {name} = {module}:None {parts}>"


def shebang(executable: str) -> bytes:
    """Return the ``#!`` line; it runs a shell if the kernel does not accept the path itself."""
    quoted = (
        f'"{executable}"' if " " in executable and not executable.startswith('"') else executable
    )
    name = quoted.encode("utf-8")
    simple = b" " not in name and len(name) + 3 <= _MAX_SHEBANG and not _is_script(executable)
    if os.name != "posix" or simple:
        return b"#!" + name + b"\n"
    return b"#!/bin/sh\n'''exec' " + name + b" \"$0\" \"$@\"\n' '''\n"


def _is_script(executable: str) -> bool:
    try:
        with Path(executable).open("rb") as file:
            return file.read(2) == b"#!"
    except OSError:
        return False


def with_interpreter(content: bytes, executable: str) -> bytes | None:
    """Return a script with ``#!python`` replaced by the interpreter, None without this line."""
    if not content.startswith(b"#!python"):
        return None
    _, _, rest = content.partition(b"\n")
    return b"#!" + os.fsencode(executable) + os.linesep.encode("ascii") + rest


def _launcher(*, console: bool) -> bytes:
    """Return the Windows launcher from the pip distribution that pipfast depends on."""
    import platform

    bits = 64 if sys.maxsize > 2**32 else 32
    arm = "-arm" if platform.machine() == "ARM64" else ""
    name = f"{'t' if console else 'w'}{bits}{arm}.exe"
    for folder in sys.path:
        path = Path(folder, "pip", "_vendor", "distlib", name)
        if path.is_file():
            return path.read_bytes()
    raise InstallationError(f"Unable to find resource {name} in package pip._vendor.distlib")


def _zipped(body: bytes) -> bytes:
    import io
    import time
    import zipfile

    stream = io.BytesIO()
    epoch = os.environ.get("SOURCE_DATE_EPOCH")
    modified = time.gmtime(int(epoch)) if epoch else time.localtime()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr(zipfile.ZipInfo("__main__.py", modified[:6]), body)
    return stream.getvalue()


def not_on_path(
    scripts: Sequence[str], executable: str, search_path: str
) -> ScriptsNotOnPath | None:
    """Return a warning about console scripts in folders that PATH does not contain, or None.

    The folder of `executable` needs no warning (pip behaviour).
    """
    folders: dict[str, set[str]] = {}
    for script in scripts:
        folder = os.path.realpath(os.path.dirname(script))
        folders.setdefault(folder, set()).add(os.path.basename(script))
    entries = search_path.split(os.pathsep)
    own = os.path.realpath(os.path.dirname(executable))
    missing = {key: value for key, value in folders.items() if key != own and key not in entries}
    if missing:
        searched = {os.path.realpath(entry) for entry in entries}
        missing = {key: value for key, value in missing.items() if key not in searched}
    if not missing:
        return None
    return ScriptsNotOnPath(
        tuple((folder, tuple(sorted(names))) for folder, names in missing.items()),
        path_has_tilde=any(entry.startswith("~") for entry in entries),
    )
