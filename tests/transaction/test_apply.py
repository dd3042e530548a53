"""A plan is carried out completely, with the same result as pip, or not at all."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from pipfast.environment.scheme import Scheme
from pipfast.model.frozen_dataclass import replace
from pipfast.policy.target import LinkMode
from pipfast.store.wheels.manifest import StaleArchives
from pipfast.transaction.errors import (
    DistutilsError,
    InterpreterReplacedError,
    NoRecordError,
)
from pipfast.transaction.install_environment import InstallEnvironment
from pipfast.transaction.recovery import recover
from pipfast.transaction.uninstall_paths import uninstall_paths
from tests.kit.wheels import Wheel
from tests.transaction.wheels import NEW, OLD
from tests.transaction.world import World, installed_at


def no_trace(world: World) -> bool:
    """Return whether the environment contains no file of a transaction."""
    return not list((world.folder / "env").rglob(".pipfast*"))


def test_an_upgrade_replaces_files_and_reports_what_pip_reports(world: World) -> None:
    world.apply(*OLD)
    world.apply(NEW[0])
    names = {name.removeprefix("lib/site-packages/") for name in world.tree()}
    assert {"alpha/new.py", "space/one/y.py", "bin/alpha"} <= names
    assert not {"alpha/old.py", "space/one/x.py", "bin/only-old", "bin/run"} & names
    assert no_trace(world)
    assert world.lines == [
        "INFO:   Attempting uninstall: alpha",
        "INFO:     Found existing installation: alpha 1.0",
        "INFO:     Uninstalling alpha-1.0:",
        "INFO:       Successfully uninstalled alpha-1.0",
    ]


def test_removing_a_distribution_removes_all_of_its_files(world: World) -> None:
    world.apply(Wheel(name="stays"))
    before = world.tree()
    world.apply(*NEW)
    world.apply("alpha", "beta", "gamma")
    left = {name for name, content in world.tree().items() if name not in before}
    assert {name for name in left if world.tree()[name] is not None} == set()
    assert world.lines[-3:] == [
        "INFO: Found existing installation: gamma 1.0",
        "INFO: Uninstalling gamma-1.0:",
        "INFO:   Successfully uninstalled gamma-1.0",
    ]


def test_files_of_the_user_stay(world: World) -> None:
    world.apply(*OLD)
    own = [world.library / "alpha" / "own.txt", world.library / "space" / "one" / "own.py"]
    for path in own:
        path.write_text("own")
    world.apply(NEW[0])
    world.apply("alpha")
    assert [path.read_text() for path in own] == ["own", "own"]


def test_files_without_an_owner_are_overwritten(world: World) -> None:
    path = world.library / "alpha" / "__init__.py"
    path.parent.mkdir(parents=True)
    path.write_text("no owner")
    world.apply(OLD[0])
    assert path.read_text() == "1\n"


def test_the_later_of_two_wheels_with_the_same_file_wins(world: World) -> None:
    files = [{"shared/x.py": f"{number}\n"} for number in range(3)]
    wheels = [Wheel(name=f"w{number}", files=files[number]) for number in range(3)]
    world.apply(*wheels)
    assert (world.library / "shared" / "x.py").read_text() == "2\n"


def test_a_file_that_moves_to_an_earlier_wheel_is_removed_with_its_old_owner(world: World) -> None:
    world.apply(Wheel(name="owner", files={"moved.py": "old\n"}))
    heir = Wheel(name="heir", files={"moved.py": "new\n"})
    world.apply(heir, Wheel(name="owner", version="2.0", files={"other.py": "x\n"}))
    assert not (world.library / "moved.py").exists()  # pip runs the steps one after the other


@pytest.mark.parametrize("mode", list(LinkMode))
def test_every_link_mode_gives_valid_bytecode(world: World, mode: LinkMode) -> None:
    environment = replace(world.environment, link_mode=mode)
    world.apply(Wheel(name="demo"), environment=environment)
    source = (world.library / "demo" / "__init__.py").stat()
    [code] = (world.library / "demo" / "__pycache__").iterdir()
    data = code.read_bytes()
    assert int.from_bytes(data[8:12], "little") == int(source.st_mtime)
    assert int.from_bytes(data[12:16], "little") == source.st_size
    archive = world.archives.get(Wheel(name="demo").sha256)
    assert archive is not None
    linked = (Path(archive.folder) / "files" / "0").samefile(world.library / "demo" / "__init__.py")
    assert linked == (mode in (LinkMode.AUTO, LinkMode.HARDLINK))


def test_no_bytecode_is_installed_without_compiling(world: World) -> None:
    world.apply(*NEW, environment=replace(world.environment, compile_bytecode=False))
    assert not [name for name in world.tree() if name.endswith(".pyc")]


def test_an_archive_that_was_edited_through_a_link_is_not_used(world: World) -> None:
    world.apply(Wheel(name="demo"))
    (world.library / "demo" / "__init__.py").write_text("edited in place")
    world.apply("demo")
    before = world.tree()
    with pytest.raises(StaleArchives) as caught:
        world.apply(Wheel(name="demo"))
    assert world.tree() == before
    for archive in caught.value.archives:
        world.archives.discard(archive)
    world.apply(Wheel(name="demo"))
    assert "VERSION" in (world.library / "demo" / "__init__.py").read_text()


def _same_text_later(path: Path) -> None:
    """Change a file and keep its size and the seconds of its time."""
    facts = path.stat()
    path.write_bytes(path.read_bytes()[::-1])
    os.utime(path, ns=(facts.st_atime_ns, facts.st_mtime_ns + 1))


AS_ROOT = pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() != 0, reason="needs several users"
)
CHANGES = [
    pytest.param(_same_text_later, id="nanoseconds"),
    pytest.param(lambda path: path.chmod(0o600), id="mode"),
    pytest.param(lambda path: path.chmod(0o755), id="executable"),
    pytest.param(lambda path: os.chown(path, 12345, -1), id="owner", marks=AS_ROOT),
]


@pytest.mark.skipif(os.name == "nt", reason="has no such modes and owners")
@pytest.mark.parametrize("change", CHANGES)
def test_a_file_that_changed_in_the_store_is_never_linked(
    world: World, change: Callable[[Path], None]
) -> None:
    world.environment = replace(world.environment, link_mode=LinkMode.HARDLINK)
    world.apply(Wheel(name="demo"))
    change(world.library / "demo" / "__init__.py")
    world.apply("demo")
    with pytest.raises(StaleArchives):
        world.apply(Wheel(name="demo"))


def _links(world: World) -> int:
    world.environment = replace(world.environment, link_mode=LinkMode.HARDLINK)
    world.apply(Wheel(name="demo"))
    return (world.library / "demo" / "__init__.py").stat().st_nlink


def _archive_folder(world: World) -> Path:
    (archive,) = world.unpacked([Wheel(name="demo")]).values()
    return Path(archive.folder, "files")


def test_files_are_links_where_one_user_owns_all(world: World) -> None:
    assert _links(world) == 2


@AS_ROOT
def test_files_of_an_environment_of_another_user_are_copies(world: World) -> None:
    world.library.mkdir(parents=True)
    for folder in (world.folder / "env", *(world.folder / "env").rglob("*")):
        os.chown(folder, 12345, -1)
    assert _links(world) == 1


@AS_ROOT
def test_files_of_a_store_of_another_user_are_copied(world: World) -> None:
    folder = _archive_folder(world)
    for path in (folder, *folder.iterdir()):
        os.chown(path, 12345, -1)
    assert _links(world) == 1


@AS_ROOT
@pytest.mark.parametrize(("mode", "group"), [(0o777, -1), (0o775, 12345)])
def test_files_of_a_folder_that_others_may_write_are_copied(
    world: World, mode: int, group: int
) -> None:
    folder = _archive_folder(world)
    folder.chmod(mode)
    os.chown(folder, -1, group)
    assert _links(world) == 1


def test_a_file_at_the_path_of_a_folder_is_an_error_that_changes_nothing(world: World) -> None:
    world.apply(Wheel(name="before"))
    (world.library / "demo").write_text("a file")
    before = world.tree()
    with pytest.raises(FileExistsError):
        world.apply(Wheel(name="other"), Wheel(name="demo"))
    assert world.tree() == before


def test_a_distribution_without_record_is_not_changed(world: World) -> None:
    world.apply(OLD[0])
    (world.library / "alpha-1.0.dist-info" / "RECORD").unlink()
    before = world.tree()
    with pytest.raises(NoRecordError, match="uninstall-no-record-file"):
        world.apply(*NEW)
    assert world.tree() == before
    assert world.lines[-1] == "INFO:     Found existing installation: alpha 1.0"


def test_nothing_outside_a_virtual_environment_is_removed(world: World) -> None:
    world.apply(OLD[0])
    outside = world.folder / "outside.txt"
    outside.write_text("x")
    with (world.library / "alpha-1.0.dist-info" / "RECORD").open("a") as file:
        file.write("../../../outside.txt,,\r\n")
    world.apply("alpha")
    assert outside.exists()
    assert not (world.library / "alpha").exists()


TAKERS = [
    Wheel(name="demo", scripts={"python": "demo:main"}),
    Wheel(name="demo", scripts={"python3": "demo:main"}),
    Wheel(name="demo", files={"demo-1.0.data/scripts/python": "x"}),
    Wheel(name="demo", files={"demo-1.0.data/data/bin/python": "x"}),
]


@pytest.mark.skipif(os.name == "nt", reason="has other folders")
@pytest.mark.parametrize("taker", TAKERS)
def test_a_wheel_does_not_replace_the_interpreter(world: World, taker: Wheel) -> None:
    before = world.tree()
    with pytest.raises(InterpreterReplacedError):
        world.apply(taker)
    assert world.tree() == before
    world.environment = replace(world.environment, is_guarded=False)
    world.apply(taker)
    assert sum("replaces the interpreter" in line for line in world.lines) == 1


@pytest.mark.skipif(os.name == "nt", reason="has other folders")
def test_a_record_does_not_take_the_interpreter(world: World) -> None:
    world.apply(OLD[0])
    python = Path(world.environment.scheme.scripts, "python")
    python.parent.mkdir(exist_ok=True)
    python.touch()
    with (world.library / "alpha-1.0.dist-info" / "RECORD").open("a") as file:
        file.write(f"{os.path.relpath(python, world.library)},,\r\n")
    world.apply("alpha")
    assert python.exists()
    assert any("not its own" in line and str(python) in line for line in world.lines)


def test_a_long_row_of_record_is_read(world: World) -> None:
    wheel = Wheel(name="demo", record=f"{'x' * 200_000},,\n")
    world.apply(wheel)
    world.apply("demo")
    assert not (world.library / "demo").exists()


@pytest.mark.parametrize("is_virtual", [True, False])
def test_nothing_in_a_folder_that_is_named_alike_is_removed(
    world: World, *, is_virtual: bool
) -> None:
    world.apply(OLD[0])
    precious = Path(f"{world.environment.prefix}-other", "precious")
    precious.parent.mkdir()
    precious.touch()
    with (world.library / "alpha-1.0.dist-info" / "RECORD").open("a") as file:
        file.write(f"{os.path.relpath(precious, world.library)},,\r\n")
    world.environment = replace(world.environment, is_virtual=is_virtual)
    world.apply("alpha")
    assert precious.exists()
    assert not (world.library / "alpha").exists()
    told = "Not removing what alpha lists but is not its own"
    assert any(told in line and str(precious) in line for line in world.lines)


def test_concurrent_runs_in_an_environment_wait_for_each_other(world: World) -> None:
    errors = []

    def install(number: int) -> None:
        try:
            world.apply(Wheel(name=f"w{number}", files={f"w{number}.py": "x\n"}))
        except Exception as error:  # noqa: BLE001 - asserted below
            errors.append(error)

    threads = [threading.Thread(target=install, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert {f"lib/site-packages/w{number}.py" for number in range(4)} <= world.tree().keys()


def target_folder(world: World, *, upgrade: bool) -> InstallEnvironment:
    """Return the environment of ``--target``."""
    home = str(world.folder / "env" / "target")
    scheme = Scheme(
        purelib=f"{home}/lib/python",
        platlib=f"{home}/lib/python",
        headers=f"{home}/include",
        scripts=f"{home}/bin",
        data=home,
    )
    return replace(world.environment, scheme=scheme, target=home, upgrade=upgrade)


def test_a_target_folder_gets_top_level_items_and_keeps_existing_ones(world: World) -> None:
    target = world.folder / "env" / "target"
    world.apply(OLD[0], environment=target_folder(world, upgrade=False))
    assert {path.name for path in target.iterdir()} == {
        *("alpha", "alpha-1.0.dist-info", "bin", "share", "space"),
    }
    world.apply(NEW[0], environment=target_folder(world, upgrade=False))
    assert (target / "alpha" / "__init__.py").read_text() == "1\n"
    assert (target / "alpha-2.0.dist-info").is_dir()
    warning = f"WARNING: Target directory {target / 'alpha'} already exists. Specify --upgrade"
    assert warning + " to force replacement." in world.lines
    world.apply(NEW[0], environment=target_folder(world, upgrade=True))
    assert (target / "alpha" / "__init__.py").read_text() == "2\n"
    assert not (target / "alpha" / "old.py").exists()


def test_links_in_a_target_folder_are_never_replaced(world: World) -> None:
    target = world.folder / "env" / "target"
    target.mkdir(parents=True)
    (target / "alpha").symlink_to("nowhere")
    world.apply(OLD[0], environment=target_folder(world, upgrade=True))
    assert (target / "alpha").is_symlink()
    assert "is a link. pip will not automatically replace links" in world.lines[0]


def test_recover_without_a_transaction_does_nothing(world: World) -> None:
    world.apply(*OLD)
    before = world.tree()
    assert not recover(world.environment)
    assert world.tree() == before


def test_a_distutils_distribution_is_refused(world: World) -> None:
    world.library.mkdir(parents=True)
    info = world.library / "old-1.0.egg-info"
    info.write_text("Name: old")
    with pytest.raises(DistutilsError):
        uninstall_paths(installed_at(info), world.environment)


@pytest.mark.skipif(sys.platform != "linux" or os.geteuid() != 0, reason="only root can mount")
def test_scripts_on_another_file_system_are_part_of_the_transaction(world: World) -> None:
    scripts = Path(world.environment.scheme.scripts)
    scripts.mkdir(parents=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(scripts)], check=True)
    try:
        world.apply(*OLD)
        world.apply(*NEW, "gone")
        assert {path.name for path in scripts.iterdir()} == {"alpha", "gamma"}
    finally:
        subprocess.run(["umount", str(scripts)], check=True)
