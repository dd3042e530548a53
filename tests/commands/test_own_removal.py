"""Uninstalling pipfast names what stays in the store and the command that removes it."""

from __future__ import annotations

import shlex
import shutil
import subprocess
from pathlib import Path

import pytest
from packaging.utils import canonicalize_name

from pipfast.commands._own_removal import hint_on_store
from pipfast.model.installed_distribution import Installed
from pipfast.policy.mode import mode
from tests.policy.settings_of import settings_of

OWN = canonicalize_name("pipfast")
GUARDED = mode(settings_of("uninstall pipfast"))
PARITY = mode(settings_of("uninstall pipfast", PIPFAST_PIP_COMPAT="1"))


class _Named:
    info = "/site/pipfast-1.dist-info"


PRESENT: dict[object, Installed] = {OWN: _Named()}  # type: ignore[dict-item]


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    store = tmp_path / "a cache" / "pipfast" / "v1" / "archives"
    store.mkdir(parents=True)
    (store / "file").write_bytes(b"x" * 5000)
    return tmp_path / "a cache"


@pytest.mark.skipif(shutil.which("sh") is None, reason="runs the command of a hint")
def test_the_hint_names_a_command_that_removes_the_store(cache: Path) -> None:
    info, hint = hint_on_store(str(cache), [OWN], PRESENT, GUARDED)  # type: ignore[arg-type]
    assert info == _Named.info
    command = hint.partition("run: ")[2].strip()
    subprocess.run(shlex.split(command), check=True)
    assert list(cache.iterdir()) == []


@pytest.mark.parametrize("case", ["parity", "no cache", "others", "absent", "no store"])
def test_there_is_no_hint_without_a_reason(case: str, cache: Path) -> None:
    if case == "no store":
        shutil.rmtree(cache / "pipfast")
    found = hint_on_store(
        None if case == "no cache" else str(cache),
        [] if case == "others" else [OWN],
        {} if case == "absent" else PRESENT,  # type: ignore[arg-type]
        PARITY if case == "parity" else GUARDED,
    )
    assert found == ("", "")
