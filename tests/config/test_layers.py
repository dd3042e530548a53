"""Levels of configuration: which file or variable has the last word."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from pipfast.config.directories import BASENAME, cache_directory, configuration_files, target_prefix
from pipfast.config.layers import UnreadableFile, configured, read_sources

pytestmark = pytest.mark.skipif(BASENAME == "pip.ini", reason="the paths are those of XDG")


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    return {"HOME": str(tmp_path / "home"), "XDG_CONFIG_DIRS": str(tmp_path / "xdg")}


def put(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def shown(
    environ: dict[str, str], tmp_path: Path, *, isolated: bool = False
) -> list[tuple[str, str, str]]:
    """What applies to `install`, but for what this machine's own /etc/pip.conf says."""
    sections = read_sources(environ, isolated=isolated, prefix=str(tmp_path / "venv"))
    return [found for found in configured(sections, "install") if found[2] != "/etc/pip.conf"]


def read(environ: dict[str, str], tmp_path: Path, *, isolated: bool = False) -> dict[str, str]:
    return {key: value for key, value, _ in shown(environ, tmp_path, isolated=isolated)}


@pytest.fixture
def levels(tmp_path: Path) -> Path:
    """Every level sets the key of its own rank and all above it."""
    files = [
        tmp_path / "xdg/pip/pip.conf",
        tmp_path / "home/.pip/pip.conf",
        tmp_path / "home/.config/pip/pip.conf",
        tmp_path / "venv/pip.conf",
        tmp_path / "named.conf",
    ]
    for rank, path in enumerate(files):
        keys = "\n".join(f"key{n} = {path.parent.name}{rank}" for n in range(rank, len(files)))
        put(path, f"[global]\n{keys}\n")
    return tmp_path


def test_a_nearer_level_outranks_a_farther_one(environ: dict[str, str], levels: Path) -> None:
    assert read(environ, levels) == {
        "key0": "pip0",
        "key1": ".pip1",
        "key2": "pip2",
        "key3": "venv3",
        "key4": "venv3",
    }


def test_the_named_file_takes_the_place_of_the_users(environ: dict[str, str], levels: Path) -> None:
    environ["PIP_CONFIG_FILE"] = str(levels / "named.conf")
    values = read(environ, levels)
    assert values.pop("config-file") == environ["PIP_CONFIG_FILE"]
    assert values == {
        "key0": "pip0",
        "key1": "pip0",
        "key2": "pip0",
        "key3": "venv3",
        "key4": f"{levels.name}4",
    }


def test_a_named_file_that_is_not_there_changes_nothing(
    environ: dict[str, str], levels: Path
) -> None:
    environ["PIP_CONFIG_FILE"] = str(levels / "absent.conf")
    assert read(environ, levels)["key2"] == "pip2"


def test_the_null_device_switches_all_files_off(environ: dict[str, str], levels: Path) -> None:
    environ["PIP_CONFIG_FILE"] = "/dev/null"
    assert read(environ, levels) == {"config-file": "/dev/null"}


def test_isolated_hides_the_user_and_the_variables(environ: dict[str, str], levels: Path) -> None:
    environ["PIP_KEY0"] = "variable"
    values = read(environ, levels, isolated=True)
    assert (values["key0"], values["key2"], values["key3"]) == ("pip0", "pip0", "venv3")


def test_the_commands_section_outranks_global_of_any_file(
    environ: dict[str, str], tmp_path: Path
) -> None:
    put(tmp_path / "xdg/pip/pip.conf", "[install]\nkey = far\n")
    put(tmp_path / "venv/pip.conf", "[global]\nkey = near\n[list]\nkey = other\n")
    assert read(environ, tmp_path) == {"key": "far"}


def test_variables_outrank_files_and_empty_ones_say_nothing(
    environ: dict[str, str], tmp_path: Path
) -> None:
    put(tmp_path / "venv/pip.conf", "[global]\na = file\nb = file\n")
    environ |= {"PIP_A": "variable", "PIP_B": "", "PIPFAST_A": "x", "PIP_VERSION": "1"}
    assert read(environ, tmp_path) == {"a": "variable", "b": "file"}


def test_the_origin_is_the_file_or_the_variable(environ: dict[str, str], tmp_path: Path) -> None:
    path = put(tmp_path / "venv/pip.conf", "[global]\nNO_Index = file\n")
    environ["PIP_TIMEOUT"] = "3"
    assert shown(environ, tmp_path) == [
        ("no-index", "file", str(path)),
        ("timeout", "3", "environment variable PIP_TIMEOUT"),
    ]


def test_a_malformed_file_ends_with_2_and_names_the_file(
    environ: dict[str, str], tmp_path: Path
) -> None:
    path = put(tmp_path / "venv/pip.conf", "[global\nx = 1\n")
    with pytest.raises(UnreadableFile) as caught:
        read(environ, tmp_path)
    assert caught.value.exit_code == 2
    assert caught.value.usage == ""
    assert caught.value.message == (
        "Configuration file could not be loaded.\nFile contains no section headers.\n"
        f"file: {str(path)!r}, line: 1\n'[global\\n'"
    )


def test_a_folder_in_the_place_of_a_file_is_passed_over(
    environ: dict[str, str], tmp_path: Path
) -> None:
    (tmp_path / "venv/pip.conf").mkdir(parents=True)
    assert read(environ, tmp_path) == {}


@pytest.mark.parametrize(
    ("variable", "folder"),
    [
        ({}, "/h/.cache/pip"),
        ({"XDG_CACHE_HOME": "/c"}, "/c/pip"),
        ({"XDG_CACHE_HOME": "c"}, "/h/.cache/pip"),
    ],
)
@pytest.mark.skipif("sys.platform != 'linux'", reason="XDG defaults")
def test_the_cache_is_where_xdg_says(variable: dict[str, str], folder: str) -> None:
    assert cache_directory({"HOME": "/h"} | variable) == folder


def test_the_site_file_is_that_of_the_target(tmp_path: Path) -> None:
    put(tmp_path / "env/pyvenv.cfg", "")
    python = put(tmp_path / "env/bin/python", "")
    assert target_prefix({"VIRTUAL_ENV": "/elsewhere"}, str(python)) == (
        str(tmp_path / "env"),
        True,
    )
    assert target_prefix({"VIRTUAL_ENV": str(tmp_path / "env")}, None) == (
        str(tmp_path / "env"),
        True,
    )
    assert target_prefix({"VIRTUAL_ENV": str(tmp_path)}, None)[0] == sys.prefix
    assert configuration_files({}, "/p").site == "/p/pip.conf"
