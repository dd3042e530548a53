"""Print an interpreter's properties; run by the target, so Python 3.7 and stdlib only.

``python probe.py FOLDER`` prints one JSON object. FOLDER contains the `packaging` library for
computing tags; without it, or if the target is too old for it, `tags` is null and the caller
computes them. The keys are the fields of `pipfast.environment.interpreter.Interpreter`.
"""

from __future__ import annotations

import sys

if __name__ == "__main__" and sys.path and sys.path[0] == __file__.rpartition("/")[0]:
    del sys.path[0]  # this folder is ours, not the target's

import importlib.machinery
import json
import os
import platform
import site
import sysconfig

TYPE_CHECKING = False  # type checkers know this name; importing typing costs 5 ms
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

PLACEHOLDER = "@pipfast@"
"""Placeholder in a scheme's paths for the prefix or home of the command line."""

_HOME_VARIABLES = ("installed_base", "base", "installed_platbase", "platbase", "prefix",
                   "exec_prefix", "userbase")  # fmt: skip


def _is_virtual() -> bool:
    return sys.prefix != getattr(sys, "base_prefix", sys.prefix)


def _scheme_name(kind: str) -> str | None:
    """Return the scheme's name for `kind` (prefix, user or home), as pip chooses it."""
    preferred = getattr(sysconfig, "get_preferred_scheme", None)  # Python 3.10
    if preferred is not None:
        return str(preferred(kind))
    names = sysconfig.get_scheme_names()
    framework = bool(sysconfig.get_config_var("PYTHONFRAMEWORK")) and not _is_virtual()
    if kind == "prefix":
        choices = ["osx_framework_library"] if framework else []
        choices += [sys.implementation.name + "_" + os.name, sys.implementation.name,
                    os.name + "_prefix", os.name, "posix_prefix"]  # fmt: skip
    elif kind == "user":
        choices = ["osx_framework_user" if framework else os.name + "_user", "posix_user"]
    else:
        choices = [os.name + "_home", "posix_home"]
    return next((name for name in choices if name in names), None)


def _scheme(kind: str, *, elsewhere: bool = False) -> dict[str, str] | None:
    """Return the five folders for `kind`, below the placeholder if `elsewhere`, or None.

    In a virtual environment headers are below ``include/site`` (pip behaviour).
    """
    name = _scheme_name(kind)
    if name is None:
        return None
    if kind == "prefix" and elsewhere and name in ("posix_local", "osx_framework_library"):
        name = "posix_prefix"  # these two only apply to the system's own prefix
    variables = {}
    if elsewhere:
        variables = {
            key: PLACEHOLDER
            for key in _HOME_VARIABLES
            if key != "userbase" or sysconfig.get_config_var("userbase") is not None
        }
    try:
        paths = sysconfig.get_paths(name, vars=variables)
    except (KeyError, AttributeError):  # this platform has no user base
        return None
    headers = paths["include"]
    if _is_virtual():
        base = variables.get("userbase" if kind == "user" else "base", sys.prefix)
        headers = os.path.join(base, "include", "site", "python{}.{}".format(*sys.version_info))
    return {
        "purelib": paths["purelib"],
        "platlib": paths["platlib"],
        "headers": headers,
        "scripts": paths["scripts"],
        "data": paths["data"],
    }


def _markers() -> dict[str, str]:
    """Return the marker environment of PEP 508."""
    info = sys.implementation.version
    version = f"{info.major}.{info.minor}.{info.micro}"
    if info.releaselevel != "final":
        version += info.releaselevel[0] + str(info.serial)
    return {
        "implementation_name": sys.implementation.name,
        "implementation_version": version,
        "os_name": os.name,
        "platform_machine": platform.machine(),
        "platform_release": platform.release(),
        "platform_system": platform.system(),
        "platform_version": platform.version(),
        "python_full_version": platform.python_version(),
        "platform_python_implementation": platform.python_implementation(),
        "python_version": ".".join(platform.python_version_tuple()[:2]),
        "sys_platform": sys.platform,
    }


def _packaging_tags(folder: str) -> Any:
    """Import `packaging.tags` from `folder` under another name: the target may have its own."""
    from importlib.util import module_from_spec, spec_from_file_location

    def load(name: str, file: str, **more: Any) -> Any:
        spec = spec_from_file_location(name, os.path.join(folder, file), **more)
        if spec is None or spec.loader is None:
            raise ImportError(name)
        module = module_from_spec(spec)
        sys.modules[name] = module
        spec.loader.exec_module(module)
        return module

    load("_pipfast_packaging", "__init__.py", submodule_search_locations=[folder])
    return load("_pipfast_packaging.tags", "tags.py")


