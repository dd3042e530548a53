"""The interpreters that the tests of this room ask about."""

from __future__ import annotations

import sys
import venv
from collections.abc import Callable
from pathlib import Path

import pytest

from pipfast.environment.interpreter import Interpreter, interpreter
from pipfast.model.frozen_dataclass import replace


class Memory:
    """A cache that lasts as long as a test, and counts what was kept."""

    def __init__(self) -> None:
        self.entries: dict[tuple[str, str], bytes] = {}
        self.kept = 0

    def read(self, area: str, key: str) -> bytes | None:
        return self.entries.get((area, key))

    def write(self, area: str, key: str, data: bytes) -> bool:
        self.entries[area, key] = data
        self.kept += 1
        return True


_MEMORY = Memory()


@pytest.fixture
def memory() -> Memory:
    return Memory()


@pytest.fixture(scope="session")
def own() -> Interpreter:
    return interpreter(sys.executable, _MEMORY)


@pytest.fixture
def virtual(tmp_path: Path, own: Interpreter) -> str:
    """The interpreter of a fresh virtual environment, made by hand: `venv` takes its time."""
    folder = tmp_path / "virtual"
    if sys.platform == "win32":
        venv.create(folder, with_pip=False)
        return str(folder / "Scripts" / "python.exe")
    base = Path(own.base_prefix) / "bin"
    (folder / "bin").mkdir(parents=True)
    (folder / "bin" / "python").symlink_to(base / f"python{own.version}")
    (folder / "lib" / f"python{own.version}" / "site-packages").mkdir(parents=True)
    settings = f"home = {base}\ninclude-system-site-packages = false\n"
    (folder / "pyvenv.cfg").write_text(settings)
    return str(folder / "bin" / "python")


@pytest.fixture
def plain(own: Interpreter, tmp_path: Path) -> Callable[..., Interpreter]:
    """Makes an interpreter that is no virtual environment's, with what a test changes of it."""

    def make(**changes: object) -> Interpreter:
        base = replace(
            own,
            prefix="/usr",
            base_prefix="/usr",
            stdlib=str(tmp_path / "stdlib"),
            user_site=str(tmp_path / "user" / "site-packages"),
            user_site_enabled=True,
            sees_system_site=True,
        )
        return replace(base, **changes)  # type: ignore[arg-type]

    return make
