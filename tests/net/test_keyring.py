"""The keyring is the package of the target, run in a subprocess, else a program on PATH."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from pipfast.model.events import Event
from pipfast.net.events import KeyringNotImportable
from pipfast.net.keyring import NoKeyring, PackageKeyring, ProgramKeyring, keyring
from pipfast.report.render import text_of

PACKAGE = """
import os
print("a package may print")

class Found:
    username, password = "me", "secret"

def get_credential(service, user):
    if service == "locked":
        raise ValueError("it is locked")
    return Found if service == "there" and user in (None, "me") else None

def set_password(service, user, password):
    with open(os.environ["STORED"], "w") as file:
        file.write(f"{service} {user} {password}")
"""

PROGRAM = '#!/bin/sh\necho \'{"username": "me", "password": "typed"}\'\n'


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return where the target imports keyring from; no file is there, and no program is on PATH."""
    folder = tmp_path / "packages"
    folder.mkdir()
    monkeypatch.setenv("PYTHONPATH", str(folder))
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("STORED", str(tmp_path / "stored"))
    return folder / "keyring.py"


def test_the_package_of_the_target_returns_and_stores_credentials(
    package: Path, tmp_path: Path
) -> None:
    package.write_text(PACKAGE)
    ring = keyring("import", sys.executable, lambda event: None)
    assert isinstance(ring, PackageKeyring)
    assert ring.get("there", None) == ring.get("there", "me") == ("me", "secret")
    assert ring.get("there", "another") is ring.get("elsewhere", None) is None
    with pytest.raises(RuntimeError, match="it is locked"):
        ring.get("locked", "me")
    ring.save("there", "me", "pass word\n")
    assert (tmp_path / "stored").read_text() == "there me pass word\n"


@pytest.mark.parametrize("text", [None, "raise ValueError('damaged')"])
@pytest.mark.skipif(os.name != "posix", reason="the program is a script for a shell")
def test_without_the_package_a_program_outside_the_target_is_used(
    package: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str | None
) -> None:
    if text is not None:
        package.write_text(text)
    events: list[Event] = []
    program = tmp_path / "programs" / "keyring"
    program.parent.mkdir()
    program.write_text(PROGRAM)
    program.chmod(0o755)
    assert isinstance(keyring("auto", sys.executable, events.append), NoKeyring)
    monkeypatch.setenv("PATH", str(program.parent))
    ring = keyring("auto", sys.executable, events.append)
    assert isinstance(ring, ProgramKeyring)
    assert ring.get("there", None) == ("me", "typed")
    assert isinstance(keyring("import", sys.executable, events.append), NoKeyring)
    failures = [event.tries_program for event in events if isinstance(event, KeyringNotImportable)]
    assert failures == ([] if text is None else [True, True, False])


def test_the_message_says_whether_a_program_is_tried_next() -> None:
    text = "Installed copy of keyring fails with exception damaged"
    assert text_of(KeyringNotImportable("damaged", tries_program=False)) == text
    tried = text_of(KeyringNotImportable("damaged", tries_program=True))
    assert tried == f"{text}, trying to find a keyring executable as a fallback"
