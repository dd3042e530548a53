"""A sample of faults at file-system calls; ``python -m compat.faults run`` tries all of them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from compat.faults.kinds import every_point, points
from compat.faults.sandbox import CHANGING
from compat.faults.saved import Saved, condition, tree
from compat.faults.shim import ANY, CHANGES, NAMES, WRITTEN, Call, NoCompilerError, compiler

STRIDE = 499
"""One in this many of the 43,000 fault points is tried."""


def test_a_fault_at_a_call_leaves_the_old_or_the_new_environment() -> None:
    try:
        compiler()
    except NoCompilerError as error:
        pytest.skip(str(error))
    words = [sys.executable, "-m", "compat.faults", "run", "--stride", str(STRIDE), "--jobs", "2"]
    root = Path(__file__).parents[2]
    ended = subprocess.run(
        words, cwd=root, capture_output=True, text=True, check=False, timeout=600
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert " faults (" in ended.stdout


def call(name: str, kinds: int = 0, place: int = 1, path: str = "/x/root/env/a") -> Call:
    return Call(name, path, ANY | kinds, is_main=True, place=place)


def test_changes_are_tried_everywhere_and_equal_looks_once() -> None:
    calls = [
        *(call("stat", NAMES), call("stat", NAMES), call("unlink", CHANGES | NAMES)),
        *(call("stat", NAMES), call("unlink", CHANGES | NAMES), call("stat", NAMES, place=2)),
        *(call("stat", NAMES, path="/x/root/cache/a"), call("close", WRITTEN), call("read")),
    ]
    assert points("EACCES", calls) == [1, 3, 5, 6, 7]
    assert points("EIO", calls) == [1, 3, 4, 5, 6, 7, 8, 9]
    assert points("EROFS", calls) == [3, 5]
    assert points("SIGTERM", calls) == [1, 3, 5, 6, 7, 8, 9]
    assert points("SIGKILL", calls) == [3, 5, 8, 9]
    assert every_point("SIGKILL", calls) == list(range(1, 10))


@pytest.mark.skipif(sys.platform != "linux", reason="as the fault injection")
def test_a_saved_state_is_restored_whatever_was_changed(tmp_path: Path) -> None:
    env = tmp_path / "env"
    (env / "a" / "b").mkdir(parents=True)
    for name in ("one", "two", "a/three", "a/b/four"):
        (env / name).write_text(name)
    (env / "link").symlink_to("one")
    os.link(env / "one", env / "a" / "linked")
    (env / "a").chmod(0o750)
    saved, before = Saved.of(tmp_path, ["env"]), tree(env)
    known = condition(tmp_path, ["env"], CHANGING)
    moment = (env / "two").stat().st_mtime_ns

    (env / "one").unlink()
    (env / "two").write_text("TWO")
    os.utime(env / "two", ns=(moment, moment))
    (env / "a" / "b" / "four").rename(env / "four")
    (env / "a" / "b").rmdir()
    (env / "a" / "b").write_text("a file")
    (env / "a").chmod(0o700)
    (env / "link").unlink()
    (env / "new").mkdir()
    assert condition(tmp_path, ["env"], CHANGING) != known

    for _ in range(2):
        saved.restore(["env"])
        assert tree(env) == before
        assert condition(tmp_path, ["env"], CHANGING) == known
    assert (env / "one").samefile(env / "a" / "linked")
