"""Scripts: wrappers for entry points, and the first line of those that a wheel brings.

Text, names and first lines are those that pip 26.3 makes through distlib.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from pipfast.errors import InstallationError
from pipfast.model.frozen_dataclass import dataclass
from pipfast.transaction.target_environment import Site

_WINDOWS = os.name == "nt"
_LONGEST = 512 if sys.platform == "darwin" else 127  # characters a kernel reads of a first line
_SPECIFICATION = re.compile(
    r"(?P<name>[^\[]\S*)\s*=\s*(?P<callable>\w+(?:[:.]\w+)*)"
    r"\s*(?P<flags>\[\s*[\w-]+(?:=\w+)?(?:,\s*\w+(?:=\w+)?)*\s*\])?"
)


@dataclass(frozen=True, slots=True)
class Script:
    """A script to be made: its absolute path, its bytes, and whether it opens a console."""

    path: str
    content: bytes
    console: bool


@dataclass(frozen=True, slots=True)
class EntryPoints:
    """The entry points of a distribution that become scripts: name to object reference."""

    console: Mapping[str, str]
    gui: Mapping[str, str]

    def wraps(self, file_name: str) -> bool:
        """Whether a file of the wheel is setuptools' own wrapper for one of these."""
        lowered = file_name.lower()
        for ending in (".exe", "-script.py", ".pya"):
            if lowered.endswith(ending):
                file_name = file_name[: -len(ending)]
                break
        return file_name in self.console or file_name in self.gui


def entry_points(text: str) -> EntryPoints:
    """Read ``entry_points.txt`` as importlib.metadata does: of two with a name the last counts."""
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


def scripts(points: EntryPoints, site: Site) -> Iterator[Script]:
    """The wrappers for `points`. Raises InstallationError for one that cannot be made."""
    for specification in _console_specifications(points.console, site.python):
        yield from _wrapper(specification, site, console=True)
    for name, value in points.gui.items():
        yield from _wrapper(f"{name} = {value}", site, console=False)


def _console_specifications(console: Mapping[str, str], python: tuple[int, int]) -> list[str]:
    """Entry points as specifications; pip and easy_install get names with this Python's version."""
    left = dict(console)
    made = []
    version = ".".join(map(str, python))
    wanted = os.environ.get("ENSUREPIP_OPTIONS")
    pip = left.pop("pip", None)
    if pip:
        names = ["pip"] if wanted is None else []
        names += [f"pip{python[0]}"] if wanted != "altinstall" else []
        made += [f"{name} = {pip}" for name in (*names, f"pip{version}")]
        left = {
            key: value for key, value in left.items() if not re.match(r"pip(\d+(\.\d+)?)?$", key)
        }
    easy = left.pop("easy_install", None)
    if easy:
        names = ["easy_install"] if wanted is None else []
        made += [f"{name} = {easy}" for name in (*names, f"easy_install-{version}")]
        left = {
            key: value
            for key, value in left.items()
            if not re.match(r"easy_install(-\d+\.\d+)?$", key)
        }
    return made + [f"{name} = {value}" for name, value in left.items()]


def _wrapper(specification: str, site: Site, *, console: bool) -> Iterator[Script]:
    found = _SPECIFICATION.search(specification)
    if found is None or (found["flags"] is None and ("[" in specification or "]" in specification)):
        raise InstallationError(f"Invalid specification '{specification}'")
    name, target = found["name"], found["callable"]
    module, colon, function = target.partition(":")
    if ":" in function:
        raise InstallationError(f"Invalid specification '{specification}'")
    if not colon:
        raise InstallationError(
            f"Invalid script entry point: {_exported(name, module, found['flags'])} - A callable "
            "suffix is required. See https://packaging.python.org/specifications/entry-points/"
            "#use-for-scripts for more information."
        )
    folder = site.scheme.scripts
    path = os.path.abspath(os.path.join(folder, name))
    if not path.startswith(os.path.join(os.path.abspath(folder), "")):
        raise InstallationError(
            f"Invalid script entry point name {name!r}: the script "
            f"would be installed outside the scripts directory ({folder})."
        )
    body = (
        f"import sys\nfrom {module} import {function.partition('.')[0]}\n"
        "if __name__ == '__main__':\n"
        "    sys.argv[0] = sys.argv[0].removesuffix('.exe')\n"
        f"    sys.exit({function}())\n"
    ).encode()
    executable = site.executable
    if _WINDOWS:
        if not console:
            head, tail = os.path.split(executable)
            executable = os.path.join(head, tail.replace("python", "pythonw"))
        stem, ending = os.path.splitext(path)
        path = f"{stem if ending.startswith('.py') else path}.exe"
        yield Script(
            path, _launcher(console=console) + first_line(executable) + _zipped(body), console
        )
    else:
        yield Script(path, first_line(executable) + body, console)


