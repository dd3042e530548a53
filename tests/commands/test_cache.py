"""`cache` over a folder in which pip and pipfast have kept things."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipfast.commands.cache import command
from pipfast.config.settings import settings
from pipfast.report.console import Console
from pipfast.store.incidents import keep

OWN = "pipfast/v1/built/wheels/aa/bb/demo-3.0-py3-none-any.whl"


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    for name in (OWN, "pipfast/v1/pages/a", "wheels/00/11/22/33/demo-1.0-py3-none-any.whl"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("12345", encoding="utf-8")
    return tmp_path


def shown(cache: Path, capsys: pytest.CaptureFixture[str], *words: str) -> list[str]:
    """The lines that the command says."""
    asked = settings(["cache", *words, "--cache-dir", str(cache)], {"PIP_CONFIG_FILE": "/dev/null"})
    assert command(asked, Console()) == 0
    return capsys.readouterr().out.splitlines()


def test_info_prints_the_store_after_pips_lines(
    cache: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert shown(cache, capsys, "info")[-3:] == [
        "Number of locally built wheels: 2",
        f"pipfast store location: {cache / 'pipfast'}",
        "pipfast store size: 10 bytes",
    ]


def test_list_has_wheels_of_pips_cache_and_of_the_store(
    cache: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert shown(cache, capsys, "list", "demo")[2:] == [
        " - demo-1.0-py3-none-any.whl (5 bytes)",
        " - demo-3.0-py3-none-any.whl (5 bytes)",
    ]


def test_purge_removes_everything(cache: Path, capsys: pytest.CaptureFixture[str]) -> None:
    keep(str(cache), "20250101", "{}")
    assert shown(cache, capsys, "purge")[0] == "Files removed: 4 (17 bytes)"
    assert list(cache.iterdir()) == []


def test_remove_keeps_other_files_of_the_store(
    cache: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert shown(cache, capsys, "remove", "demo")[0] == "Files removed: 2 (10 bytes)"
    assert (cache / "pipfast/v1/pages/a").exists()
    assert not (cache / OWN).exists()
