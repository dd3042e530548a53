"""Access the keyring: by the target's `keyring` package, else by the `keyring` program."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from typing import Any, Protocol

from pipfast.model.events import Listener
from pipfast.net.events import KeyringChosen, KeyringNotImportable, KeyringRequested

Credentials = tuple[str, str]
"""A user and a password."""


class Keyring(Protocol):
    """Stored credentials, by service and user."""

    can_save: bool

    def get(self, service: str, user: str | None) -> Credentials | None:
        """Return the stored credentials for `service`, None for none. May raise any exception."""
        ...

    def save(self, service: str, user: str, password: str) -> None:
        """Store credentials. May raise any exception."""
        ...


class NoKeyring:
    """A keyring that stores nothing."""

    can_save = False

    def get(self, service: str, user: str | None) -> Credentials | None:  # noqa: ARG002 - required by the protocol
        """Return None."""
        return None

    def save(self, service: str, user: str, password: str) -> None:
        """Do nothing."""


class PackageKeyring:
    """The `keyring` package of the interpreter `python`, used in a subprocess."""

    can_save = True

    def __init__(self, python: str) -> None:
        self._python = python

    def get(self, service: str, user: str | None) -> Credentials | None:
        """Return the credentials. Raises RuntimeError with the message of an exception."""
        arguments = ["get", service] if user is None else ["get", service, user]
        found = _probe(self._python, arguments).get("found")
        return None if found is None else (found[0], found[1])

    def save(self, service: str, user: str, password: str) -> None:
        """Store credentials. Raises RuntimeError with the message of an exception."""
        _probe(self._python, ["save", service, user], password)


class ProgramKeyring:
    """The `keyring` program on PATH, version 25.2.1 or later."""

    can_save = True

    def __init__(self, program: str) -> None:
        self._program = program

    def get(self, service: str, user: str | None) -> Credentials | None:
        """Return the credentials. Raises RuntimeError if the program is too old."""
        import subprocess

        command = [self._program, "--mode=creds", "--output=json", "get", service]
        run = subprocess.run(
            [*command, user] if user is not None else command,
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
        """Store credentials. Raises CalledProcessError if the program fails."""
        import subprocess

        subprocess.run(
            [self._program, "set", service, user],
            input=f"{password}{os.linesep}".encode(),
            env=_environment(),
            check=True,
        )


def keyring(provider: str, python: str, emit: Listener) -> Keyring:
    """Return the keyring of a provider: ``auto``, ``import``, ``subprocess`` or ``disabled``.

    `python` is the target. pip runs in it, so the package is imported from there.
    """
    emit(KeyringRequested(provider))
    if provider in ("import", "auto"):
        try:
            if "missing" not in _probe(python, ["available"]):
                emit(KeyringChosen("import"))
                return PackageKeyring(python)
        except RuntimeError as error:  # a broken package raises any exception
            emit(KeyringNotImportable(str(error), tries_program=provider == "auto"))
    if provider in ("subprocess", "auto"):
        program = _program(python)
        if program is not None:
            emit(KeyringChosen("subprocess", program))
            return ProgramKeyring(program)
    emit(KeyringChosen("disabled"))
    return NoKeyring()


def _probe(python: str, arguments: Sequence[str], stdin: str | None = None) -> dict[str, Any]:
    """Run ``keyring_probe.py`` with the target and return the JSON object that it prints.

    Without `stdin` it inherits standard input. Raises RuntimeError with the message of an exception
    that the script caught.
    """
    import subprocess
    from pathlib import Path

    script = Path(__file__).with_name("keyring_probe.py")
    run = subprocess.run(
        [python, str(script), *arguments],
        input=None if stdin is None else stdin.encode(),
        stdout=subprocess.PIPE,
        env=_environment(),
        check=False,
    )
    try:
        found: dict[str, Any] = json.loads(run.stdout.decode("utf-8").rstrip().rpartition("\n")[2])
    except ValueError:
        raise RuntimeError(f"{python} exited with code {run.returncode}") from None
    if "error" in found:
        raise RuntimeError(found["error"])
    return found


def _program(python: str) -> str | None:
    """Return the first `keyring` on PATH outside the target's environment (pip behaviour)."""
    import shutil

    try:
        own = str(_probe(python, ["scripts"])["scripts"])
    except RuntimeError:
        own = ""
    path = os.environ.get("PATH", os.defpath)
    folders = [part for part in path.split(os.pathsep) if not _is_same(part, own)]
    return shutil.which("keyring", path=os.pathsep.join(folders))


def _is_same(path: str, other: str) -> bool:
    return os.path.normcase(os.path.realpath(path)) == os.path.normcase(os.path.realpath(other))


def _environment() -> dict[str, str]:
    return {**os.environ, "PYTHONIOENCODING": "utf-8"}
