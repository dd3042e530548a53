"""A journal is obeyed only if this user's runs wrote it, and only inside the environment."""

from __future__ import annotations

import errno
import hmac
import json
import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from pipfast.model.frozen_dataclass import replace
from pipfast.transaction.apply import apply
from pipfast.transaction.environment_look import look_at
from pipfast.transaction.errors import EnvironmentChanged, ReservedNameError, RollbackFailed
from pipfast.transaction.journal_keys import KEY_FILE, JournalKeys
from pipfast.transaction.recovery import recover, recover_or_read
from pipfast.transaction.reserved_names import TRANSACTION_FOLDER
from pipfast.transaction.transaction import run_transaction
from tests.kit.wheels import Wheel
from tests.transaction.dying import die, in_child
from tests.transaction.test_every_step import Upgrade
from tests.transaction.wheels import NEW, OLD
from tests.transaction.world import World, environment_in, tree

posix = pytest.mark.skipif(os.name != "posix", reason="POSIX")


class Planted:
    """A signed journal that moves files of the environment, or says what the test makes it say."""

    def __init__(self, world: World) -> None:
        self.world = world
        world.apply(OLD[0])
        self.folder = world.library / TRANSACTION_FOLDER
        self.journal = self.folder / "journal"

    def write(self, *records: Any, key: bytes | None = None) -> None:
        """Write a journal with these records; signed with the user's secret if no key is given."""
        keys = self.world.environment.keys
        secret = keys.signing_key("0" * 16).secret if key is None else key
        self.folder.mkdir(mode=0o700, exist_ok=True)
        signature, lines = b"", []
        for record in ({"identity": "0" * 16}, *records):
            text = json.dumps(record).encode()
            digest = hmac.digest(secret, signature + text, "sha256").hex().encode()
            signature = digest
            lines.append(digest + b" " + text + b"\n")
        self.journal.write_bytes(b"".join(lines))
        self.journal.chmod(0o600)

    def is_refused(self, why: str) -> bool:
        """Return whether recovery reports the journal for this reason and changes nothing."""
        before = tree(self.world.folder)
        del self.world.lines[:]
        recover(self.world.environment, self.world.listen)
        [line] = self.world.lines
        assert tree(self.world.folder) == before
        return line.startswith(f"WARNING: Ignoring {self.folder}") and why in line


def moves(*pairs: Any) -> dict[str, Any]:
    """Return the record of a change that moved these pairs of places."""
    return {"created": [], "moves": pairs, "copies": [], "emptied": [], "cleared": []}


@pytest.fixture
def planted(world: World) -> Planted:
    return Planted(world)


def test_a_journal_that_is_not_signed_with_the_users_secret_is_left_alone(planted: Planted) -> None:
    (planted.world.folder / "env" / "victim").write_text("mine")
    record = moves([["@0", "1"], ["data", "victim"]])
    planted.write(record, key=b"guessed" * 4)
    assert planted.is_refused("you have not written it")
    planted.write(record)
    recover(planted.world.environment)
    assert not (planted.world.folder / "env" / "victim").exists()  # the record is one that works


def test_the_form_of_earlier_versions_is_left_alone(planted: Planted) -> None:
    victim = planted.world.folder / "victim"
    victim.mkdir()
    (victim / "file").write_text("mine")
    planted.folder.mkdir()
    planted.journal.write_text(json.dumps({"stages": [str(victim)]}) + "\n")
    assert planted.is_refused("you have not written it")


@pytest.mark.parametrize(
    "place",
    [
        ["", "/etc/passwd"],
        ["data", "../outside"],
        ["data", "a/../../outside"],
        ["data", "/outside"],
        ["data", ""],
        ["nowhere", "file"],
        ["/", "etc/passwd"],
        ["root", f"{TRANSACTION_FOLDER}/journal"],
        ["scripts", f"{TRANSACTION_FOLDER}/journal"],
        ["data", "a\0b"],
    ],
)
def test_a_signed_journal_cannot_name_a_path_outside_the_environment(
    planted: Planted, place: list[str]
) -> None:
    planted.write(moves([place, ["@0", "1"]]))
    assert planted.is_refused("names files outside")
    planted.write(moves([["@0", "1"], place]))
    assert planted.is_refused("names files outside")


