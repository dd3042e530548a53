"""Generated scripts have the names and contents of pip's."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from pipfast.errors import InstallationError
from pipfast.report.render import text_of
from pipfast.transaction.scripts import (
    EntryPoints,
    entry_points,
    not_on_path,
    scripts,
    shebang,
    with_interpreter,
)
from tests.transaction.world import environment_in

posix = pytest.mark.skipif(os.name == "nt", reason="Windows has launchers")


def names(console: dict[str, str], folder: Path) -> list[str]:
    """Return the names of the scripts for `console`."""
    environment = environment_in(folder, python=(3, 12))
    return [Path(script.path).name for script in scripts(EntryPoints(console, {}), environment)]


@posix
def test_a_script_calls_its_function_and_exits_with_its_result(tmp_path: Path) -> None:
    [script] = scripts(
        EntryPoints({"run": "pkg.mod:cls.main [extra]"}, {}), environment_in(tmp_path)
    )
    assert script.content.decode() == (
        f"#!{tmp_path}/env/bin/python\n"
        "import sys\n"
        "from pkg.mod import cls\n"
        "if __name__ == '__main__':\n"
        "    sys.argv[0] = sys.argv[0].removesuffix('.exe')\n"
        "    sys.exit(cls.main())\n"
    )


@posix
@pytest.mark.parametrize(
    ("console", "expected"),
    [
        ({"b": "m:f", "a": "m:f"}, ["b", "a"]),
        ({"pip": "m:f", "pip3.9": "m:f", "other": "m:f"}, ["pip", "pip3", "pip3.12", "other"]),
        ({"easy_install": "m:f", "easy_install-2.7": "m:f"}, ["easy_install", "easy_install-3.12"]),
        ({"pip3": "m:f"}, ["pip3"]),
    ],
)
def test_pip_and_easy_install_get_names_with_the_python_version(
    console: dict[str, str], expected: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("ENSUREPIP_OPTIONS", raising=False)
    assert names(console, tmp_path) == expected


@pytest.mark.parametrize(
    ("name", "target", "message"),
    [
        ("x", "module", r"<ExportEntry x = module:None \[\]> - A callable suffix is required"),
        ("x", "module [a,b]", r"<ExportEntry x = module:None \['a', 'b'\]> - A callable"),
        ("../x", "m:f", "'../x': the script would be installed outside the scripts directory"),
        (".", "m:f", "outside the scripts directory"),
        ("x", "m:f ]", "Invalid specification 'x = m:f ]'"),
        ("x", "a:b:c", "Invalid specification 'x = a:b:c'"),
    ],
)
def test_an_invalid_entry_point_is_refused(
    name: str, target: str, message: str, tmp_path: Path
) -> None:
    with pytest.raises(InstallationError, match=message):
        names({name: target}, tmp_path)


def test_entry_points_are_parsed_like_importlib_metadata() -> None:
    text = "stray\n[console_scripts]\n# no\na = m:f\nb=m:g\na = m:h\n"
    text += "[other]\nz = m:z\n[gui_scripts]\ng=m:g"
    assert entry_points(text) == EntryPoints({"a": "m:h", "b": "m:g"}, {"g": "m:g"})


@pytest.mark.parametrize("file", ["a", "a.exe", "A.EXE", "a-script.py", "a.pya", "g"])
def test_a_script_of_setuptools_is_recognized_by_its_name(file: str) -> None:
    points = EntryPoints({"a": "m:f", "A": "m:f"}, {"g": "m:f"})
    assert points.wraps(file)
    assert not points.wraps("x" + file)


@posix
@pytest.mark.parametrize(
    ("executable", "line"),
    [
        ("/bin/py", b"#!/bin/py\n"),
        ("/a b/py", b"#!/bin/sh\n'''exec' \"/a b/py\" \"$0\" \"$@\"\n' '''\n"),
        ("/" + "x" * 600, b"#!/bin/sh\n'''exec' /" + b"x" * 600 + b" \"$0\" \"$@\"\n' '''\n"),
    ],
)
def test_a_shebang_that_the_kernel_does_not_accept_runs_a_shell(
    executable: str, line: bytes
) -> None:
    assert shebang(executable) == line


@posix
def test_an_interpreter_that_is_a_script_is_run_by_the_shell(tmp_path: Path) -> None:
    shim = tmp_path / "python"
    shim.write_text("#!/bin/sh\n")
    assert shebang(str(shim)).startswith(b"#!/bin/sh\n")


@posix
@pytest.mark.parametrize(
    ("content", "result"),
    [
        (b"#!python\nx", b"#!/py\nx"),
        (b"#!pythonw -x\nx", b"#!/py\nx"),
        (b"#!/usr/bin/python\nx", None),
        (b"", None),
    ],
)
def test_only_a_python_shebang_is_replaced(content: bytes, result: bytes | None) -> None:
    assert with_interpreter(content, "/py") == result


def test_scripts_outside_path_are_reported(tmp_path: Path) -> None:
    paths = [str(tmp_path / "bin" / name) for name in ("b", "a", "c")]
    assert not_on_path(paths, "/usr/bin/python", f"/usr/bin:{tmp_path}/bin") is None
    assert not_on_path(paths, str(tmp_path / "bin" / "python"), "/usr/bin") is None
    warning = not_on_path(paths, "/usr/bin/python", "~/bin:/usr/bin")
    assert warning is not None
    assert text_of(warning) == (
        f"The scripts a, b and c are installed in '{tmp_path}/bin' which is not on PATH.\n"
        "Consider adding this directory to PATH or, if you prefer to suppress this warning, use "
        "--no-warn-script-location.\n"
        "NOTE: The current PATH contains path(s) starting with `~`, which may not be expanded by "
        "all applications."
    )
