"""What the target's own `keyring` library holds: run by the target, so Python 3.7 and stdlib only.

``python keyring_probe.py there|scripts|get SERVICE [USER]|save SERVICE USER`` prints one JSON
object on its last line. A password to be saved is read from standard input. What a
keyring prints itself goes to standard error.
"""

from __future__ import annotations

import os
import sys

if __name__ == "__main__" and sys.path and sys.path[0] == os.path.dirname(__file__):  # noqa: PTH120
    del sys.path[0]  # this folder is ours, and has a module of the library's name

import json

TYPE_CHECKING = False  # by that name type checkers know it; the module costs 5 ms
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any


def answer(words: Sequence[str]) -> dict[str, Any]:
    """What there is to say to a question."""
    if words[0] == "scripts":
        import sysconfig

        return {"scripts": sysconfig.get_path("scripts")}
    try:
        from importlib import import_module

        library: Any = import_module("keyring")
    except ImportError:
        return {"missing": True}
    if words[0] == "get":
        return {"found": _found(library, words[1], words[2] if len(words) > 2 else None)}
    if words[0] == "save":
        library.set_password(words[1], words[2], sys.stdin.read())
    return {}


def _found(library: Any, service: str, user: str | None) -> list[str] | None:
    """By `get_credential` where the library has it, else by user."""
    get_credential = getattr(library, "get_credential", None)
    if get_credential is not None:
        credential = get_credential(service, user)
        return None if credential is None else [credential.username, credential.password]
    password = library.get_password(service, user) if user is not None else None
    return [user, password] if user is not None and password else None


def main() -> None:
    """Answer the question in `sys.argv`."""
    out, sys.stdout = sys.stdout, sys.stderr
    try:
        told = answer(sys.argv[1:])
    except Exception as error:  # noqa: BLE001 - keyring backends raise anything
        told = {"error": str(error)}
    out.write("\n" + json.dumps(told) + "\n")
    out.flush()


if __name__ == "__main__":
    main()
