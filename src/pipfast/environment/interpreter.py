"""The target Python: its properties, queried once and cached."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from zlib import adler32, crc32

from pipfast.environment.scheme import Scheme
from pipfast.errors import CommandError, OwnError
from pipfast.model.frozen_dataclass import dataclass, names_of
from pipfast.model.lazy_pattern import lazy_pattern
from pipfast.model.optimization import optimization

TYPE_CHECKING = False  # type checkers know this name; importing typing costs 3 ms
if TYPE_CHECKING:
    from typing import Any, Protocol

    class Cache(Protocol):
        """A cache for answers; the store implements it."""

        def read(self, area: str, key: str) -> bytes | None:
            """Return the bytes of an entry, None if there is none."""
            ...

        def write(self, area: str, key: str, data: bytes) -> bool:
            """Save an entry; return False if that failed."""
            ...


AREA = "interpreters"
"""The store's area for properties of interpreters."""

OLDEST = (3, 7)
"""The oldest Python that can be a target."""


class PythonTooOld(OwnError, CommandError):
    """The target's `version` is older than the `oldest` one that can be used."""

    def __init__(self, version: str) -> None:
        super().__init__()
        self.version = version
        self.oldest = ".".join(map(str, OLDEST))


class EnvironmentNotSeen(OwnError, CommandError):
    """The interpreter `executable` of a virtual environment runs as its base interpreter.

    Python does that without a word if it cannot read ``pyvenv.cfg``.
    """

    def __init__(self, executable: str) -> None:
        super().__init__()
        self.executable = executable


_SHAPES_PATH = (
    "PYTHONHOME", "PYTHONPATH", "PYTHONNOUSERSITE", "PYTHONUSERBASE", "PYTHONPLATLIBDIR",
    "PYTHONSAFEPATH", "HOME", "APPDATA", "USERPROFILE", "_PYTHON_HOST_PLATFORM",
    "MACOSX_DEPLOYMENT_TARGET", "ARCHFLAGS",
)  # fmt: skip
"""Environment variables that affect an interpreter's path, folders and tags."""

