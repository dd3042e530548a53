"""Real runs on stores that are full, read-only, purged, shared, or on other file systems."""

from __future__ import annotations

import marshal
import os
import re
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

import pipfast
from compat.robust.slow_index import slow_index
from compat.robust.stores import FILES, Place, ended, mounted, purged, shared
from tests.kit.house import KILLED

UNUSED_USERS = (65_531, 65_532)
LONG = "x" * 120

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="uses mounts and /proc of Linux")


@contextmanager
def small_disk(folder: Path, options: str) -> Iterator[Path]:
    """Yield a new file system with these options of mount, or skip the test."""
    with mounted(folder / "disk", options) as disk:
        if disk is None:
            pytest.skip("this user cannot mount file systems")
        yield disk


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def downloads(place: Place, index: str) -> None:
    """Let the runs in `place` download from an index instead of reading a folder."""
    own = {"PIP_INDEX_URL": index, "PIP_TRUSTED_HOST": "127.0.0.1", "PIP_NO_INDEX": "0"}
    place.environ |= {**own, "PIP_FIND_LINKS": ""}


def wheels_of(place: Place) -> dict[str, bytes]:
    """Return the wheels by file name."""
    return {path.name: path.read_bytes() for path in (place.folder / "wheels").iterdir()}


def fill(disk: Path) -> None:
    """Use the space that a disk has left."""
    with (disk / "rest").open("wb", buffering=0) as file, suppress(OSError):
        while True:
            file.write(bytes(1 << 16))


def assert_installed(place: Place, env: Path, ran: subprocess.CompletedProcess[str]) -> None:
    """Check that a run has installed everything and left nothing else."""
    assert ran.returncode == 0, ran.stderr + ran.stdout
    assert place.fault(env) is None
    assert place.left(*env.glob("lib/*/site-packages")) == []


@pytest.mark.parametrize(
    ("options", "pattern", "downloaded"),
    [
        ("size=1500k", "MB are needed", False),
        ("size=300k", "40[0-9] kB are needed", True),
        ("nr_inodes=40", "no room for more files", False),
        ("nr_inodes=3", "no room for more files", True),
    ],
)
def test_a_full_cache_disk_does_not_end_a_run(
    tmp_path: Path, options: str, pattern: str, *, downloaded: bool
) -> None:
    with small_disk(tmp_path, options) as disk:
        place = Place(tmp_path, cache=disk / "cache")
        with slow_index(wheels_of(place), 0) as index:
            if downloaded:
                downloads(place, index)
            env = place.environment()
            ran = place.run(env, "install", *place.names)
        assert_installed(place, env, ran)
        [line] = ran.stderr.splitlines()
        assert f"The disk {disk} " in line
        assert re.search(pattern, line), line
        assert "--cache-dir" in line


def test_a_store_on_a_read_only_disk_is_read_and_then_replaced(tmp_path: Path) -> None:
    with small_disk(tmp_path, "size=20m") as disk:
        place = Place(tmp_path, cache=disk / "cache")
        first = place.names[:3]
        with slow_index(wheels_of(place), 0) as index:
            downloads(place, index)
            assert place.run(place.environment("one"), "install", *first).returncode == 0
            subprocess.run(["mount", "-o", "remount,ro", disk], check=True)
            env = place.environment("two")
            assert not place.run(env, "install", *first).stderr
            ran = place.run(env, "install", *place.names)
        assert_installed(place, env, ran)
        assert "Read-only file system" in ran.stderr


def test_bytecode_is_compiled_elsewhere_if_the_disk_of_the_archive_is_full(tmp_path: Path) -> None:
    with small_disk(tmp_path, "size=20m") as disk:
        place = Place(tmp_path, cache=disk / "cache")
        assert (
            place.run(place.environment("one"), "install", *place.names, "--no-compile").stderr
            == ""
        )
        fill(disk)
        env = place.environment("two")
        ran = place.run(env, "install", *place.names)
        assert_installed(place, env, ran)
        assert "is full" in ran.stderr


def test_the_environment_on_another_full_disk_is_the_only_error(tmp_path: Path) -> None:
    with small_disk(tmp_path, "size=700k") as disk:
        place = Place(tmp_path)
        env = place.environment(parent=disk)
        ran = place.run(env, "install", *place.names)
        assert ran.returncode == 1
        assert "No space left on device" in ran.stderr
        assert "cache" not in ran.stderr
        assert place.left(*env.glob("lib/*/site-packages")) == []


def test_an_environment_on_another_disk_gets_copies(tmp_path: Path) -> None:
    with small_disk(tmp_path, "size=20m") as disk:
        place = Place(tmp_path)
        env = place.environment(parent=disk)
        assert_installed(place, env, place.run(env, "install", *place.names))
        assert {path.stat().st_nlink for path in env.rglob("*.py")} == {1}


def test_what_was_downloaded_before_a_kill_is_removed_by_the_next_run(place: Place) -> None:
    files = wheels_of(place)
    with slow_index(files, 0.05) as index:
        downloads(place, index)
        process = place.start(place.environment("one"), "install", *place.names)
        until = time.monotonic() + 30
        while not any(place.folder.glob("cache/pipfast/*/tmp/*/*/*.whl")):
            assert time.monotonic() < until
            time.sleep(0.01)
        process.send_signal(signal.SIGKILL)
        ended(process)
    assert place.left()
    with slow_index(files, 0) as index:
        downloads(place, index)
        env = place.environment("two")
        assert_installed(place, env, place.run(env, "install", *place.names))


