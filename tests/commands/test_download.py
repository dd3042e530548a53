"""`download` and `wheel`, from a folder of files to another."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from pipfast.commands import download, wheel
from pipfast.config.settings import settings
from pipfast.errors import CommandError, PipfastError
from pipfast.report.console import Console
from tests.kit.projects import project
from tests.kit.wheels import Built
from tests.kit.wheels import wheel as built

COMMANDS = {"download": download.command, "wheel": wheel.command}
DEMO, DEP = built("demo", "1.0", "Dep"), built("dep")
SDIST = project("source", "1.0", static="2.2").sdist()
BAD = project("bad", "1.0", static="2.2", backend={"fails": {"build_wheel": "raise"}}).sdist()


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "links").mkdir()
    for file in (DEMO, DEP, SDIST, BAD):
        put(tmp_path / "links", file)
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    return tmp_path


def put(folder: Path, file: Built) -> None:
    (folder / file.filename).write_bytes(file.content)


def run(here: Path, command: str, *words: str) -> None:
    cache = ["--cache-dir", str(here / "cache"), "--no-index", "-f", str(here / "links")]
    environ = {"PIP_CONFIG_FILE": "/dev/null"}
    asked = settings(["--python", sys.executable, command, *cache, *words], environ)
    assert COMMANDS[command](asked, Console(progress_bar="off")) == 0


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.parametrize(("command", "option"), [("download", "-d"), ("wheel", "-w")])
def test_wheels_are_saved_in_the_order_of_the_resolution(
    here: Path, capsys: pytest.CaptureFixture[str], command: str, option: str
) -> None:
    run(here, command, option, "to/x", "demo")
    lines = capsys.readouterr().out.splitlines()
    saved = [f"Saved ./to/x/{file.filename}" for file in (DEMO, DEP)]
    end = ["Successfully downloaded demo Dep"] if command == "download" else []
    assert lines[-len(saved + end) :] == saved + end
    assert names(here / "work" / "to" / "x") == [DEMO.filename, DEP.filename]
    assert names(here / "links") == sorted(
        file.filename for file in (DEMO, DEP, SDIST, BAD)
    )  # links are never moved


def test_an_sdist_is_downloaded_unchanged_and_built_by_wheel(here: Path) -> None:
    run(here, "download", "-d", "sources", "source")
    run(here, "wheel", "-w", "wheels", "source")
    assert names(here / "work" / "sources") == [SDIST.filename]
    assert names(here / "work" / "wheels") == ["source-1.0-py3-none-any.whl"]
    assert (here / "work" / "sources" / SDIST.filename).read_bytes() == SDIST.content


def test_if_a_wheel_cannot_be_built_the_others_are_written(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(CommandError, match="Failed to build one or more wheels"):
        run(here, "wheel", "-w", "to", "bad", "source", "dep")
    assert "Failed to build bad" in capsys.readouterr().out.splitlines()
    assert names(here / "work" / "to") == [DEP.filename, "source-1.0-py3-none-any.whl"]


def test_nothing_is_saved_if_a_hash_is_wrong(here: Path) -> None:
    wrong = f"dep==1.0 --hash=sha256:{'0' * 64}\ndemo==1.0 --hash=sha256:{DEMO.sha256}\n"
    (here / "work" / "r.txt").write_text(wrong)
    with pytest.raises(PipfastError, match="DO NOT MATCH"):
        run(here, "download", "-d", "to", "-r", "r.txt")
    assert not names(here / "work" / "to")


def test_options_for_another_platform_are_rejected_before_a_folder_is_created(here: Path) -> None:
    with pytest.raises(CommandError, match="--no-deps must be set"):
        run(here, "download", "--platform", "win_amd64", "-d", "to", "demo")
    assert not names(here / "work")
