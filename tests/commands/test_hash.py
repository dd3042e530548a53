"""`hash` over files that can be read and others."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from pipfast.commands._errors import FileNotHashed
from pipfast.commands.hash import command
from pipfast.config.settings import settings
from pipfast.report.console import Console

NO_FILES = {"PIP_CONFIG_FILE": "/dev/null"}


def digest(*words: str) -> int:
    return command(settings(["hash", *words], NO_FILES), Console())


@pytest.mark.parametrize("algorithm", ["sha256", "sha384", "sha512"])
@pytest.mark.parametrize("size", [0, 1, 1024 * 1024, 3 * 1024 * 1024 + 1])
def test_the_digest_covers_all_bytes(
    algorithm: str, size: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "file"
    path.write_bytes(bytes(size))
    assert digest("-a", algorithm, str(path)) == 0
    value = hashlib.new(algorithm, bytes(size)).hexdigest()
    assert capsys.readouterr().out == f"{path}:\n--hash={algorithm}:{value}\n"


@pytest.mark.parametrize(
    ("name", "why"), [("absent", "No such file or directory"), ("", "Is a directory")]
)
def test_an_unreadable_file_ends_with_one_error_and_exit_code_1(
    name: str, why: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    good, bad = tmp_path / "good", tmp_path / name
    good.write_bytes(b"")
    with pytest.raises(FileNotHashed) as caught:
        digest(str(good), str(bad), str(good))
    assert caught.value.message == f"Could not hash {bad}: {why}"
    assert caught.value.exit_code == 1
    assert len(capsys.readouterr().out.splitlines()) == 2
