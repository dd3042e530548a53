"""Credentials from ``~/.netrc``, as requests reads it."""

from __future__ import annotations

import os
from pathlib import Path


def netrc_pair(host: str) -> tuple[str, str] | None:
    """User and password that netrc holds for `host`, None where there are none.

    The file is ``$NETRC``, else ``~/.netrc`` or ``~/_netrc``; one that cannot be read or parsed
    counts as none (requests behaviour).
    """
    path = _netrc_file()
    if path is None:
        return None
    from netrc import NetrcParseError, netrc

    try:
        found = netrc(str(path)).authenticators(host)
    except (NetrcParseError, OSError):
        return None
    if not found:
        return None
    login, account, password = found
    return (login or account or "", password or "")


def _netrc_file() -> Path | None:
    named = os.environ.get("NETRC")
    candidates = [named] if named else ["~/.netrc", "~/_netrc"]
    for name in candidates:
        path = Path(os.path.expanduser(name))  # noqa: PTH111 - no home is no error here
        if path.exists():
            return path
    return None