def test_downloads_are_removed_before_the_environment_changes(place: Place) -> None:
    with slow_index(wheels_of(place), 0) as index:
        downloads(place, index)
        env = place.environment()
        python = str(env / "bin" / "python")
        command = [sys.executable, "-c", KILLED, "1", "--python", python, "install", *place.names]
        ran = subprocess.run(
            command, env=place.variables(), cwd=place.folder, capture_output=True, check=False
        )
    assert ran.returncode == -signal.SIGKILL
    assert len(list(place.folder.glob("cache/pipfast/*/archives/*/manifest"))) == len(place.names)
    assert list(place.folder.rglob("cache/**/*.whl")) == []


def test_installs_succeed_while_the_store_is_purged(place: Place) -> None:
    assert purged(place, 3) == []
    assert place.left() == []


def test_processes_that_share_a_store_and_an_environment_do_not_disturb_each_other(
    place: Place,
) -> None:
    assert shared(place, 3) == []
    assert place.left() == []


@pytest.fixture
def public_place() -> Iterator[Place]:
    """A place that all users can reach, as pytest's folders are not, and its interpreter too."""
    if os.geteuid() != 0:
        pytest.skip("only root can become other users")
    source = str(Path(pipfast.__path__[0]).parent)
    libraries = [path for path in sys.path if path.endswith("site-packages")]
    variables = {"PYTHONPATH": os.pathsep.join([source, *libraries]), "HOME": "/"}
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        for python in (sys.executable, "/usr/bin/python3"):
            with suppress(OSError):
                place = Place(Path(folder), python=python, environ=variables, user=UNUSED_USERS[0])
                if place.run(None, "--version").returncode == 0:
                    yield place
                    return
            shutil.rmtree(folder)
            Path(folder).mkdir(0o755)
    pytest.skip("other users can run no interpreter")


def test_two_users_share_a_store(public_place: Place) -> None:
    place = public_place
    (place.folder / "tmp").chmod(0o1777)
    assert place.cache is not None
    place.cache.mkdir()
    place.cache.chmod(0o1777)
    for user in UNUSED_USERS:
        place.user = user
        env = place.environment(f"env{user}")
        for path in (env, env / "bin"):
            os.chown(path, user, user)
        assert_installed(place, env, place.run(env, "install", *place.names))
        assert {path.stat().st_uid for path in env.rglob("*.py")} == {user}


def test_paths_of_more_than_250_characters(tmp_path: Path) -> None:
    place = Place(tmp_path, cache=tmp_path / LONG / LONG / "cache")
    env = place.environment(parent=tmp_path / LONG / LONG)
    assert len(str(env)) > 250
    assert_installed(place, env, place.run(env, "install", *place.names))


def test_few_file_handles_are_enough(place: Place) -> None:
    env = place.environment()
    before = ["prlimit", "--nofile=24"]
    assert_installed(place, env, place.run(env, "install", *place.names, before=before))


def test_no_shared_memory_is_needed(place: Place) -> None:
    before = [
        "unshare",
        "-m",
        "sh",
        "-c",
        'mount -t tmpfs -o ro,size=4k none /dev/shm; exec "$@"',
        "sh",
    ]
    if subprocess.run([*before, "true"], capture_output=True, check=False).returncode:
        pytest.skip("this user cannot mount file systems")
    env = place.environment()
    assert_installed(place, env, place.run(env, "install", *place.names, before=before))


def test_the_run_after_a_kill_is_not_disturbed(place: Place) -> None:
    assert place.run(place.environment("warm"), "install", *place.names).returncode == 0
    env = place.environment()
    for delay in (0.3, 0.6):
        shutil.rmtree(env / "lib", ignore_errors=True)
        process = place.start(env, "install", *place.names)
        time.sleep(delay)
        process.send_signal(signal.SIGKILL)
        assert_installed(place, env, place.run(env, "install", *place.names))
        ended(process)


def loaded(path: Path) -> object:
    """Return the code of a file; equal code may be marshalled to different bytes."""
    return marshal.loads(path.read_bytes()[16:])


def is_of_its_source(path: Path) -> bool:
    """Return whether Python would use an installed file for the module beside it."""
    source = path.parents[1] / f"{path.name.partition('.')[0]}.py"
    time_and_size = int(source.stat().st_mtime), source.stat().st_size
    return struct.unpack("<LL", path.read_bytes()[8:16]) == time_and_size


def test_damaged_bytecode_of_the_store_reaches_no_environment(place: Place) -> None:
    assert place.run(place.environment("one"), "install", *place.names).returncode == 0
    stored = sorted(place.folder.glob("cache/pipfast/*/archives/*/pyc/*/[0-9]*"))
    assert len(stored) == len(place.names) * (FILES + 1)
    sound = {loaded(path) for path in stored}
    for path in stored:
        path.write_bytes(bytes(path.stat().st_size))
    env = place.environment("two")
    ran = place.run(env, "install", *place.names)
    assert_installed(place, env, ran)
    assert "Compiling" in ran.stderr
    assert {loaded(path) for path in env.rglob("*.pyc")} == sound
    assert all(map(is_of_its_source, env.rglob("*.pyc")))
