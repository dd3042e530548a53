"""Read credentials from ``~/.netrc`` as requests does."""

from __future__ import annotations

import os
from pathlib import Path


def netrc_credentials(host: str) -> tuple[str, str] | None:
    """Return the user and the password for `host`, None if netrc has none.

    The file is ``$NETRC``, else ``~/.netrc`` or ``~/_netrc``. A file that cannot be read or parsed
    is ignored (requests behaviour).
    """
    path = _netrc_file()
    if path is None:
        return None
    from netrc import NetrcParseError, netrc

    try:
        found = netrc(str(path)).authenticators(host)
    except (NetrcParseError, OSError, UnicodeDecodeError):
        return None
    if not found:
        return None
    login, account, password = found
    return (login or account or "", password or "")


def _netrc_file() -> Path | None:
    named = os.environ.get("NETRC")
    candidates = [named] if named else ["~/.netrc", "~/_netrc"]
    for name in candidates:
        path = Path(os.path.expanduser(name))  # noqa: PTH111 - a missing home folder is no error
        if path.exists():
            return path
    return None
