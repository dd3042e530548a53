"""A store that fails never ends a run, and delays it by no more than about a second."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext, suppress
from pathlib import Path
from queue import Empty, Queue

import pytest

from compat.network.real_servers import free_port
from compat.remote_store.conftest import NewMachine
from compat.remote_store.faulty_server import FAULTS, faulty
from compat.remote_store.machines import KEY, Works

_DELAY = 1.0
_NOISE = 2.0
"""Seconds by which two runs differ on a busy machine; unit tests measure the delay alone."""


@pytest.mark.parametrize("fault", [*FAULTS, "down", "unmounted", "no-such-host"])
def test_a_run_ends_as_without_the_store(
    fault: str, works: Works, machine: NewMachine, tmp_path: Path
) -> None:
    works.add()
    urls = {
        "down": f"http://127.0.0.1:{free_port()}/team",
        "unmounted": (tmp_path / "nothing").as_uri(),
        "no-such-host": "http://store.invalid/team",
    }
    alone = machine()
    usual = alone.install("demo")
    works.made()
    with faulty(fault) if fault in FAULTS else nullcontext(urls.get(fault, "")) as url:
        one = machine(url)
        ended = one.install("demo")
    assert (ended.code, works.made()) == (0, ["metadata", "wheel"])
    assert ended.errors.count("WARNING") == 1, ended.errors
    assert "This run continues without the remote store" in ended.errors
    assert one.tree() == alone.tree()
    assert ended.seconds < usual.seconds + _DELAY + _NOISE
    found = one.remote()
    assert (found["failures"], found["waiting"]) == (1, 2)


_ROUNDS = 4
_WITHOUT_LIMIT = """
import pipfast.remote_store.remote as remote
remote.PATIENCE = 5.0
from pipfast.main import run
run()
"""


def _delays(url: str, works: Works, machine: NewMachine, **what: object) -> tuple[float, float]:
    """Return how much longer a run takes with the store at `url`, and what noise may add.

    Both are installed in turn. The shortest times have the least noise; more rounds are made while
    they differ by more than they should.
    """
    usual: list[float] = []
    delayed: list[float] = []
    for _ in range(_ROUNDS):
        for address, times in (("", usual), (url, delayed)):
            ended = machine(address, **what).install("demo")
            assert ended.code == 0
            times.append(ended.seconds)
        if min(delayed) - min(usual) < _DELAY:
            break
    works.made()
    return min(delayed) - min(usual), max(usual) - min(usual)


@pytest.mark.parametrize("fault", ["down", "slow", "403", "500"])
def test_a_store_that_fails_costs_less_than_a_second(
    fault: str, works: Works, machine: NewMachine
) -> None:
    works.add()
    down = nullcontext(f"http://127.0.0.1:{free_port()}/team")
    with down if fault == "down" else faulty(fault) as url:
        delay, noise = _delays(url, works, machine)
    assert delay < _DELAY + noise


def test_without_the_time_limit_a_slow_store_costs_more(works: Works, machine: NewMachine) -> None:
    works.add()
    with faulty("slow") as url:
        delay, noise = _delays(url, works, machine, program=("-c", _WITHOUT_LIMIT))
    assert delay > _DELAY + noise


def test_what_a_killed_upload_leaves_is_pushed_later(
    works: Works, machine: NewMachine, shelf: Path
) -> None:
    works.add()
    one = machine()
    assert one.install("demo", PIPFAST_REMOTE_STORE_WAIT="0").code == 0
    with faulty("deaf") as url:
        environ = {
            **os.environ,
            "PIP_CACHE_DIR": str(one.folder / "cache"),
            "PIPFAST_REMOTE_STORE": url,
            "PIPFAST_REMOTE_STORE_KEY": KEY,
        }
        pushing = subprocess.Popen([sys.executable, "-m", "pipfast", "cache", "push"], env=environ)
        time.sleep(3)
        assert pushing.poll() is None
        pushing.send_signal(signal.SIGKILL)
        pushing.wait()
    assert '"count": 2' in one.run("cache", "push", "--json").output
    works.made()
    second = machine()
    assert second.install("demo").code == 0
    assert works.made() == []
    assert second.remote()["refused"] == 0
    assert not [path for path in shelf.rglob(".*") if path.is_file()]


def test_an_install_that_is_killed_during_its_upload_is_complete(
    works: Works, machine: NewMachine
) -> None:
    works.add()
    works.add("other")
    alone, one, reader = machine(""), machine(), machine()
    assert alone.install("demo").code == 0
    started: Queue[subprocess.Popen[str]] = Queue()

    def kill() -> None:
        with suppress(Empty):
            started.get(timeout=60).kill()

    with faulty("deaf", kill) as url:
        command = one.installing("demo")
        with one.start(*command, PIPFAST_REMOTE_STORE=url) as running:
            started.put(running)
            running.communicate()
    assert running.returncode == -signal.SIGKILL
    assert one.tree() == alone.tree()
    assert one.run("check").code == 0
    assert one.remote()["waiting"] == 2
    unchanged = one.install("demo")  # nothing was built, so nothing is uploaded
    assert (unchanged.code, unchanged.errors) == (0, "")
    assert one.remote()["waiting"] == 2
    assert one.install("other").code == 0
    assert one.remote()["waiting"] == 0
    works.made()
    assert reader.install("demo", "other").code == 0
    assert works.made() == []
    assert reader.remote()["refused"] == 0


def test_two_writers_at_once_leave_objects_that_are_whole(
    works: Works, machine: NewMachine
) -> None:
    works.add()
    writers = [machine(), machine()]
    with ThreadPoolExecutor() as pool:
        ended = [*pool.map(lambda one: one.install("demo"), writers)]
    assert [one.code for one in ended] == [0, 0]
    works.made()
    reader = machine()
    assert reader.install("demo").code == 0
    assert works.made() == []
    assert (reader.remote()["hits"], reader.remote()["refused"]) == (2, 0)