@pytest.mark.parametrize("stage", [["data", "", "bin"], ["", "/tmp", TRANSACTION_FOLDER]])
def test_a_signed_journal_cannot_name_another_folder_as_the_transactions(
    planted: Planted, stage: list[str]
) -> None:
    planted.write({"stage": stage})
    assert planted.is_refused("names files outside")


@pytest.mark.parametrize("record", [[], {}, {"stage": 1}, {"moves": [1]}, moves(["a"]), "x"])
def test_a_signed_record_without_sense_is_left_alone(planted: Planted, record: Any) -> None:
    planted.write(record)
    assert planted.is_refused("names files outside")


@posix
def test_nothing_behind_a_link_below_the_environment_is_moved(planted: Planted) -> None:
    outside = planted.world.folder / "outside"
    outside.mkdir()
    (outside / "victim").write_text("mine")
    (planted.world.library / "link").symlink_to(outside)
    planted.write(moves([["@0", "1"], ["root", "link/victim"]]))
    assert planted.is_refused("symbolic link")


@posix
def test_a_journal_that_others_may_write_is_left_alone(planted: Planted) -> None:
    planted.write()
    planted.journal.chmod(0o620)
    assert planted.is_refused("another user")
    planted.journal.chmod(0o600)
    planted.folder.chmod(0o702)
    assert planted.is_refused("another user")


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="needs root")
def test_a_journal_of_another_user_is_left_alone(planted: Planted) -> None:
    planted.write()
    os.chown(planted.journal, 12345, 12345)
    assert planted.is_refused("another user")


@posix
@pytest.mark.parametrize("part", ["folder", "journal"])
def test_a_link_is_no_journal(planted: Planted, part: str) -> None:
    planted.write()
    link = getattr(planted, part)
    link.rename(planted.world.folder / "elsewhere")
    link.symlink_to(planted.world.folder / "elsewhere")
    assert planted.is_refused("plain file")


@posix
def test_a_hard_link_is_no_journal(planted: Planted) -> None:
    planted.write()
    os.link(planted.journal, planted.world.folder / "second")
    assert planted.is_refused("plain file")


