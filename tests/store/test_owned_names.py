"""Temporary names: what killed runs left is removed, what running ones use is not."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from pipfast.store.filesystem import owned_names
from pipfast.store.filesystem.owned_names import (
    owner,
    remove,
    sweep,
    temporary_store_path,
    unused_name,
)

linux_only = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
MAKE = """
import os, sys
from pipfast.store.filesystem.owned_names import temporary_store_folder
made = temporary_store_folder(sys.argv[1])
open(os.path.join(made, "file"), "w").close()
print(made, flush=True)
sys.stdin.read()
"""


def swept(folder: Path) -> list[str]:
    """Return the names that are left after a sweep by a run that begins."""
    owned_names._SWEPT.clear()
    sweep(str(folder))
    return sorted(path.name for path in folder.iterdir())


def renamed(pid: int | None = None, start: int | None = None, place: str | None = None) -> str:
    """Return a temporary name with other facts about its process."""
    own_place, own_pid, own_start = owner().split("-")
    pid_text = own_pid if pid is None else f"{pid:x}"
    start_text = own_start if start is None else f"{start:x}"
    return f"new-{place or own_place}-{pid_text}-{start_text}-00c0ffee"


@linux_only
def test_the_folder_of_a_process_stays_until_it_is_killed(tmp_path: Path) -> None:
    command = [sys.executable, "-c", MAKE, str(tmp_path)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        made = Path(process.stdout.readline().strip())
        assert swept(tmp_path / "tmp") == [made.name]
        process.kill()
        while Path(f"/proc/{process.pid}/stat").read_text().rpartition(") ")[2][0] != "Z":
            time.sleep(0.01)
        assert swept(tmp_path / "tmp") == [], "a process that nobody has waited for is gone, too"


@linux_only
def test_a_process_id_that_is_used_again_is_another_process(tmp_path: Path) -> None:
    mine, reused = renamed(), renamed(start=1)
    for name in (mine, reused):
        (tmp_path / name).mkdir()
    assert swept(tmp_path) == [mine]


def test_names_of_other_systems_stay_for_a_day(tmp_path: Path) -> None:
    fresh = renamed(pid=4_000_000, place="01234567")
    old = renamed(pid=4_000_001, place="01234567")
    for name in (fresh, old):
        (tmp_path / name).write_text("")
    long_ago = time.time() - 90_000
    os.utime(tmp_path / old, (long_ago, long_ago))
    assert swept(tmp_path) == [fresh]


def test_names_of_others_are_not_touched(tmp_path: Path) -> None:
    place, pid, start = owner().split("-")
    names = [
        "a-b-c-d-e",
        f"new-{place}-{pid}-{start}",
        f"new-{place}-{pid}-{start}-c0ffee",
        f"new-{place}-x-{start}-00c0ffee",
        "pip-install-abcdefgh",
    ]
    for name in names:
        (tmp_path / name).write_text("")
    assert swept(tmp_path) == sorted(names)


@linux_only
def test_links_and_files_of_other_users_stay(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "file").write_text("")
    folder = tmp_path / "folder"
    folder.mkdir()
    dead = renamed(start=1)
    (folder / dead).symlink_to(outside)
    assert swept(folder) == []
    assert (outside / "file").exists()
    if os.geteuid() == 0:
        (folder / dead).mkdir()
        os.chown(folder / dead, 65_531, 65_531)
        assert swept(folder) == [dead]


def test_names_are_unused(tmp_path: Path) -> None:
    assert len({unused_name() for _ in range(100)}) == 100
    assert temporary_store_path(str(tmp_path)) != temporary_store_path(str(tmp_path))


def test_a_folder_that_cannot_be_closed_does_not_fail_a_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "folder" / "inner").mkdir(parents=True)

    def close(handle: int) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    with monkeypatch.context() as patch:
        patch.setattr(os, "close", close)
        remove(str(tmp_path / "folder"))
    assert not (tmp_path / "folder").exists()
