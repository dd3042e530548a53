"""`config` as it is run: files that are written, and what is emitted of it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from pipfast.commands.config import command
from pipfast.config.directories import BASENAME
from pipfast.config.settings import settings
from pipfast.report.console import Console

pytestmark = pytest.mark.skipif(BASENAME == "pip.ini", reason="the paths are those of XDG")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in [name for name in os.environ if name.startswith("PIP") or name == "VIRTUAL_ENV"]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("XDG_CONFIG_HOME", "XDG_CONFIG_DIRS"):
        monkeypatch.setenv(name, str(tmp_path / name.lower()))
    return tmp_path


def config(*words: str) -> int:
    asked = settings(["config", *words], os.environ)
    return command(asked, Console(verbosity=asked.verbosity))


def test_a_value_is_set_printed_and_unset(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = home / "xdg_config_home/pip/pip.conf"
    assert config("--user", "set", "global.Time_out", "6") == 0
    assert path.read_text() == "[global]\ntime-out = 6\n\n"
    assert config("--user", "get", "global.time-out") == 0
    assert config("--user", "unset", "global.time-out") == 0
    assert path.read_text() == ""
    assert capsys.readouterr().out == f"Writing to {path}\n6\nWriting to {path}\n"


def test_set_keeps_a_symbolic_link_and_the_file_mode(home: Path) -> None:
    real, link = home / "real.conf", home / "xdg_config_home/pip/pip.conf"
    real.write_text("[a]\nb = 1\n")
    real.chmod(0o600)
    link.parent.mkdir(parents=True)
    link.symlink_to(real)
    assert config("--user", "set", "a.b", "2") == 0
    assert link.is_symlink()
    assert (real.read_text(), real.stat().st_mode & 0o777) == ("[a]\nb = 2\n\n", 0o600)


def test_a_value_that_cannot_be_encoded_leaves_the_file_unchanged(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = home / "xdg_config_home/pip/pip.conf"
    path.parent.mkdir(parents=True)
    path.write_text("[a]\nb = 1\n")
    assert config("--user", "set", "a.b", "\udcff") == 1
    assert path.read_text() == "[a]\nb = 1\n"
    emitted = capsys.readouterr().err
    assert emitted.startswith(
        f"ERROR: An error occurred while writing to the configuration file {path}"
    )


def test_a_folder_that_cannot_be_created_is_an_error(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (home / "xdg_config_home").write_text("")
    assert config("--user", "set", "a.b", "1") == 1
    assert "xdg_config_home" in capsys.readouterr().err


def test_the_editor_gets_the_file_and_its_exit_code_is_printed(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    editor = home / "editor"
    editor.write_text(f'#!/bin/sh\nprintf %s "$*" > "{home}/given"\nexit 4\n')
    editor.chmod(0o755)
    assert config("--user", "--editor", f"{editor} -x", "edit") == 1
    assert (home / "given").read_text() == f"-x {home}/xdg_config_home/pip/pip.conf"
    assert capsys.readouterr().err == "ERROR: Editor Subprocess exited with exit code 4\n"


@pytest.mark.parametrize("loudness", ["-qqq", "-qq"])
def test_an_invalid_action_is_an_error_and_not_critical(
    home: Path, capsys: pytest.CaptureFixture[str], loudness: str
) -> None:
    assert config(loudness, "get", "no.key") == 1
    emitted = "ERROR: No such key - no.key\n" if loudness == "-qq" else ""
    assert capsys.readouterr().err == emitted
