"""The keyring: the target's library if it is there, else the program of that name."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
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


class TargetsKeyring:
    """The `keyring` library of the interpreter `python`, which is asked in a process of its own."""

    can_save = True

    def __init__(self, python: str) -> None:
        self._python = python

    def get(self, service: str, user: str | None) -> Pair | None:
        """Its answer; RuntimeError with what the library has raised."""
        words = ["get", service] if user is None else ["get", service, user]
        found = _answer(self._python, words).get("found")
        return None if found is None else (found[0], found[1])

    def save(self, service: str, user: str, password: str) -> None:
        """Keep a pair; RuntimeError with what the library has raised."""
        _answer(self._python, ["save", service, user], password)


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


def keyring(provider: str, python: str, emit: Listener) -> Keyring:
    """The keyring that `provider` (``auto import subprocess disabled``) stands for.

    `python` is the target: pip, which runs in it, imports the library from there.
    """
    if provider in ("import", "auto"):
        try:
            if "missing" not in _answer(python, ["there"]):
                return TargetsKeyring(python)
        except RuntimeError as error:  # a broken library raises anything
            text = f"Installed copy of keyring fails with exception {error}"
            if provider == "auto":
                text += ", trying to find a keyring executable as a fallback"
            emit(Said(Level.WARNING, text))
    if provider in ("subprocess", "auto"):
        program = _program(python)
        if program is not None:
            return ProgramKeyring(program)
    return NoKeyring()


def _answer(python: str, words: Sequence[str], typed: str | None = None) -> dict[str, Any]:
    """What the target says; `typed` is its standard input where that is not ours.

    Raises RuntimeError with what was raised there.
    """
    import subprocess
    from pathlib import Path

    script = Path(__file__).with_name("keyring_probe.py")
    run = subprocess.run(
        [python, str(script), *words],
        input=None if typed is None else typed.encode(),
        stdout=subprocess.PIPE,
        env=_environment(),
        check=False,
    )
    try:
        told: dict[str, Any] = json.loads(run.stdout.decode("utf-8").rstrip().rpartition("\n")[2])
    except ValueError:
        raise RuntimeError(f"{python} has ended with code {run.returncode}") from None
    if "error" in told:
        raise RuntimeError(told["error"])
    return told


def _program(python: str) -> str | None:
    """The first `keyring` on PATH that is not in the target's own environment (pip behaviour)."""
    import shutil

    try:
        own = str(_answer(python, ["scripts"])["scripts"])
    except RuntimeError:
        own = ""
    path = os.environ.get("PATH", os.defpath)
    elsewhere = [part for part in path.split(os.pathsep) if not _same(part, own)]
    return shutil.which("keyring", path=os.pathsep.join(elsewhere))


def _same(one: str, other: str) -> bool:
    return os.path.normcase(os.path.realpath(one)) == os.path.normcase(os.path.realpath(other))


def _environment() -> dict[str, str]:
    return {**os.environ, "PYTHONIOENCODING": "utf-8"}
