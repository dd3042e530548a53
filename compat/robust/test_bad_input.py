"""Bad input ends with one clear error and pip's exit code, and changes nothing."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from compat.harness.scenario import Scenario, scenario
from compat.harness.tree import differences
from compat.harness.twin import House, Program, Ran, World
from compat.kit.index import Fault, Index, Listed, index
from compat.kit.server import IndexServer
from tests.kit.wheels import altered, wheel

OLD = wheel("demo", "1.0")
NEW = wheel(
    "demo", "2.0", files={"demo/__init__.py": "X = 2\n", "demo/big.bin": os.urandom(1 << 20)}
)
OTHER = wheel("other")
EVIL = wheel("demo", "2.0", files={"demo.py": "", "../../evil.py": ""})
MAIN = index(NEW, OTHER)


def _mounting() -> bool:
    """Return whether this process may mount file systems."""
    return sys.platform == "linux" and os.geteuid() == 0 and shutil.which("mount") is not None


@contextmanager
def read_only(world: World) -> Iterator[None]:
    """Make the world's site-packages read-only."""
    site = world.expanded("<site>")
    subprocess.run(["mount", "--bind", site, site], check=True)
    try:
        subprocess.run(["mount", "-o", "remount,ro,bind", site], check=True)
        yield
    finally:
        subprocess.run(["umount", site], check=True)


@contextmanager
def full(world: World) -> Iterator[None]:
    """Put the world's site-packages on a disk that is almost full."""
    site = Path(world.expanded("<site>"))
    aside = site.with_name("aside")
    site.rename(aside)
    site.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", str(site)], check=True)
    try:
        shutil.copytree(aside, site, symlinks=True, dirs_exist_ok=True)
        shutil.rmtree(aside)
        yield
    finally:
        kept = site.with_name("kept")
        shutil.copytree(site, kept, symlinks=True)
        subprocess.run(["umount", str(site)], check=True)
        site.rmdir()
        kept.rename(site)


@dataclass(frozen=True, slots=True)
class Case:
    """A scenario and the obstacle."""

    scenario: Scenario
    obstacle: Any = None
    says: str = ""


def _case(rule: str, argv: str, *indexes: Index, obstacle: Any = None, **world: Any) -> Case:
    says = world.pop("says", "")
    made = scenario(rule, argv, *indexes, before=(OLD,), **world)
    return Case(made, obstacle, says)


CASES = (
    _case("the-index-is-unreachable", "install -U demo==2.0", index(refused=True),
          says="No matching distribution found"),
    _case("a-hash-does-not-match", "install -r r.txt", MAIN, says="DO NOT MATCH THE HASHES",
          files={"r.txt": f"demo==2.0 --hash=sha256:{'0' * 64}\n"}),
    _case("the-pages-hash-does-not-match", "install other demo==2.0",
          index(OTHER, Listed(file=NEW, digest="1" * 64)), says="DO NOT MATCH THE HASHES"),
    _case("a-wheel-is-truncated", "install other demo==2.0",
          index(OTHER, altered(NEW, NEW.content[:5000]))),
    _case("a-download-breaks-off", "install other demo==2.0",
          index(OTHER, Listed(file=NEW, fault=Fault(keep=0.5)))),
    _case("a-wheel-leaves-its-folder", "install demo==2.0", index(EVIL)),
    _case("the-target-cannot-be-written", "install -U demo", MAIN, obstacle=read_only),
    _case("the-disk-is-full", "install -U demo", MAIN, obstacle=full),
    _case("an-option-does-not-exist", "install --bogus demo", MAIN, says="no such option: --bogus"),
    _case("a-requirement-is-malformed", "install demo=2", MAIN, says="Invalid requirement"),
    _case("a-line-of-a-file-is-malformed", "install -r r.txt", MAIN,
          files={"r.txt": "other\ndemo=2\n"}, says="Invalid requirement"),
    _case("a-configuration-file-is-malformed", "install -U demo", MAIN,
          environ={"PIP_CONFIG_FILE": "<here>/pip.conf"}, files={"pip.conf": "[global\nx\n"},
          says="Configuration file could not be loaded."),
)  # fmt: skip


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory) -> House:
    """Return one place for all worlds of a process."""
    return House(tmp_path_factory.mktemp("house"))


def _run(world: World, fresh: Path, tool: str, case: Case) -> tuple[Ran, list[str]]:
    world.fill(fresh)
    before = world.tree()
    with case.obstacle(world) if case.obstacle else nullcontext():
        ran = world.run(
            [*Program(tool).command(world), *map(world.expanded, case.scenario.steps[0])]
        )
    return ran, [line for _, line in differences(before, world.tree())]


@pytest.mark.parametrize("case", CASES, ids=[case.scenario.rule for case in CASES])
def test_bad_input_is_one_clear_error_and_changes_nothing(case: Case, house: House) -> None:
    if case.obstacle and not _mounting():
        pytest.skip("needs the right to mount file systems")
    fresh = house.fresh(case.scenario)
    indexes = list(case.scenario.indexes)
    with IndexServer(indexes) as server:
        world = house.world(case.scenario, server)
        expected, _ = _run(world, fresh, "pip", case)
        received, changed = _run(world, fresh, "pipfast", case)
    assert expected.code != 0, expected.stdout
    wanted = 1 if "Traceback" in expected.stderr else expected.code
    assert received.code == wanted, received.stdout + received.stderr
    assert "Traceback" not in received.stderr, received.stderr
    assert case.says in received.stdout + received.stderr
    assert received.stderr.strip()
    assert changed == []