@pytest.mark.parametrize("number", [errno.EACCES, errno.EIO, errno.EMFILE])
def test_a_journal_whose_secret_cannot_be_read_ends_the_run(
    planted: Planted, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    """Without the secret nobody knows whether the environment is complete."""
    planted.write()
    real = os.open

    def open_it(path: str, *rest: Any, **more: Any) -> int:
        if os.fspath(path).endswith(KEY_FILE):
            raise OSError(number, os.strerror(number), path)
        return real(path, *rest, **more)

    monkeypatch.setattr("pipfast.transaction.journal_keys.os.open", open_it)
    del planted.world.lines[:]
    with pytest.raises(RollbackFailed) as caught:
        recover(planted.world.environment, planted.world.listen)
    assert os.strerror(number) in caught.value.cause
    assert planted.journal.exists()
    assert recover_or_read(planted.world.environment, planted.world.listen) is None
    [line] = planted.world.lines
    assert "the key of its signature, cannot be read" in line


@posix
def test_a_secret_that_others_can_read_is_not_used(tmp_path: Path) -> None:
    keys = JournalKeys(str(tmp_path))
    first = keys.signing_key("1" * 16)
    assert first.temporary is None
    assert keys.signing_key("2" * 16) == first
    assert (tmp_path / KEY_FILE).stat().st_mode & 0o777 == 0o600
    (tmp_path / KEY_FILE).chmod(0o640)
    other = keys.signing_key("1" * 16)
    assert other.secret != first.secret
    other.forget()


def test_without_a_cache_directory_a_transaction_has_a_secret_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    keys = JournalKeys(None)
    key = keys.signing_key("1" * 16)
    assert [each.secret for each in keys.possible_keys("1" * 16)] == [key.secret]
    assert list(keys.possible_keys("2" * 16)) == []
    key.forget()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_without_a_cache_directory_a_killed_run_is_recovered(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    scratch = world.folder / "scratch"
    scratch.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(scratch))
    world.environment = replace(world.environment, keys=JournalKeys(None))
    upgrade = Upgrade(world)
    assert list(scratch.iterdir()) == []
    in_child(upgrade.run, 65)
    assert not upgrade.is_whole()
    assert len(list(scratch.iterdir())) == 1
    upgrade.recover()
    assert upgrade.is_whole()
    assert list(scratch.iterdir()) == []


def test_a_garbage_line_is_reported_and_later_runs_work(planted: Planted) -> None:
    planted.write()
    with planted.journal.open("ab") as file:
        file.write(b"garbage\n")
    assert planted.is_refused("damaged")
    planted.world.apply(NEW[0])  # in a folder of its own
    assert (planted.world.library / "alpha" / "new.py").exists()
    assert planted.folder.exists()
    assert not list(planted.world.library.glob(f"{TRANSACTION_FOLDER}-*"))


def test_an_incomplete_last_line_is_ignored(planted: Planted) -> None:
    planted.write(moves([["root", "alpha"], ["@0", "old"]]))
    with planted.journal.open("ab") as file:
        file.write(b'0123 {"decision": "comm')
    (planted.world.library / "alpha").rename(planted.folder / "old")
    recover(planted.world.environment)
    assert (planted.world.library / "alpha" / "old.py").exists()
    assert not planted.folder.exists()


@pytest.mark.parametrize("content", [None, b"", b"0123 {"])
def test_a_folder_of_a_run_that_was_killed_at_its_start_is_removed(
    planted: Planted, content: bytes | None
) -> None:
    planted.folder.mkdir()
    if content is not None:
        planted.journal.write_bytes(content)
    recover(planted.world.environment, planted.world.listen)
    assert not planted.folder.exists()


def test_the_first_decision_counts(planted: Planted) -> None:
    old = planted.world.tree()
    undo: dict[str, Any] = {"decision": "undo", "since": None, "kept": [], "dropped": []}
    record = moves([["root", "alpha"], ["@0", "old"]])
    planted.write(record, undo, {"decision": "commit"})
    (planted.world.library / "alpha").rename(planted.folder / "old")
    recover(planted.world.environment)
    assert planted.world.tree() == old


# Wheels with reserved names


@pytest.mark.parametrize(
    "path",
    [
        f"{TRANSACTION_FOLDER}/journal",
        f"demo/{TRANSACTION_FOLDER}/journal",
        f"demo/{TRANSACTION_FOLDER}",
        f"{TRANSACTION_FOLDER}-002/journal",
        f"demo/{TRANSACTION_FOLDER.upper()}/journal",
    ],
)
def test_a_wheel_with_a_reserved_name_is_refused(world: World, path: str) -> None:
    with pytest.raises(ReservedNameError) as caught:
        world.apply(Wheel(name="demo", files={path: "x"}))
    assert caught.value.path == path
    assert world.tree() == {}


def test_a_reserved_name_in_a_data_folder_or_of_a_script_is_refused(world: World) -> None:
    name = TRANSACTION_FOLDER
    for wheel in (
        Wheel(name="demo", data={f"data/{name}/journal": "x"}),
        Wheel(name="demo", data={f"purelib/{name}/journal": "x"}, version="2"),
        Wheel(name="demo", scripts={name: "demo:main"}, version="3"),
    ):
        with pytest.raises(ReservedNameError):
            world.apply(wheel)
    assert world.tree() == {}


def test_a_record_cannot_name_the_folder_of_a_transaction(planted: Planted) -> None:
    planted.write()
    planted.folder.chmod(0o777)  # not trusted
    record = planted.world.library / "alpha-1.0.dist-info" / "RECORD"
    with record.open("a") as file:
        file.write(f"{TRANSACTION_FOLDER}/journal,,\r\n")
    planted.world.apply("alpha")
    assert planted.journal.exists()


# Environments that were moved or copied


def half_upgraded(world: World, move: int = 3) -> Upgrade:
    """Return an upgrade that was killed before its move number `move`."""
    upgrade = Upgrade(world)
    kill_at_move(upgrade, move)
    assert not upgrade.is_whole()
    return upgrade


def kill_at_move(upgrade: Upgrade, move: int) -> None:
    """Run the upgrade and kill it before its rename number `move`."""

    def run() -> None:
        rename, count = os.rename, [0]

        def counted(source: str, target: str) -> None:
            count[0] += 1
            if count[0] == move:
                die()
            rename(source, target)

        os.rename = counted  # type: ignore[assignment]
        upgrade.run()

    assert in_child(run, 0) == -1


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
@pytest.mark.parametrize("way", ["move", "copy"])
def test_an_environment_that_was_moved_or_copied_is_recovered_where_it_is(
    world: World, way: str
) -> None:
    upgrade = half_upgraded(world)
    half = upgrade.world.tree()
    there = world.folder / "there"
    there.mkdir()
    if way == "move":
        upgrade.env.rename(there / "env")
    else:
        shutil.copytree(upgrade.env, there / "env", symlinks=True)
    environment = replace(environment_in(there), keys=world.environment.keys)
    recover(environment, world.listen)
    assert tree(there / "env") == upgrade.old
    if way == "copy":
        assert upgrade.world.tree() == half
        recover(world.environment)
        assert upgrade.world.tree() == upgrade.old


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_another_user_of_a_copy_loses_nothing(world: World) -> None:
    upgrade = half_upgraded(world)
    half = upgrade.world.tree()
    foreign = replace(world.environment, keys=JournalKeys(str(world.folder / "other")))
    del world.lines[:]
    recover(foreign, world.listen)
    assert upgrade.world.tree() == half
    assert len(world.lines) == 1


def test_old_files_stay_if_the_new_ones_of_a_commit_are_not_there(planted: Planted) -> None:
    planted.write(moves([["@0", "1"], ["root", "gone.py"]]), {"decision": "commit"})
    (planted.folder / "old").mkdir()
    (planted.folder / "old" / "gone.py").write_text("the only copy")
    recover(planted.world.environment, planted.world.listen)
    assert (planted.folder / "old" / "gone.py").exists()
    assert "Keeping the old files" in planted.world.lines[-1]


# Another program between a kill and the next run


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_what_another_program_installed_since_stays(world: World) -> None:
    upgrade = half_upgraded(world, move=9)
    assert not list(world.library.glob("alpha-*"))
    info = world.library / "alpha-3.0.dist-info"
    info.mkdir()
    (world.library / "alpha").mkdir(exist_ok=True)
    (world.library / "alpha" / "c.py").write_text("3\n")
    (info / "METADATA").write_text("Name: alpha\nVersion: 3.0\n")
    (info / "RECORD").write_text("alpha/c.py,,\nalpha-3.0.dist-info/RECORD,,\n")
    recover(world.environment, world.listen)
    assert [path.name for path in world.library.glob("alpha-*")] == ["alpha-3.0.dist-info"]
    assert [path.name for path in (world.library / "alpha").iterdir()] == ["c.py"]
    assert (world.library / "beta.py").exists()  # the other distribution is back
    assert "installed since stays: alpha" in world.lines[-1]
    assert not (world.library / TRANSACTION_FOLDER).exists()
    assert upgrade.world.tree() != upgrade.new


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_old_files_whose_place_is_taken_are_kept_and_reported(world: World) -> None:
    half_upgraded(world, move=9)
    (world.library / "beta.py").write_text("somebody else's")
    recover(world.environment, world.listen)
    assert (world.library / "beta.py").read_text() == "somebody else's"
    assert (world.library / TRANSACTION_FOLDER / "old" / "beta.py").read_text() == "1\n"
    assert "Other files are now where" in world.lines[-1]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_file_that_a_user_wrote_into_a_half_installed_package_stays(world: World) -> None:
    upgrade = Upgrade(world)
    kill_at_move(upgrade, 11)
    package = world.library / "gamma"
    if not package.exists():
        kill_at_move(upgrade, 12)
    (package / "log.txt").write_text("mine")
    recover(world.environment, world.listen)
    assert [path.name for path in package.iterdir()] == ["log.txt"]


# Plans that are out of date


def test_a_plan_is_not_carried_out_if_the_environment_has_changed(world: World) -> None:
    world.apply(OLD[0])
    look = look_at([str(world.library)])
    plan, archives = world.plan(NEW[0]), world.unpacked([NEW[0]])
    assert look.is_current()
    world.apply(replace_version(OLD[0]))
    before = world.tree()
    with pytest.raises(EnvironmentChanged):
        apply(plan, archives, world.environment, world.workers, world.listen, look=look)
    assert world.tree() == before


def replace_version(wheel: Wheel) -> Wheel:
    """Return another version of a wheel."""
    return Wheel(name=wheel.name, version="1.5", files={"alpha/__init__.py": "1.5\n"})


# The end of a transaction


def test_a_change_whose_old_files_cannot_be_removed_has_succeeded(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.apply(*OLD)

    def fail(*_: object) -> None:
        raise PermissionError(13, os.strerror(13))

    with monkeypatch.context() as patch:
        patch.setattr("pipfast.transaction.journal.remove_stage", fail)
        world.apply(*NEW, "gone")
    assert any("The change was made, but old files" in line for line in world.lines)
    assert (world.library / "alpha" / "new.py").exists()
    recover(world.environment, world.listen)
    assert not (world.library / TRANSACTION_FOLDER).exists()
    assert (world.library / "alpha" / "new.py").exists()


def test_old_files_are_removed_without_threads(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = {f"many/p{number}/x.py": "1\n" for number in range(20)}
    world.apply(Wheel(name="many", files=files))

    def fail(_: object) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr("threading.Thread.start", fail)
    world.apply("many")
    assert [name for name in world.tree() if "transaction" in name] == []


def test_an_interrupt_at_the_start_leaves_no_folder(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.apply(OLD[0])
    before = world.tree()

    def interrupted(_: object) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_transaction(world.environment, [], interrupted, lambda *_: None, world.listen)
    assert world.tree() == before


def test_a_rollback_that_fails_is_reported_and_can_be_repeated(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.apply(OLD[0])
    before = world.tree()

    def lost(*_: object) -> None:
        raise KeyError("lost")

    with monkeypatch.context() as patch:
        patch.setattr("pipfast.transaction.journal.put_back", lost)
        patch.setattr("pipfast.transaction.journal.Journal.commit", lost)
        with pytest.raises(RollbackFailed, check=lambda error: error.cause == "KeyError: 'lost'"):
            world.apply(NEW[0])
    recover(world.environment)
    assert world.tree() == before


def test_an_environment_that_cannot_be_written_is_read_as_it_was_before(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    upgrade = half_upgraded(world, move=12)
    names = {info.name for info in world.library.glob("*.dist-info")}

    def read_only(*_: object, **__: object) -> None:
        raise OSError(30, os.strerror(30))

    monkeypatch.setattr("pipfast.transaction.recovery._finish", read_only)
    state = recover_or_read(world.environment, world.listen)
    assert state is not None
    hidden = {Path(path).name for path in state.hidden}
    shown = (names - hidden) | {Path(path).name for _, path in state.metadata}
    assert shown == {"alpha-1.0.dist-info", "beta-1.0.dist-info"}
    assert "this is what was installed before it" in world.lines[-1]
    del upgrade


def test_a_look_does_not_wait_for_a_run_in_progress(world: World) -> None:
    seen = []

    def look(_: object) -> None:
        seen.append(recover_or_read(world.environment, world.listen))

    world.apply(OLD[0])
    if os.name == "posix":
        from pipfast.transaction.environment_lock import locked

        with locked(str(world.library)):
            run_transaction(world.environment, [], look, lambda *_: None, world.listen)
    assert seen in ([None], [])
