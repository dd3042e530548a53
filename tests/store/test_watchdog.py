from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from glob import escape
from pathlib import Path

import pytest

from pipfast.store.workers.process_tree import end_families

pytestmark = pytest.mark.skipif(not Path("/proc/self").exists(), reason="processes are not shown")

SLEEPS = "import time; time.sleep(60)"
BREEDS = f"""
import os, subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", {SLEEPS!r}], start_new_session={{apart}})
print(child.pid, flush=True)
time.sleep(60)
"""
STUBBORN = "import signal, time; signal.signal(2, signal.SIG_IGN); print(1, flush=True); " + SLEEPS
TIDY = """
import sys, time
try:
    print(1, flush=True)
    time.sleep(60)
except KeyboardInterrupt:
    open(sys.argv[1], "w").close()
"""
KEPT = """
import subprocess, sys, time
from pipfast.store.workers.watchdog import Watchdog
keeper = Watchdog([sys.argv[1]])
keeper.folder(sys.argv[2])
words = [sys.executable, "-c", "import time; time.sleep(60)"]
over, child = (subprocess.Popen(words, start_new_session=True) for _ in range(2))
with keeper.watching(over.pid):
    pass
with keeper.watching(child.pid):
    print(over.pid, child.pid, flush=True)
    time.sleep(60)
"""


@pytest.fixture
def begin() -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Starts a Python that prints one line when it is ready; it is over with the test."""
    begun: list[subprocess.Popen[str]] = []

    def start(code: str, *words: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-c", code, *words]
        begun.append(subprocess.Popen(command, stdout=subprocess.PIPE, text=True))
        return begun[-1]

    yield start
    for process in begun:
        with process:
            process.kill()


def said(process: subprocess.Popen[str]) -> list[int]:
    assert process.stdout is not None
    return [int(word) for word in process.stdout.readline().split()]


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except FileNotFoundError:
        return False


def comes_true(what: Callable[[], bool]) -> bool:
    until = time.monotonic() + 10
    while not what() and time.monotonic() < until:
        time.sleep(0.02)
    return what()


@pytest.mark.parametrize("apart", [False, True])
def test_a_family_is_ended_whatever_sessions_its_members_head(
    begin: Callable[..., subprocess.Popen[str]], *, apart: bool
) -> None:
    process = begin(BREEDS.format(apart=apart))
    (child,) = said(process)
    end_families([process.pid])
    assert not is_alive(process.pid)
    assert not is_alive(child)


def test_a_family_may_tidy_up_first(
    begin: Callable[..., subprocess.Popen[str]], tmp_path: Path
) -> None:
    process = begin(TIDY, str(tmp_path / "tidied"))
    said(process)
    end_families([process.pid])
    assert (tmp_path / "tidied").exists()
    assert process.wait(5) == 0


def test_who_will_not_end_is_ended_by_force(begin: Callable[..., subprocess.Popen[str]]) -> None:
    process = begin(STUBBORN)
    said(process)
    end_families([process.pid], patience=0.05)
    assert process.wait(5) == -signal.SIGKILL


def test_what_a_killed_process_leaves_is_removed_and_its_families_are_ended(
    begin: Callable[..., subprocess.Popen[str]], tmp_path: Path
) -> None:
    folders = [tmp_path / name for name in ("one [1]", ".aside-7-a", ".aside-7-b", "other")]
    for folder in folders:
        folder.mkdir()
        (folder / "file").touch()
    pattern = f"{escape(str(tmp_path))}/.aside-7-*"
    process = begin(KEPT, escape(str(folders[0])), pattern)
    over, child = said(process)
    process.kill()
    try:
        assert comes_true(lambda: not is_alive(child))
        assert comes_true(lambda: list(tmp_path.iterdir()) == [folders[-1]])
        assert is_alive(over)
    finally:
        end_families([over])