def _exported(name: str, module: str, flags: str | None) -> str:
    """How distlib shows an entry point without a callable."""
    words = [word.strip() for word in flags.strip("[]").split(",")] if flags else []
    return f"<ExportEntry {name} = {module}:None {words}>"


def first_line(executable: str) -> bytes:
    """The ``#!`` line; a detour through the shell where a kernel would not take the path."""
    quoted = (
        f'"{executable}"' if " " in executable and not executable.startswith('"') else executable
    )
    name = quoted.encode("utf-8")
    simple = b" " not in name and len(name) + 3 <= _LONGEST and not _is_script(executable)
    if os.name != "posix" or simple:
        return b"#!" + name + b"\n"
    return b"#!/bin/sh\n'''exec' " + name + b" \"$0\" \"$@\"\n' '''\n"


def _is_script(executable: str) -> bool:
    try:
        with Path(executable).open("rb") as file:
            return file.read(2) == b"#!"
    except OSError:
        return False


def rewritten(content: bytes, executable: str) -> bytes | None:
    """A script of the wheel with the interpreter put in for ``#!python``, None without one."""
    if not content.startswith(b"#!python"):
        return None
    _, _, rest = content.partition(b"\n")
    return b"#!" + os.fsencode(executable) + os.linesep.encode("ascii") + rest


def _launcher(*, console: bool) -> bytes:
    """The Windows launcher, out of the pip distribution that is installed beside us."""
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
    moment = os.environ.get("SOURCE_DATE_EPOCH")
    made = time.gmtime(int(moment)) if moment else time.localtime()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr(zipfile.ZipInfo("__main__.py", made[:6]), body)
    return stream.getvalue()


def not_on_path(scripts: Sequence[str], executable: str, search_path: str) -> str | None:
    """Pip's warning about console scripts in folders that the shell does not search."""
    folders: dict[str, set[str]] = {}
    for script in scripts:
        folder = os.path.realpath(os.path.dirname(script))
        folders.setdefault(folder, set()).add(os.path.basename(script))
    entries = search_path.split(os.pathsep)
    own = os.path.realpath(os.path.dirname(executable))
    left = {key: value for key, value in folders.items() if key != own and key not in entries}
    if left:
        searched = {os.path.realpath(entry) for entry in entries}
        left = {key: value for key, value in left.items() if key not in searched}
    if not left:
        return None
    lines = [_where(sorted(names), folder) for folder, names in left.items()]
    which = "this directory" if len(lines) == 1 else "these directories"
    lines.append(
        f"Consider adding {which} to PATH or, if you prefer to suppress this warning, "
        "use --no-warn-script-location."
    )
    if any(entry.startswith("~") for entry in entries):
        lines.append(
            "NOTE: The current PATH contains path(s) starting with `~`, which may not be "
            "expanded by all applications."
        )
    return "\n".join(lines)


def _where(names: list[str], folder: str) -> str:
    if len(names) == 1:
        return f"The script {names[0]} is installed in '{folder}' which is not on PATH."
    listing = f"{', '.join(names[:-1])} and {names[-1]}"
    return f"The scripts {listing} are installed in '{folder}' which is not on PATH."
