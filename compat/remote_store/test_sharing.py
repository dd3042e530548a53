"""What one machine has built, others install without a build, and only if all else is equal."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

import packaging.tags
import pytest

import pipfast.main
from compat.network.real_servers import Unavailable, free_port
from compat.network.row_command import PASSWORD, USER
from compat.remote_store.conftest import NewMachine
from compat.remote_store.machines import KEY, Machine, Works
from compat.remote_store.services import Service, nginx
from tests.kit.projects import written
from tests.kit.wheels import wheel

_NOBODY = 65534
"""A user without rights."""

_PACKAGES = [
    str(Path(str(module.__file__)).parents[1]) for module in (pipfast.main, packaging.tags)
]
_PROGRAM = f"import sys; sys.path += {_PACKAGES}; from pipfast.main import run; run()"


def test_a_second_machine_installs_without_a_build_and_gets_the_same_tree(
    service: Service, works: Works, machine: NewMachine
) -> None:
    works.add(needs=(works.backend(),), static="2.1")
    first, second, alone = (
        machine(url, environ=service.environ) for url in (service.url, service.url, "")
    )
    assert first.install("demo").code == 0
    assert works.made() == ["metadata", "wheel"]
    ended = second.install("demo")
    assert (ended.code, works.made()) == (0, [])
    assert "Using cached demo-1.0-py3-none-any.whl" in ended.output
    assert ended.errors == ""
    assert alone.install("demo").code == 0
    assert first.tree() == second.tree() == alone.tree()
    assert first.remote()["uploads"] == 2
    found = second.remote()
    assert (found["hits"], found["refused"], found["failures"], found["waiting"]) == (2, 0, 0, 0)


@pytest.mark.skipif(os.name != "posix" or os.geteuid() != 0, reason="only root changes its user")
def test_another_user_installs_what_root_has_built(machine: NewMachine) -> None:
    with tempfile.TemporaryDirectory() as name:  # pytest's folders are closed to others
        place = Path(name)
        place.chmod(0o755)
        index, shelf, theirs = (place / word for word in ("index", "shelf", "theirs"))
        for folder in (index, shelf, theirs):
            folder.mkdir()
        os.chown(theirs, _NOBODY, _NOBODY)
        works = Works(index, place / "log")
        works.add()
        running = {"python": _open_python(), "program": ("-c", _PROGRAM)}
        first = replace(machine(shelf.as_uri(), **running), index=index)
        second = replace(first, folder=theirs, user=_NOBODY)
        assert first.install("demo").code == 0
        assert works.made() == ["metadata", "wheel"]
        ended = second.install("demo", PIPFAST_REMOTE_STORE_MODE="read")
        assert (ended.code, ended.errors, works.made()) == (0, "", [])
        assert "Using cached demo-1.0-py3-none-any.whl" in ended.output
        assert second.tree() == first.tree()
        owners = {path.lstat().st_uid for path in theirs.rglob("*")}
        assert owners == {_NOBODY}


def _open_python() -> str:
    """Return a Python that a user without rights can run pipfast with; skip if there is none."""
    others = shutil.which("python3", path="/usr/local/bin:/usr/bin")
    for found in filter(None, (sys.executable, others)):
        try:
            command = [found, "-c", f"import venv; {_PROGRAM}", "--version"]
            done = subprocess.run(
                command, check=False, capture_output=True, cwd="/", user=_NOBODY, group=_NOBODY
            )
        except PermissionError:
            continue
        if done.returncode == 0:
            return found
    pytest.skip("other users may not read the files of Python or of this project")


def _lines(output: str) -> list[str]:
    """Return the lines about wheels."""
    words = ("uilding wheel", "Using cached", "Successfully built", "Stored in", "From the remote")
    return [line.partition("/")[0] for line in output.splitlines() if any(w in line for w in words)]


def test_a_wheel_of_the_store_is_reported_like_one_of_the_cache(
    works: Works, machine: NewMachine
) -> None:
    works.add("made")
    assert machine().install("made").code == 0
    works.add("lacking")
    readers = [machine() for _ in range(4)]
    outputs = [
        each.install(*words, "lacking", "made", PIPFAST_REMOTE_STORE_MODE="read").output
        for each, words in zip(readers, ([], [], ["-v"], ["-v"]), strict=True)
    ]
    short, again, verbose, verbose_again = map(_lines, outputs)
    assert short == again == [
        "Using cached made-1.0-py3-none-any.whl",
        "Building wheels for collected packages: lacking",
        "  Building wheel for lacking (pyproject.toml): started",
        "  Building wheel for lacking (pyproject.toml): finished with status 'done'",
        "  Stored in directory: ",
        "Successfully built lacking",
    ]  # fmt: skip
    more = ["  From the remote store file:", "  Stored in directory: "]
    assert verbose == verbose_again == [short[0], *more, *short[1:]]


def test_if_all_wheels_are_there_no_build_is_announced(works: Works, machine: NewMachine) -> None:
    works.add()
    ended = _shared(works, machine).install("demo")
    assert _lines(ended.output) == ["Using cached demo-1.0-py3-none-any.whl"]


def test_what_a_second_writer_has_built_too_is_not_uploaded_again(
    service: Service, works: Works, machine: NewMachine
) -> None:
    works.add()
    writers = [machine(service.url, environ=service.environ) for _ in range(2)]
    for one in writers:
        assert one.install("demo", PIPFAST_REMOTE_STORE_WAIT="0").code == 0
        works.made()
    assert '"count": 2' in writers[0].run("cache", "push", "--json").output
    assert '"present": 2' in writers[1].run("cache", "push", "--json").output


def _shared(works: Works, machine: NewMachine) -> Machine:
    """Return a machine after another one has shared what it needs."""
    assert machine().install("demo").code == 0
    assert works.made() == ["metadata", "wheel"]
    return machine()


@pytest.mark.parametrize(
    ("words", "variables"),
    [
        ([], {"CFLAGS": "-O1"}),
        ([], {"LDFLAGS": "-s"}),
        ([], {"CPATH": "/opt/include"}),
        ([], {"PIPFAST_BUILD_ENV_DEMO": "FAST=1"}),
        (["--config-settings", "a=b"], {}),
        (["--no-binary", "demo"], {}),
        (["--no-cache-dir"], {}),
        ([], {"PIPFAST_REMOTE_STORE_KEY": "the secret of another team"}),
    ],
    ids=str,
)
def test_a_build_that_reads_something_else_is_made_here(
    words: list[str], variables: dict[str, str], works: Works, machine: NewMachine
) -> None:
    works.add()
    second = _shared(works, machine)
    ended = second.install("demo", *words, **variables)
    assert ended.code == 0
    assert works.made()[-1:] == ["wheel"]
    assert "remote store" not in ended.output + ended.errors


def test_without_a_cache_the_store_is_neither_asked_nor_filled(
    works: Works, machine: NewMachine, shelf: Path
) -> None:
    works.add()
    assert machine().install("--no-cache-dir", "demo").code == 0
    assert [*shelf.iterdir()] == []


def test_another_version_of_a_build_requirement_gives_a_miss(
    works: Works, machine: NewMachine
) -> None:
    works.add(needs=(works.backend(), "torch"))
    torch = wheel("torch", "2.0")
    works.publish(torch)
    second, third = _shared(works, machine), machine()
    assert second.install("demo").code == 0
    assert works.made() == []
    newer = wheel("torch", "2.1")
    works.publish(newer)
    assert third.install("demo").code == 0
    assert works.made() == ["metadata", "wheel"]


def test_another_file_of_the_same_build_requirement_gives_a_miss(
    works: Works, machine: NewMachine
) -> None:
    works.add(needs=(works.backend(), "torch"))
    torch = wheel("torch", "2.0")
    works.publish(torch)
    second = _shared(works, machine)
    other = wheel("torch", "2.0", files={"torch.py": "PATCHED = True\n"})
    works.publish(other)
    assert second.install("demo").code == 0
    assert works.made() == ["metadata", "wheel"]


def test_another_libc_gives_a_miss(works: Works, machine: NewMachine) -> None:
    works.add()
    second = _shared(works, machine)
    rule = "def manylinux_compatible(major, minor, architecture):\n    return minor < 20\n"
    (second.site / "_manylinux.py").write_text(rule)  # PEP 600
    assert second.install("demo").code == 0
    assert works.made() == ["metadata", "wheel"]


def test_flags_for_one_processor_are_not_shared(
    works: Works, machine: NewMachine, shelf: Path
) -> None:
    works.add()
    assert machine().install("demo", CFLAGS="-O2 -march=native").code == 0
    assert [*shelf.iterdir()] == []


def test_what_a_build_without_isolation_sees_is_part_of_its_key(
    works: Works, machine: NewMachine
) -> None:
    backend = works.backend()
    works.add(needs=(backend,))
    torches = [wheel("torch", version) for version in ("2.0", "2.1")]
    for one in torches:
        works.publish(one)
    seeing = ["--no-build-isolation", "demo"]
    work = ["metadata", "wheel"]
    for version, made in (("2.0", work), ("2.0", []), ("2.1", work)):
        each = machine()
        assert each.install(backend, f"torch=={version}").code == 0
        assert each.install(*seeing).code == 0
        assert works.made() == made


def test_what_a_see_through_build_saw_is_part_of_its_key(works: Works, machine: NewMachine) -> None:
    works.add(needs=(works.backend(),), backend={"imports": {"build_wheel": ["torch"]}})
    for version in ("2.0", "2.1"):
        torch = wheel("torch", version)
        works.publish(torch)
    for version, is_built in (("2.0", True), ("2.0", False), ("2.1", True)):
        ended = machine().install(
            f"torch=={version}", "demo", PIPFAST_BUILD_ISOLATION="see-through"
        )
        assert ended.code == 0, ended.errors
        assert ("wheel" in works.made()) is is_built


@pytest.mark.parametrize("editable", [[], ["-e"]])
def test_folders_are_not_shared(
    editable: list[str], works: Works, machine: NewMachine, shelf: Path, tmp_path: Path
) -> None:
    tree = written(tmp_path / "tree", works.described().tree)
    assert machine().install(*editable, str(tree)).code == 0
    assert [*shelf.iterdir()] == []


def test_a_commit_is_shared_and_a_branch_is_not(
    works: Works, machine: NewMachine, shelf: Path, tmp_path: Path
) -> None:
    tree = written(tmp_path / "tree", works.described().tree)
    account = ["-c", "user.name=a", "-c", "user.email=a@example.com"]
    for words in (["init", "-q", "-b", "main"], ["add", "."], [*account, "commit", "-qm", "one"]):
        subprocess.run(["git", "-C", str(tree), *words], check=True)
    told = subprocess.run(
        ["git", "-C", str(tree), "rev-parse", "HEAD"], check=True, capture_output=True, text=True
    )
    branch, commit = (f"demo @ git+file://{tree}@{at}" for at in ("main", told.stdout.strip()))
    assert machine().install(branch).code == 0
    assert [*shelf.iterdir()] == []
    first, second = machine(), machine()
    assert first.install(commit).code == 0
    works.made()
    assert second.install(commit).code == 0
    assert works.made() == []
    assert first.tree() == second.tree()


def test_a_reader_uploads_nothing(works: Works, machine: NewMachine, shelf: Path) -> None:
    works.add()
    reader = machine()
    assert reader.install("demo", PIPFAST_REMOTE_STORE_MODE="read").code == 0
    assert [*shelf.iterdir()] == []
    assert reader.remote()["waiting"] == 0


def test_what_waits_is_pushed_and_a_runner_is_warmed(works: Works, machine: NewMachine) -> None:
    works.add()
    first, runner = machine(), machine()
    assert first.install("demo", PIPFAST_REMOTE_STORE_WAIT="0").code == 0
    assert first.remote()["waiting"] == 2
    assert '"count": 2' in first.run("cache", "push", "--json").output
    assert first.remote()["waiting"] == 0
    works.made()
    wanted = works.index.parent / "requirements.txt"
    wanted.write_text("demo\n")
    pull = ["cache", "pull", "--no-index", "-f", str(works.index), "-r", str(wanted)]
    assert runner.run(*pull, "--json").output == (
        '{\n  "version": "1",\n  "present": [\n    "demo"\n  ],\n  "missing": []\n}\n'
    )
    ended = runner.install("demo", PIPFAST_REMOTE_STORE="")
    assert (ended.code, works.made()) == (0, [])
    lacking = machine()
    works.add("other")
    wanted.write_text("demo\nother\n")
    ended = lacking.run(*pull)
    assert ended.code == 1
    assert ended.output.endswith("In the cache: demo; to be built: other\n")


def test_a_build_does_not_see_the_secret(works: Works, machine: NewMachine) -> None:
    works.add(backend={"variables": ["PIPFAST_REMOTE_STORE_KEY", "HOME"]})
    one = machine()
    assert one.install("demo").code == 0
    told = (one.site / "demo" / "built.json").read_text()
    assert '"HOME": "/' in told
    assert '"PIPFAST_REMOTE_STORE_KEY": null' in told


@pytest.mark.parametrize("uploads", [2, 0], ids=["up", "down"])
def test_secrets_are_shown_and_stored_nowhere(
    uploads: int, works: Works, machine: NewMachine, tmp_path: Path
) -> None:
    works.add()
    (tmp_path / "service").mkdir()
    try:
        with nginx(tmp_path / "service") as service:
            port = free_port()
            url = service.url if uploads else f"http://{USER}:{PASSWORD}@127.0.0.1:{port}/team"
            one = machine(url)
            ended = one.install("-vv", "--log", str(one.folder / "log"), "demo")
            assert ended.code == 0
            assert one.remote()["uploads"] == uploads
    except Unavailable as error:
        pytest.skip(str(error))
    assert f"{USER}:****@127.0.0.1" in ended.output + ended.errors
    for secret in (KEY, f"{USER}:{PASSWORD}", f":{PASSWORD}@"):
        assert secret not in ended.output + ended.errors
        for path in one.folder.rglob("*"):
            assert not path.is_file() or secret.encode() not in path.read_bytes(), path


def test_no_key_is_no_store_and_one_warning(works: Works, machine: NewMachine, shelf: Path) -> None:
    works.add()
    ended = machine(key="").install("demo")
    assert ended.code == 0
    assert ended.errors.count("WARNING") == 1
    assert "remote-store-key is not set" in ended.errors
    assert [*shelf.iterdir()] == []