_NO_SYSTEM_SITE = lazy_pattern(r"include-system-site-packages\s*=\s*(true|false)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Interpreter:
    """A Python to install for.

    `version_info` are three numbers. `magic_number` is that of its bytecode, in hexadecimal. `tags`
    are the supported wheel tags, best first; `platforms` the platform tags alone. `scheme` is the
    interpreter's own, `user_scheme` None without a user site; the paths of `prefix_scheme` and
    `home_scheme` start with a placeholder (see `pipfast.environment.scheme`). `sys_path` is
    searched for distributions in order. `sees_system_site` is only false in a virtual environment
    without access to its base's packages (PEP 405). `finder_distributions` are those of custom
    finders: the ``path`` that was searched, ``name``, ``version``, the ``text`` of METADATA, and
    the metadata folder ``info`` if there is one.
    """

    executable: str
    version_info: tuple[int, int, int]
    implementation: str
    cache_tag: str
    magic_number: str
    prefix: str
    base_prefix: str
    platform: str
    stdlib: str
    site_packages: str
    site_folders: tuple[str, ...]
    user_site: str | None
    user_site_enabled: bool
    sees_system_site: bool
    sys_path: tuple[str, ...]
    finder_distributions: tuple[Mapping[str, str | None], ...] = ()
    markers: Mapping[str, str]
    tags: tuple[str, ...]
    platforms: tuple[str, ...]
    scheme: Scheme
    user_scheme: Scheme | None
    prefix_scheme: Scheme
    home_scheme: Scheme

    @property
    def is_virtual(self) -> bool:
        """Return whether it belongs to a virtual environment (PEP 405)."""
        return self.prefix != self.base_prefix

    @property
    def version(self) -> str:
        """Return major and minor version, as in ``3.12``."""
        return f"{self.version_info[0]}.{self.version_info[1]}"

    def bytecode_key(self, environ: Mapping[str, str]) -> str:
        """Return the key of its bytecode: the kind of interpreter and of the validity check.

        Source: with SOURCE_DATE_EPOCH, py_compile uses the source's hash instead of its time.
        """
        checked = "-hashed" if environ.get("SOURCE_DATE_EPOCH") else ""
        return f"{self.bytecode_tag(environ)}-{self.magic_number}{checked}"

    def bytecode_tag(self, environ: Mapping[str, str]) -> str | None:
        """Return the tag in the names of bytecode files, None if it writes none.

        Source: PEP 3147 and PEP 488.
        """
        level = optimization(environ.get("PYTHONOPTIMIZE"))
        return (f"{self.cache_tag}.opt-{level}" if level else self.cache_tag) or None

    @property
    def externally_managed(self) -> str | None:
        """Return the path of the EXTERNALLY-MANAGED file, None if there is none.

        It is searched each time. Source: PEP 668.
        """
        marker = os.path.join(self.stdlib, "EXTERNALLY-MANAGED")
        return marker if not self.is_virtual and os.path.isfile(marker) else None


def interpreter(
    executable: str, store: Cache, environ: Mapping[str, str] = os.environ
) -> Interpreter:
    """Return the properties of the Python at `executable`, from `store` if still valid.

    An entry depends on the file's size and time, ``pyvenv.cfg``, environment variables that
    affect Python's path, the kernel's name, and the ``.pth`` files in site folders. Scripts that
    start a Python, like pyenv's, are queried each time. Raises CommandError if the program does
    not answer or is older than Python 3.7.
    """
    if _is_script(executable):
        return _as_interpreter(_run_probe(executable, environ))
    identity = _identity(executable, environ)
    text = repr(identity).encode()
    key = f"{crc32(text):08x}{adler32(text):08x}.json"
    kept = store.read(AREA, key)
    if kept is not None:
        entry = _decoded(kept)
        if (
            entry
            and entry["identity"] == identity
            and entry["witnesses"] == _path_configuration(entry["facts"])
        ):
            return _as_interpreter(entry["facts"])
    facts = _run_probe(executable, environ)
    if facts["finder_distributions"]:  # the result of custom finders may change at any time
        return _as_interpreter(facts)
    entry = {"identity": identity, "witnesses": _path_configuration(facts), "facts": facts}
    store.write(AREA, key, json.dumps(entry).encode())
    return _as_interpreter(facts)


def _is_script(executable: str) -> bool:
    try:
        with open(executable, "rb") as file:
            return file.read(2) == b"#!"
    except OSError:
        return False


def _decoded(kept: bytes) -> dict[str, Any] | None:
    try:
        entry = json.loads(kept)
    except (ValueError, RecursionError):
        return None
    whole = isinstance(entry, dict) and {"identity", "witnesses", "facts"} <= entry.keys()
    return entry if whole and set(entry["facts"]) >= _FIELDS else None


def _identity(executable: str, environ: Mapping[str, str]) -> list[Any]:
    """Return what an entry depends on, as JSON values."""
    folder = os.path.dirname(executable)
    configuration = [
        _stamp(os.path.join(place, "pyvenv.cfg")) for place in (folder, os.path.dirname(folder))
    ]
    kernel = [*os.uname()[2:], _libc()] if hasattr(os, "uname") else []
    shaping = [[name, environ[name]] for name in _SHAPES_PATH if name in environ]
    from pipfast import (
        __file__ as ours,
    )  # a new pipfast queries again, because its probe may differ

    own = _stamp(os.path.join(os.path.dirname(ours), "environment", "probe.py"))
    return [executable, _stamp(os.path.realpath(executable)), configuration, kernel, shaping, own]


def _libc() -> str | None:
    """Return the C library's version, which determines the manylinux tags."""
    try:
        return os.confstr("CS_GNU_LIBC_VERSION")
    except (AttributeError, OSError, ValueError):
        return None


def _stamp(path: str) -> list[Any]:
    try:
        status = os.stat(path)
    except OSError:
        return [path, None, None]
    return [path, status.st_size, status.st_mtime_ns]


def _path_configuration(facts: Mapping[str, Any]) -> list[Any]:
    """Return the ``.pth`` files that extend the path at startup, with size and time."""
    folders = [*facts["site_folders"], *([facts["user_site"]] if facts["user_site"] else [])]
    return [[folder, _path_files(folder)] for folder in folders]


def _path_files(folder: str) -> list[Any] | None:
    try:
        with os.scandir(folder) as entries:
            names = [entry.path for entry in entries if _configures_path(entry.name)]
    except OSError:
        return None
    return [_stamp(path) for path in sorted(names)]


def _configures_path(name: str) -> bool:
    return name.endswith((".pth", ".egg-link")) or name in ("sitecustomize.py", "usercustomize.py")


def _run_probe(executable: str, environ: Mapping[str, str]) -> dict[str, Any]:
    import subprocess

    import packaging

    probe = os.path.join(os.path.dirname(__file__), "probe.py")
    words = [executable, probe, os.path.dirname(packaging.__file__)]
    try:
        answer = subprocess.run(words, capture_output=True, env=dict(environ), check=False)
    except OSError as error:
        raise CommandError(f"Failed to run pip under {executable}: {error}") from None
    try:
        facts: dict[str, Any] = json.loads(answer.stdout.decode("utf-8").rpartition("\n")[2])
    except ValueError:
        _refuse_if_too_old(executable, environ)
        last = answer.stderr.decode("utf-8", "replace").strip().rpartition("\n")[2]
        why = last or f"exit code: {answer.returncode}"
        raise CommandError(f"Failed to run pip under {executable}: {why}") from None
    if facts["prefix"] == facts["base_prefix"] and _names_home(executable):
        raise EnvironmentNotSeen(executable)
    if facts["tags"] is None:
        facts.update(_tags_of_old_python(facts))
    facts["sees_system_site"] = facts["prefix"] == facts["base_prefix"] or _sees_system_site(
        facts["prefix"]
    )
    return facts


def _refuse_if_too_old(executable: str, environ: Mapping[str, str]) -> None:
    """Raise PythonTooOld if the interpreter does not understand the probe because of its age."""
    import subprocess

    program = "import sys; print('%d.%d' % sys.version_info[:2])"
    words = [executable, "-c", program]
    answer = subprocess.run(words, capture_output=True, env=dict(environ), check=False)
    major, dot, minor = answer.stdout.decode("ascii", "replace").strip().partition(".")
    if dot and major.isdigit() and minor.isdigit() and (int(major), int(minor)) < OLDEST:
        raise PythonTooOld(f"{major}.{minor}")


def _names_home(executable: str) -> bool:
    """Return whether `executable` is that of a virtual environment."""
    folder = os.path.dirname(executable)
    for place in (folder, os.path.dirname(folder)):
        try:
            with open(os.path.join(place, "pyvenv.cfg"), "rb") as file:
                text = file.read()
        except (FileNotFoundError, NotADirectoryError):
            continue
        if any(line.partition(b"=")[0].strip() == b"home" for line in text.splitlines()):
            return True
    return False


def _sees_system_site(prefix: str) -> bool:
    """Return whether the virtual environment at `prefix` sees its base's packages, like pip."""
    try:
        with open(os.path.join(prefix, "pyvenv.cfg"), encoding="utf-8") as file:
            text = file.read()
    except (FileNotFoundError, NotADirectoryError):
        return False
    found = (_NO_SYSTEM_SITE.match(line) for line in text.splitlines())
    return not any(match and match[1] == "false" for match in found)


def _tags_of_old_python(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Return the tags of a Python that `packaging` does not support, computed from our own."""
    from packaging import tags

    from pipfast.environment.probe import supported

    platforms = list(tags.platform_tags())
    short = {"cpython": "cp", "pypy": "pp"}.get(facts["implementation"], facts["implementation"])
    found = supported(tags, facts["version_info"][:2], platforms, short)
    return {"tags": [str(tag) for tag in found], "platforms": platforms}


_FIELDS = frozenset(names_of(Interpreter))


def _as_interpreter(facts: Mapping[str, Any]) -> Interpreter:
    return Interpreter(**{name: value for name, value in _typed(facts) if name in _FIELDS})


def _typed(facts: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, value in facts.items():
        if isinstance(value, list):
            yield name, tuple(value)
        elif isinstance(value, dict):
            yield name, Scheme(**value) if name.endswith("scheme") else MappingProxyType(value)
        else:
            yield name, value
