"""The log of calls, and the line about a Python that only PATH names."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest

from pipfast.config.option_table import Command
from pipfast.config.settings import Settings, settings
from pipfast.main import main


def entries(log: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in log.read_text().splitlines()]


@pytest.fixture
def log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_CACHE_DIR", str(tmp_path / "cache"))
    return tmp_path / "calls"


def test_each_call_adds_a_line(log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIPFAST_CALL_LOG", str(log))
    main(["--python", sys.executable, "list", "-q"], "pip3")
    main(["config", "debug", "--global"], "pipfast")
    first, second = entries(log)
    assert first["words"] == ["--python", sys.executable, "list", "-q"]
    assert (first["program"], first["python"]) == ("pip3", sys.executable)
    assert second["words"] == ["config", "debug", "--global"]


def test_a_file_of_pip_s_configuration_names_the_log_too(
    log: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file = tmp_path / "pip.conf"
    file.write_text(f"[pipfast]\ncall-log = {log}\n")
    monkeypatch.setenv("PIP_CONFIG_FILE", str(file))
    main(["--version"], "pipfast")
    assert [one["words"] for one in entries(log)] == [["--version"]]


def test_the_log_has_no_accounts(log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIPFAST_CALL_LOG", str(log))
    main(["list", "--index-url", "https://user:secret@h/simple"], "pipfast")
    assert "secret" not in log.read_text()
    assert "https://****@h/simple" in log.read_text()


def test_a_log_that_cannot_be_written_is_ignored(
    log: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PIPFAST_CALL_LOG", str(log / "missing" / "folder"))
    assert main(["--version"], "pipfast") == 0
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(("command", "said"), [("uninstall", True), ("list", False)])
def test_a_change_says_which_python_path_has_named(
    log: Path,
    command: str,
    said: bool,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def found(
        words: list[str], environ: dict[str, str], program: str, own: Command | None
    ) -> Settings:
        assert own is None
        parsed = settings(["--python", sys.executable, *words], environ, program)
        object.__setattr__(parsed, "is_on_path", True)
        return parsed

    monkeypatch.setattr("pipfast.cli.dispatch.settings", found)
    main([command, *(["-y", "no-such-project"] if said else [])], "pipfast")
    line = f"No environment is active: using {sys.executable}, the first Python on PATH"
    assert (line in capsys.readouterr().err) is said
