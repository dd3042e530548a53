"""Where pip stores its configuration and its cache on this platform."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping

WINDOWS = sys.platform == "win32"
MACOS = sys.platform == "darwin"
BASENAME = "pip.ini" if WINDOWS else "pip.conf"
_join = os.path.join


class ConfigurationFiles:
    """Configuration files by level, lowest precedence first; they may not exist."""

    __slots__ = ("site", "system", "user")

    def __init__(self, system: list[str], user: list[str], site: str) -> None:
        self.system = system
        self.user = user
        self.site = site


def configuration_files(environ: Mapping[str, str], prefix: str) -> ConfigurationFiles:
    """Return the files of every level; `prefix` is the environment whose file is the site level.

    Source: pip's configuration topic; XDG base directories; Windows known folders.
    """
    legacy = _join(_home(environ), "pip" if WINDOWS else ".pip", BASENAME)
    user = [legacy, _join(_user_configuration(environ), BASENAME)]
    system = [_join(folder, BASENAME) for folder in _system_configuration(environ)]
    return ConfigurationFiles(system, user, _join(prefix, BASENAME))


def cache_directory(environ: Mapping[str, str]) -> str:
    """Return pip's cache directory if ``--cache-dir`` is not given."""
    if WINDOWS:
        local = environ.get("LOCALAPPDATA") or _join(_home(environ), "AppData", "Local")
        return _join(os.path.normpath(local), "pip", "Cache")
    base = _xdg(environ, "XDG_CACHE_HOME")
    standard = ("Library", "Caches") if MACOS else (".cache",)
    return _join(base or _join(_home(environ), *standard), "pip")


def target_prefix(environ: Mapping[str, str], interpreter: str | None) -> tuple[str, bool]:
    """Return the target environment's prefix as far as paths tell, and whether it is virtual.

    `interpreter` is the executable that ``--python`` names or that is next to the program.
    Without it, the active environment is used, then the one that runs this program.
    """
    if interpreter is not None:
        folder = os.path.dirname(os.path.abspath(interpreter))  # noqa: PTH100, PTH120 - start-up
        for prefix in (os.path.dirname(folder), folder):  # noqa: PTH120
            if os.path.exists(_join(prefix, "pyvenv.cfg")):  # noqa: PTH110
                return prefix, True
        real = os.path.dirname(os.path.realpath(interpreter))  # noqa: PTH120
        return (real if WINDOWS else os.path.dirname(real)), False  # noqa: PTH120
    active = active_prefix(environ)
    if active:
        return active, active == environ.get("VIRTUAL_ENV")
    return sys.prefix, sys.prefix != sys.base_prefix


def active_prefix(environ: Mapping[str, str]) -> str | None:
    """Return the active environment's folder, None if there is none with a Python.

    A virtual environment has precedence over one of conda, which on Windows has its Python in the
    folder itself.
    """
    for name in ("VIRTUAL_ENV", "CONDA_PREFIX"):
        active = environ.get(name)
        if active and os.path.isdir(active):  # noqa: PTH112
            beside = name == "CONDA_PREFIX" and _join(active, "python.exe")
            if interpreter_at(active) or (beside and os.path.exists(beside)):  # noqa: PTH110
                return active
    return None


def interpreter_at(python: str) -> str | None:
    """Return the executable for ``--python``: the path itself, or that of an environment.

    None if there is no such file (pip only checks the path and does not search PATH).
    """
    if not os.path.isdir(python):  # noqa: PTH112
        return python if os.path.exists(python) else None  # noqa: PTH110
    for name in ("bin/python", "Scripts/python.exe"):
        executable = _join(python, name)
        if os.path.exists(executable):  # noqa: PTH110
            return executable
    return None


def _home(environ: Mapping[str, str]) -> str:
    name = "USERPROFILE" if WINDOWS else "HOME"
    return environ.get(name) or os.path.expanduser("~")  # noqa: PTH111


def _xdg(environ: Mapping[str, str], name: str) -> str | None:
    path = environ.get(name, "").strip()
    return path if path.startswith("/") else None


def _xdg_list(environ: Mapping[str, str], name: str) -> list[str]:
    paths = (path.strip() for path in environ.get(name, "").split(os.pathsep))
    return [path for path in paths if path.startswith("/")]


def _user_configuration(environ: Mapping[str, str]) -> str:
    if WINDOWS:
        roaming = environ.get("APPDATA") or _join(_home(environ), "AppData", "Roaming")
        return _join(os.path.normpath(roaming), "pip")
    if MACOS:
        data = _xdg(environ, "XDG_DATA_HOME")
        folder = _join(data or _join(_home(environ), "Library", "Application Support"), "pip")
        if os.path.isdir(folder):  # noqa: PTH112
            return folder
        return _join(_home(environ), ".config", "pip")
    return _join(_xdg(environ, "XDG_CONFIG_HOME") or _join(_home(environ), ".config"), "pip")


def _system_configuration(environ: Mapping[str, str]) -> list[str]:
    if WINDOWS:
        return [_join(environ.get("ALLUSERSPROFILE") or r"C:\ProgramData", "pip")]
    if MACOS:
        folders = _xdg_list(environ, "XDG_DATA_DIRS")
        if not folders:
            brew = ["/opt/homebrew/share"] if sys.prefix.startswith("/opt/homebrew") else []
            folders = [*brew, "/Library/Application Support"]
        return [_join(folder, "pip") for folder in folders]
    folders = _xdg_list(environ, "XDG_CONFIG_DIRS") or ["/etc/xdg"]
    return [*(_join(folder, "pip") for folder in folders), "/etc"]
