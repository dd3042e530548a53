"""Make the User-Agent header, in pip's format: indexes use it for statistics and decisions."""

from __future__ import annotations

import json
import os
import platform
import ssl
import sys
from functools import cache
from typing import Any

from pipfast.model.version import PIP_VERSION

_CI = ("BUILD_BUILDID", "BUILD_ID", "CI", "PIP_IS_CI")


@cache
def user_agent() -> str:
    """Return ``pip/26.3 {…}`` with the interpreter, the system and the libc as JSON."""
    version = platform.python_version()
    data: dict[str, Any] = {
        "installer": {"name": "pip", "version": PIP_VERSION},
        "python": version,
        "implementation": {"name": platform.python_implementation(), "version": version},
        "ci": True if any(name in os.environ for name in _CI) else None,
    }
    if distro := _distro():
        data["distro"] = distro
    system = {"name": platform.system(), "release": platform.release()}
    data["system"] = {key: value for key, value in system.items() if value}
    if machine := platform.machine():
        data["cpu"] = machine
    data["openssl_version"] = ssl.OPENSSL_VERSION
    if (user_data := os.environ.get("PIP_USER_AGENT_USER_DATA")) is not None:
        data["user_data"] = user_data
    return f"pip/{PIP_VERSION} {json.dumps(data, separators=(',', ':'), sort_keys=True)}"


def _distro() -> dict[str, Any]:
    if sys.platform == "darwin":
        return {"name": "macOS", "version": platform.mac_ver()[0]}
    if not sys.platform.startswith("linux"):
        return {}
    try:
        release = platform.freedesktop_os_release()
    except OSError:
        release = {}
    named = {
        "name": release.get("NAME"),
        "version": release.get("VERSION_ID"),
        "id": release.get("VERSION_CODENAME"),
    }
    found: dict[str, Any] = {key: value for key, value in named.items() if value}
    if libc := _libc():
        found["libc"] = libc
    return found


def _libc() -> dict[str, str]:
    try:
        name, _, version = (os.confstr("CS_GNU_LIBC_VERSION") or "").partition(" ")
    except (AttributeError, OSError, ValueError):
        return {}
    return {"lib": name, "version": version} if version else {}
