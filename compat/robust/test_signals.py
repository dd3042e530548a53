"""Real runs that get real signals, and runs under a process limit."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from compat.robust.interrupt import interrupted
from tests.kit.wheels import wheel

RUNS = int(os.environ.get("PIPFAST_TEST_INTERRUPTS", "1"))
"""How often each signal is sent, at random moments of the run."""

AS_A_USER = [
    *("setpriv", "--reuid=12345", "--regid=12345", "--clear-groups"),
    *("--inh-caps=+dac_override", "--ambient-caps=+dac_override"),
]


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_a_signal_at_any_moment_ends_the_run_and_leaves_it_whole() -> None:
    assert not interrupted(["SIGINT", "SIGTERM", "SIGHUP"], RUNS, random.randrange(1 << 30))


@pytest.mark.skipif(
    sys.platform != "linux" or os.geteuid() != 0 or not shutil.which("setpriv"),
    reason="only another user than root is limited",
)
@pytest.mark.parametrize("program", ["pip", "pipfast"])
def test_an_install_needs_no_more_than_three_processes_and_threads(
    tmp_path: Path, program: str
) -> None:
    env = tmp_path / "env"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(env)], check=True)
    made = wheel("demo", "1.0", files={"demo/__init__.py": ""})
    (tmp_path / made.filename).write_bytes(made.content)
    target = ("--python", str(env / "bin" / "python"))
    cache = f"--cache-dir={tmp_path / 'cache'}"
    words = ("install", "--no-index", cache, str(tmp_path / made.filename))
    ended = subprocess.run(
        [*AS_A_USER, "prlimit", "--nproc=3", sys.executable, "-m", program, *target, *words],
        env={**os.environ, "PIP_CONFIG_FILE": os.devnull, "PYTHONDONTWRITEBYTECODE": "1"},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert ended.returncode == 0, ended.stderr
    assert list(env.glob("lib/*/site-packages/demo-1.0.dist-info/RECORD"))


CLOSED = """
import os, signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)  # a background job ignores it
def watch(frame, event, argument):
    names = frame.f_code.co_name, frame.f_back and frame.f_back.f_code.co_name
    is_held = frame.f_code.co_filename.endswith("interrupts.py")
    if event == "call" and is_held and names == ("__enter__", "closing"):
        sys.setprofile(None)
        signal.raise_signal(signal.SIGINT)  # to this thread, at once
sys.setprofile(watch)
from pipfast.main import main
code = main(sys.argv[1:], "pipfast")
print("left:", os.listdir(os.environ["TMPDIR"]))
"""
"""Runs pipfast, and interrupts it as the first thing when it closes what a resolution has used."""

BACKEND = """
import os, zipfile
def build_wheel(folder, settings=None, metadata=None):
    info = "made-1.0.dist-info"
    files = {
        f"{info}/METADATA": "Metadata-Version: 2.1\\nName: made\\nVersion: 1.0\\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n",
        f"{info}/RECORD": "",
    }
    with zipfile.ZipFile(os.path.join(folder, "made-1.0-py3-none-any.whl"), "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return "made-1.0-py3-none-any.whl"
"""


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_a_signal_as_a_resolution_is_closed_leaves_no_temporary_files(tmp_path: Path) -> None:
    env, source, temporary = (tmp_path / name for name in ("env", "source", "temporary"))
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(env)], check=True)
    source.mkdir()
    temporary.mkdir()
    (source / "backend.py").write_text(BACKEND)
    lines = ["[build-system]", "requires = []", 'build-backend = "backend"', 'backend-path = ["."]']
    (source / "pyproject.toml").write_text("\n".join(lines))
    target = ("--python", str(env / "bin" / "python"), f"--cache-dir={tmp_path / 'cache'}")
    ended = subprocess.run(
        [sys.executable, "-c", CLOSED, *target, "install", "--dry-run", "--no-index", str(source)],
        env={
            **os.environ,
            "PIP_CONFIG_FILE": os.devnull,
            "TMPDIR": str(temporary),
            "PIP_FIND_LINKS": "",
        },
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert "Traceback" not in ended.stderr
    assert "cancelled" in ended.stderr
    assert ended.stdout.endswith("left: []\n")  # before the watchdog could remove anything
