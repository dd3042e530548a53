"""The keyring: the library if it is there, else the program of that name."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from typing import Any, Protocol

from pipfast.model.events import Level, Listener, Said

Pair = tuple[str, str]


class Keyring(Protocol):
    """Stored credentials by service and user."""

    can_save: bool

    def get(self, service: str, user: str | None) -> Pair | None:
        """The pair kept for `service`, None for none. May raise anything."""
        ...

    def save(self, service: str, user: str, password: str) -> None:
        """Keep a pair. May raise anything."""
        ...


class NoKeyring:
    """Nothing is kept anywhere."""

    can_save = False

    def get(self, service: str, user: str | None) -> Pair | None:  # noqa: ARG002 - the protocol's
        """None."""
        return None

    def save(self, service: str, user: str, password: str) -> None:
        """Keep nothing."""


class LibraryKeyring:
    """The `keyring` library of our own interpreter."""

    can_save = True

    def __init__(self, library: Any) -> None:
        self._library = library

    def get(self, service: str, user: str | None) -> Pair | None:
        """By `get_credential` where the library has it, else by user."""
        get_credential: Callable[..., Any] | None = getattr(self._library, "get_credential", None)
        if get_credential is not None:
            found = get_credential(service, user)
            return None if found is None else (found.username, found.password)
        password = self._library.get_password(service, user) if user is not None else None
        return (user, password) if user is not None and password else None

    def save(self, service: str, user: str, password: str) -> None:
        """Keep a pair."""
        self._library.set_password(service, user, password)


class ProgramKeyring:
    """The `keyring` program on PATH, version 25.2.1 or later."""

    can_save = True

    def __init__(self, program: str) -> None:
        self._program = program

    def get(self, service: str, user: str | None) -> Pair | None:
        """The program's answer; RuntimeError if it is too old to give one."""
        import subprocess

        words = [self._program, "--mode=creds", "--output=json", "get", service]
        run = subprocess.run(
            [*words, user] if user is not None else words,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            env=_environment(),
            check=False,
        )
        errors = run.stderr.decode("utf-8", "replace")
        if run.returncode == 2 and "unrecognized arguments" in errors and "--mode=creds" in errors:
            raise RuntimeError(
                "Keyring util is outdated; must be at least version 25.2.1, please upgrade it"
            )
        if run.returncode:
            return None
        data = json.loads(run.stdout.decode("utf-8"))
        return (data["username"], data["password"])

    def save(self, service: str, user: str, password: str) -> None:
        """Keep a pair; CalledProcessError if the program would not."""
        import subprocess

        subprocess.run(
            [self._program, "set", service, user],
            input=f"{password}{os.linesep}".encode(),
            env=_environment(),
            check=True,
        )


def keyring(provider: str, emit: Listener) -> Keyring:
    """The keyring that `provider` (``auto import subprocess disabled``) stands for."""
    if provider in ("import", "auto"):
        try:
            from importlib import import_module

            library = import_module("keyring")
        except ImportError:
            pass
        except Exception as error:  # noqa: BLE001 - a broken backend raises anything
            text = f"Installed copy of keyring fails with exception {error}"
            if provider == "auto":
                text += ", trying to find a keyring executable as a fallback"
            emit(Said(Level.WARNING, text))
        else:
            return LibraryKeyring(library)
    if provider in ("subprocess", "auto"):
        program = _program()
        if program is not None:
            return ProgramKeyring(program)
    return NoKeyring()


def _program() -> str | None:
    """The first `keyring` on PATH that is not our own environment's (pip behaviour)."""
    import shutil
    import sysconfig

    own = sysconfig.get_path("scripts")
    path = os.environ.get("PATH", os.defpath)
    elsewhere = [part for part in path.split(os.pathsep) if not _same(part, own)]
    return shutil.which("keyring", path=os.pathsep.join(elsewhere))


def _same(one: str, other: str) -> bool:
    return os.path.normcase(os.path.realpath(one)) == os.path.normcase(os.path.realpath(other))


def _environment() -> dict[str, str]:
    return {**os.environ, "PYTHONIOENCODING": "utf-8"}
