"""The keyring is the target's: its library in a process of its own, else a program on PATH."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from pipfast.model.events import Event, Said
from pipfast.net.keyring import NoKeyring, ProgramKeyring, TargetsKeyring, keyring

LIBRARY = """
import os
print("a library may print")

class Found:
    username, password = "me", "secret"

def get_credential(service, user):
    if service == "locked":
        raise ValueError("it is locked")
    return Found if service == "there" and user in (None, "me") else None

def set_password(service, user, password):
    with open(os.environ["KEPT"], "w") as file:
        file.write(f"{service} {user} {password}")
"""

PROGRAM = '#!/bin/sh\necho \'{"username": "me", "password": "typed"}\'\n'


@pytest.fixture
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the target finds its library; nothing stands there yet, and no program is on PATH."""
    folder = tmp_path / "libraries"
    folder.mkdir()
    monkeypatch.setenv("PYTHONPATH", str(folder))
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("KEPT", str(tmp_path / "kept"))
    return folder / "keyring.py"


def test_the_targets_library_tells_and_keeps(library: Path, tmp_path: Path) -> None:
    library.write_text(LIBRARY)
    ring = keyring("import", sys.executable, lambda event: None)
    assert isinstance(ring, TargetsKeyring)
    assert ring.get("there", None) == ring.get("there", "me") == ("me", "secret")
    assert ring.get("there", "another") is ring.get("elsewhere", None) is None
    with pytest.raises(RuntimeError, match="it is locked"):
        ring.get("locked", "me")
    ring.save("there", "me", "pass word\n")
    assert (tmp_path / "kept").read_text() == "there me pass word\n"


@pytest.mark.parametrize("text", [None, "raise ValueError('damaged')"])
@pytest.mark.skipif(os.name != "posix", reason="the program is a script for a shell")
def test_without_a_library_a_program_is_asked_that_is_not_the_targets(
    library: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str | None
) -> None:
    if text is not None:
        library.write_text(text)
    said: list[Event] = []
    program = tmp_path / "programs" / "keyring"
    program.parent.mkdir()
    program.write_text(PROGRAM)
    program.chmod(0o755)
    assert isinstance(keyring("auto", sys.executable, said.append), NoKeyring)
    monkeypatch.setenv("PATH", str(program.parent))
    ring = keyring("auto", sys.executable, said.append)
    assert isinstance(ring, ProgramKeyring)
    assert ring.get("there", None) == ("me", "typed")
    assert isinstance(keyring("import", sys.executable, said.append), NoKeyring)
    warned = [one.text for one in said if isinstance(one, Said)]
    assert all(one.startswith("Installed copy of keyring fails with exception") for one in warned)
    assert len(warned) == (0 if text is None else 3)
