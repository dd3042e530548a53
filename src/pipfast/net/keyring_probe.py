"""Query the `keyring` package of the target; run by its Python 3.7 or later, without dependencies.

``python keyring_probe.py available|scripts|get SERVICE [USER]|save SERVICE USER`` prints a JSON
object as its last line. ``save`` reads the password from standard input. Output of the keyring
itself goes to standard error.
"""

from __future__ import annotations

import os
import sys

if __name__ == "__main__" and sys.path and sys.path[0] == os.path.dirname(__file__):  # noqa: PTH120
    del sys.path[0]  # this folder has a module named keyring

import json

TYPE_CHECKING = False  # type checkers know this name; importing typing costs 5 ms
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any


def run(arguments: Sequence[str]) -> dict[str, Any]:
    """Run a subcommand and return its result as an object for JSON."""
    if arguments[0] == "scripts":
        import sysconfig

        return {"scripts": sysconfig.get_path("scripts")}
    try:
        from importlib import import_module

        keyring: Any = import_module("keyring")
    except ImportError:
        return {"missing": True}
    if arguments[0] == "get":
        user = arguments[2] if len(arguments) > 2 else None
        return {"found": _credentials(keyring, arguments[1], user)}
    if arguments[0] == "save":
        keyring.set_password(arguments[1], arguments[2], sys.stdin.read())
    return {}


def _credentials(keyring: Any, service: str, user: str | None) -> list[str] | None:
    """Return user and password: by `get_credential` if the package has it, else by user."""
    get_credential = getattr(keyring, "get_credential", None)
    if get_credential is not None:
        credential = get_credential(service, user)
        return None if credential is None else [credential.username, credential.password]
    password = keyring.get_password(service, user) if user is not None else None
    return [user, password] if user is not None and password else None


def main() -> None:
    """Run the subcommand in `sys.argv` and print its result."""
    out, sys.stdout = sys.stdout, sys.stderr
    try:
        result = run(sys.argv[1:])
    except Exception as error:  # noqa: BLE001 - keyring backends raise anything
        result = {"error": str(error)}
    out.write("\n" + json.dumps(result) + "\n")
    out.flush()


if __name__ == "__main__":
    main()
