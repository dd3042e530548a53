"""What builds need lies ready for the next run, while nobody has touched it."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from pipfast.store.build_cache.build_envs import AREA, BuildEnvironmentCache
from pipfast.store.filesystem import in_use
from pipfast.store.filesystem.root import Store


def fill(prefix: Path) -> None:
    """Put a module and a file without bytes into a prefix."""
    (prefix / "lib").mkdir(parents=True)
    (prefix / "lib" / "demo.py").write_text("x = 1\n")
    (prefix / "empty").touch()


def keys(store: Path) -> list[str]:
    """What the store's area holds."""
    return sorted(entry.name for entry in (store / AREA).iterdir())


@pytest.fixture
def prefixes(tmp_path: Path) -> BuildEnvironmentCache:
    return BuildEnvironmentCache(Store(tmp_path))


def test_a_prefix_is_found_as_it_was_made(prefixes: BuildEnvironmentCache) -> None:
    assert prefixes.find("key", "overlay") is None
    made = prefixes.made("key", "overlay", fill)
    assert made is not None
    assert (made / "lib" / "demo.py").read_text() == "x = 1\n"
    assert prefixes.find("key", "overlay") == made
    assert prefixes.find("other", "overlay") is None


def test_a_prefix_in_which_python_has_compiled_a_module_is_found(
    prefixes: BuildEnvironmentCache,
) -> None:
    made = prefixes.made("key", "overlay", fill)
    assert made is not None
    environ = {"PYTHONPATH": str(made / "lib")}  # no PYTHONDONTWRITEBYTECODE
    subprocess.run([sys.executable, "-c", "import demo"], check=True, env=environ)
    assert list(made.rglob("demo.*.pyc"))
    assert prefixes.find("key", "overlay") == made


def _edit(prefix: Path) -> None:
    (prefix / "lib" / "demo.py").write_text("x = 22\n")


def _touch(prefix: Path) -> None:
    os.utime(prefix / "lib" / "demo.py", (1, 1))


def _add(prefix: Path) -> None:
    (prefix / "lib" / "more.pth").touch()


def _add_folder(prefix: Path) -> None:
    (prefix / "more").mkdir()


def _remove(prefix: Path) -> None:
    (prefix / "empty").unlink()


@pytest.mark.parametrize("change", [_edit, _touch, _add, _add_folder, _remove])
def test_a_prefix_that_a_build_has_changed_is_used_by_nobody_and_stays(
    prefixes: BuildEnvironmentCache, change: Callable[[Path], None]
) -> None:
    made = prefixes.made("key", "overlay", fill)
    assert made is not None
    change(made)
    assert prefixes.find("key", "overlay") is None
    assert prefixes.made("key", "overlay", fill) is None
    assert made.exists()


def test_a_prefix_that_another_was_quicker_to_make_is_taken(
    prefixes: BuildEnvironmentCache, tmp_path: Path
) -> None:
    def slow(prefix: Path) -> None:
        prefixes.made("key", "overlay", fill)
        fill(prefix)

    assert prefixes.made("key", "overlay", slow) == tmp_path / AREA / "key" / "overlay"
    assert keys(tmp_path) == ["key"]


def test_nothing_half_made_stays(prefixes: BuildEnvironmentCache, tmp_path: Path) -> None:
    def fail(prefix: Path) -> None:
        fill(prefix)
        raise ValueError

    with pytest.raises(ValueError):  # noqa: PT011 - there is no more to it
        prefixes.made("key", "overlay", fail)
    assert keys(tmp_path) == []


def release() -> None:
    """Do what the end of the process does."""
    for handle in in_use._HELD.values():
        os.close(handle)
    in_use._HELD.clear()


def test_what_a_run_uses_stays_even_if_it_is_old(
    prefixes: BuildEnvironmentCache, tmp_path: Path
) -> None:
    long_ago = time.time() - 31 * 86_400
    prefixes.made("old", "overlay", fill)
    os.utime(tmp_path / AREA / "old", (long_ago, long_ago))
    prefixes.made("new", "overlay", fill)
    assert keys(tmp_path) == ["new", "old"]
    release()


def test_what_nobody_has_wanted_for_a_month_goes(
    prefixes: BuildEnvironmentCache, tmp_path: Path
) -> None:
    long_ago = time.time() - 31 * 86_400
    for key in ("old", "wanted"):
        prefixes.made(key, "overlay", fill)
        os.utime(tmp_path / AREA / key, (long_ago, long_ago))
    release()
    assert prefixes.find("wanted", "overlay")
    prefixes.made("new", "overlay", fill)
    assert keys(tmp_path) == ["new", "wanted"]