def supported(
    tags: Any,
    version: Sequence[int] | None = None,
    platforms: Sequence[str] | None = None,
    implementation: str | None = None,
    abis: Sequence[str] | None = None,
) -> list[Any]:
    """Return the tags an installer accepts, best first, in pip's order.

    `tags` is the module `packaging.tags`; None means the running interpreter's value. `version`
    is one or two numbers.
    """
    name = implementation or tags.interpreter_name()
    nodot = "".join(map(str, version)) if version else tags.interpreter_version()
    interpreter = name + nodot
    if name == "cp":
        own = tags.cpython_tags(python_version=version, abis=abis, platforms=platforms)
    else:
        own = tags.generic_tags(interpreter=interpreter, abis=abis, platforms=platforms)
    rest = tags.compatible_tags(
        python_version=version, interpreter=interpreter, platforms=platforms
    )
    return list(own) + list(rest)


def _tags(folder: str) -> tuple[list[str] | None, list[str] | None]:
    """Return the supported tags and the platforms as text; None if packaging cannot run."""
    if not folder or sys.version_info < (3, 9):
        return None, None
    try:
        tags = _packaging_tags(folder)
    except (ImportError, OSError, SyntaxError, AttributeError, TypeError):
        return None, None  # a later packaging that does not support this Python
    return [str(tag) for tag in supported(tags)], list(tags.platform_tags())


def _finder_distributions(paths: Sequence[str]) -> list[dict[str, str | None]]:
    """Return the distributions of custom finders for each path.

    `info` is null for one without a folder on disk. Source: PEP 451, importlib.metadata.
    """
    own = importlib.machinery.PathFinder
    finders = [
        one for one in sys.meta_path if one is not own and hasattr(one, "find_distributions")
    ]
    if not finders or sys.version_info < (3, 8):
        return []
    from importlib.metadata import DistributionFinder

    found = []
    for path in paths:
        context = DistributionFinder.Context(path=[path])
        for finder in finders:
            for one in getattr(finder, "find_distributions")(context):  # noqa: B009
                info = getattr(one, "_path", None)
                found.append({
                    "path": path,
                    "info": None if info is None else str(info),
                    "name": one.metadata["Name"],
                    "version": one.metadata["Version"],
                    "text": one.read_text("METADATA") or one.read_text("PKG-INFO"),
                })  # fmt: skip
    return found


def facts(folder: str) -> dict[str, Any]:
    """Return all fields of `Interpreter` as JSON values."""
    import importlib.util

    before = list(sys.path)
    tags, platforms = _tags(folder)
    try:
        user_site: str | None = site.getusersitepackages()
    except AttributeError:  # a virtualenv older than 20
        user_site = getattr(site, "USER_SITE", None)
    get_sites = getattr(site, "getsitepackages", list)
    return {
        "executable": sys.executable,
        "version_info": list(sys.version_info[:3]),
        "full_version": platform.python_version(),
        "implementation": sys.implementation.name,
        "cache_tag": sys.implementation.cache_tag,
        "magic_number": importlib.util.MAGIC_NUMBER.hex(),
        "prefix": sys.prefix,
        "base_prefix": getattr(sys, "base_prefix", sys.prefix),
        "platform": sysconfig.get_platform(),
        "stdlib": sysconfig.get_path("stdlib"),
        "site_packages": sysconfig.get_path("purelib"),
        "site_folders": get_sites(),
        "user_site": user_site,
        "user_site_enabled": bool(site.ENABLE_USER_SITE),
        "sys_path": before,
        "finder_distributions": _finder_distributions(before),
        "markers": _markers(),
        "tags": tags,
        "platforms": platforms,
        "scheme": _scheme("prefix"),
        "user_scheme": _scheme("user"),
        "prefix_scheme": _scheme("prefix", elsewhere=True),
        "home_scheme": _scheme("home", elsewhere=True),
    }


if __name__ == "__main__":
    sys.dont_write_bytecode = True
    json.dump(facts(sys.argv[1] if len(sys.argv) > 1 else ""), sys.stdout)
