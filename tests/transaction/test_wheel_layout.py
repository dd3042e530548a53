"""Each file of a wheel is installed where pip installs it, with the same RECORD."""

from __future__ import annotations

import csv
import os
from pathlib import Path

import pytest

from pipfast.errors import InstallationError
from pipfast.transaction.record_file import hashed_row, path_in_record, record_text
from tests.kit.wheels import Wheel
from tests.transaction.world import TAG, World

posix = pytest.mark.skipif(os.name == "nt", reason="POSIX paths")


def record(world: World, info: str) -> dict[str, str]:
    """Return the hashes in an installed RECORD by path."""
    with (world.library / info / "RECORD").open(newline="", encoding="utf-8") as file:
        return {row[0]: row[1] for row in csv.reader(file)}


@posix
def test_each_scheme_key_has_its_folder(world: World) -> None:
    data = {
        "scripts/tool": "#!python\nx\n",
        "data/share/x": "x",
        "headers/x.h": "x",
        "purelib/pure.py": "x",
        "platlib/plat.py": "x",
    }
    world.apply(Wheel(name="Demo", files={"demo.py": "x"}, data=data, scripts={"run": "demo:main"}))
    rows = record(world, "Demo-1.0.dist-info")
    assert world.tree().keys() >= {
        "bin/tool",
        "bin/run",
        "share/x",
        "include/Demo/x.h",
        "lib/site-packages/pure.py",
        "lib/site-packages/plat.py",
        f"lib/site-packages/__pycache__/demo.{TAG}.pyc",
    }
    assert (Path(world.environment.scheme.scripts) / "tool").read_text().startswith("#!/")
    assert rows.keys() >= {"../../bin/tool", "../../share/x", "../../include/Demo/x.h", "pure.py"}
    assert rows[f"__pycache__/demo.{TAG}.pyc"] == ""
    installed = {os.path.normpath(f"lib/site-packages/{path}") for path in rows}
    assert installed == {path for path, content in world.tree().items() if content is not None}


@posix
def test_files_marked_in_the_wheel_and_generated_scripts_are_executable(world: World) -> None:
    files = {"demo/run.sh": "x", "demo/plain": "x"}
    world.apply(
        Wheel(
            name="demo",
            files=files,
            executable=frozenset({"demo/run.sh"}),
            scripts={"run": "demo:main"},
        )
    )
    modes = {
        path.name: path.stat().st_mode & 0o777
        for path in (world.folder / "env").rglob("*")
        if path.is_file()
    }
    umask = os.umask(0)
    os.umask(umask)
    executable, plain = 0o777 & ~umask | 0o111, 0o666 & ~umask
    assert {name for name, mode in modes.items() if mode == executable} == {"run.sh", "run"}
    assert {modes["plain"], modes["RECORD"], modes["INSTALLER"]} == {plain}


def test_rows_of_the_wheel_are_kept_even_if_they_are_wrong(world: World) -> None:
    text = 'demo.py,sha256=wrong,99\nghost.py,sha256=g,1\n"a,b.txt",,\n'
    files = {"demo.py": "x", "a,b.txt": "x", "unlisted.txt": "x"}
    world.apply(Wheel(name="demo", files=files, record=text))
    rows = record(world, "demo-1.0.dist-info")
    assert rows["demo.py"] == "sha256=wrong"
    assert rows["ghost.py"] == "sha256=g"
    assert rows["unlisted.txt"] == ""
    assert "a,b.txt" in rows


@pytest.mark.parametrize("requested", [True, False])
def test_the_metadata_records_the_request_and_the_direct_url(world: World, requested: bool) -> None:
    url = '{"url": "https://files.example/"}'
    world.apply(Wheel(name="demo"), requested=requested, direct_url=url)
    info = world.library / "demo-1.0.dist-info"
    assert (info / "INSTALLER").read_bytes() == b"pip\n"
    assert (info / "direct_url.json").read_text() == url
    assert (info / "REQUESTED").exists() == requested


@pytest.mark.parametrize(
    ("wheel", "message"),
    [
        (
            Wheel(name="demo", files={"demo.py": "x", "b.dist-info/METADATA": "x"}),
            "demo has an invalid wheel, multiple .dist-info directories found: ",
        ),
        (
            Wheel(name="demo", info_name="other-1.0.dist-info"),
            "demo has an invalid wheel, .dist-info directory 'other-1.0.dist-info' does not start",
        ),
        (
            Wheel(name="demo", info={"WHEEL": "Wheel-Version: 2.0\n"}),
            "demo's Wheel-Version (2.0) is not compatible with this version of pip",
        ),
        (
            Wheel(name="demo", info={"WHEEL": "Root-Is-Purelib: true\n"}),
            "demo has an invalid wheel, WHEEL is missing Wheel-Version",
        ),
        (
            Wheel(name="demo", info={"WHEEL": None}),
            "demo has an invalid wheel, could not read 'demo-1.0.dist-info/WHEEL' file: KeyError",
        ),
        (Wheel(name="demo", files={"../../x.py": "x"}), "For req: demo==1.0. The wheel "),
        (Wheel(name="demo", files={"/x.py": "x"}), "For req: demo==1.0. The wheel "),
        (Wheel(name="demo", data={"other/x": "x"}), "For req: demo==1.0. Unknown scheme key used"),
        (Wheel(name="demo", data={"x": "x"}), "For req: demo==1.0. Unexpected file in "),
        (Wheel(name="demo", scripts={"x": "m"}), "For req: demo==1.0. Invalid script entry point"),
    ],
)
def test_a_wheel_that_pip_refuses_is_refused_and_changes_nothing(
    world: World, wheel: Wheel, message: str
) -> None:
    world.apply(Wheel(name="before"))
    before = world.tree()
    with pytest.raises(InstallationError) as caught:
        world.apply(Wheel(name="good"), wheel)
    assert caught.value.message.startswith(message)
    assert world.tree() == before


def test_a_newer_wheel_version_is_a_warning(world: World) -> None:
    text = "Wheel-Version: 1.9\nRoot-Is-Purelib: true\n"
    world.apply(Wheel(name="demo", info={"WHEEL": text}))
    assert world.lines == ["WARNING:   Installing from a newer Wheel-Version (1.9)"] * 2


def test_record_is_sorted_and_written_as_csv() -> None:
    rows = [hashed_row("b.py", b"x"), ("a,b", ",,\r\n"), ('c"d', ",,\r\n")]
    digest = "sha256=LXEWQrcmsEQBYnyp-6wy9chTD7GQPMTbAiWHF5IaSIE"
    assert record_text(rows).decode() == f'"a,b",,\r\nb.py,{digest},1\r\n"c""d",,\r\n'


@posix
def test_a_path_in_record_is_relative_with_slashes() -> None:
    assert path_in_record("/env/bin/x", "/env/lib/site-packages") == "../../bin/x"
