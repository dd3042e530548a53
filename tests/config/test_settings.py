"""From words, variables and files to Settings."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from pipfast.config.defaults import BadConfiguration
from pipfast.config.pipfast_settings import BadBuildVariables, BadOwnSetting
from pipfast.config.settings import Settings, WorkingDirectoryDeleted, settings
from pipfast.errors import CommandError, NotNative, UsageError
from pipfast.report.hint_text import joined

NO_FILES = {"PIP_CONFIG_FILE": "/dev/null", "HOME": "/nonexistent", "COLUMNS": "80"}


def read(line: str, **environ: str) -> Settings:
    return settings(line.split(), NO_FILES | environ, "pip")


@pytest.mark.parametrize(
    ("line", "environ", "origin"),
    [
        ("install", {}, "default"),
        ("install --timeout 3", {}, "command line"),
        ("install", {"PIP_TIMEOUT": "3"}, "environment variable PIP_TIMEOUT"),
        ("install --timeout 4", {"PIP_TIMEOUT": "3"}, "command line"),
        ("install", {"PIP_DEFAULT_TIMEOUT": "3"}, "environment variable PIP_DEFAULT_TIMEOUT"),
    ],
)
def test_settings_know_where_a_value_was_set(
    line: str, environ: dict[str, str], origin: str
) -> None:
    assert read(line, **environ).origin("timeout") == origin


def test_a_list_has_every_origin_that_added_to_it() -> None:
    found = read("install --extra-index-url c", PIP_EXTRA_INDEX_URL="a b")
    assert found.texts("extra_index_urls") == ("a", "b", "c")
    assert found.origin("extra_index_urls") == (
        "environment variable PIP_EXTRA_INDEX_URL, command line"
    )


@pytest.mark.parametrize(
    ("line", "verbosity"),
    [
        ("install", 0),
        ("install -vv", 2),
        ("-v install -v", 2),
        ("install -qqq", -3),
        ("install -vq", 0),
        ("install --debug -q", 2),
    ],
)
def test_verbosity_is_what_flags_add_up_to(line: str, verbosity: int) -> None:
    assert read(line).verbosity == verbosity


@pytest.mark.parametrize(
    ("line", "command"),
    [
        ("--version install --bogus", "version"),
        ("", "help"),
        ("help", "help"),
        ("help install", "help"),
        ("-q list", "list"),
    ],
)
def test_the_command_is_the_first_word(line: str, command: str) -> None:
    assert read(line).command == command


@pytest.mark.parametrize("line", ["-h", "install --help", "-vh"])
def test_help_is_asked_of_pip(line: str) -> None:
    with pytest.raises(NotNative):
        read(line)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("instal", 'unknown command "instal" - maybe you meant "install"'),
        ("xyzzy", 'unknown command "xyzzy"'),
        ("--python nowhere install", "Could not locate Python interpreter nowhere"),
        (
            "install --python x",
            "The --python option must be placed before the pip subcommand name",
        ),
    ],
)
def test_a_command_line_without_a_command_is_refused(line: str, message: str) -> None:
    with pytest.raises(CommandError) as caught:
        read(line)
    assert (caught.value.message, caught.value.exit_code) == (message, 1)


def test_a_usage_error_shows_the_usage_of_the_program_that_was_called() -> None:
    with pytest.raises(UsageError) as caught:
        settings(["list", "--bogus"], NO_FILES, "/usr/bin/pip3.11")
    assert caught.value.exit_code == 2
    assert caught.value.usage == "\nUsage:   \n  pip3.11 list [options]\n"
    assert caught.value.message == "no such option: --bogus"


def test_a_wrong_typed_value_in_a_variable_ends_with_3_and_names_it() -> None:
    with pytest.raises(BadConfiguration) as caught:
        read("install", PIP_RETRIES="x", PIPFAST_PIP_COMPAT="0")
    assert (caught.value.exit_code, caught.value.usage) == (3, "")
    assert joined(caught.value.remedies) == "retries is set by environment variable PIP_RETRIES"


def test_a_wrong_yes_or_no_in_a_file_ends_with_2_and_names_it(tmp_path: Path) -> None:
    path = tmp_path / "own.conf"
    path.write_text("[install]\nno-index = perhaps\n")
    with pytest.raises(UsageError) as caught:
        read("install", PIP_CONFIG_FILE=str(path), PIPFAST_PIP_COMPAT="0")
    assert caught.value.exit_code == 2
    assert joined(caught.value.remedies) == f"no-index is set by {path}"


@pytest.mark.parametrize("environ", [{"PIP_RETRIES": "x"}, {"PIP_NO_INDEX": "perhaps"}])
@pytest.mark.parametrize(
    ("program", "compat", "hinted"),
    [("pip", {}, False), ("pipfast", {}, True), ("pipfast", {"PIPFAST_PIP_COMPAT": "1"}, False)],
)
def test_parity_says_of_a_wrong_value_what_pip_says_and_no_more(
    environ: dict[str, str], program: str, compat: dict[str, str], *, hinted: bool
) -> None:
    with pytest.raises(UsageError) as caught:
        settings(["install"], NO_FILES | environ | compat, program)
    assert bool(caught.value.remedies) is hinted


def test_general_options_before_the_command_count_once() -> None:
    found = read("--exists-action i install --exists-action w")
    assert found.texts("exists_action") == ("i", "w")


def test_python_before_the_command_names_an_interpreter() -> None:
    assert read(f"--python {sys.executable} install").python == sys.executable
    assert read("install").python is None


def test_the_environment_of_python_gives_the_site_file_and_the_source_folder(
    tmp_path: Path,
) -> None:
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/python").touch()
    (tmp_path / "pyvenv.cfg").touch()
    (tmp_path / "pip.conf").write_text("[install]\ntimeout = 4\n")
    found = settings(
        ["--python", str(tmp_path), "install"], {"HOME": "/nonexistent", "XDG_CONFIG_DIRS": "/x"}
    )
    assert found.python == str(tmp_path / "bin/python")
    assert found.values["timeout"] == 4.0
    assert found.text("src_dir") == str(tmp_path / "src")


@pytest.mark.parametrize(
    ("variable", "value", "kept"),
    [
        ("PIPFAST_PIP_COMPAT", "1", "true"),
        ("PIPFAST_PIP_COMPAT", "off", "false"),
        ("PIPFAST_INDEX_STRATEGY", "best-match", "best-match"),
        ("PIPFAST_LOCAL_VERSIONS", "LAX", "lax"),
        ("PIPFAST_BUILD_ISOLATION", "see-through", "see-through"),
        ("PIPFAST_INDEX_ERRORS", "skip", "skip"),
        ("PIPFAST_FALLBACK", "never", "never"),
        ("PIPFAST_LINK_MODE", "hardlink", "hardlink"),
    ],
)
def test_our_own_settings_are_read_from_variables(variable: str, value: str, kept: str) -> None:
    found = read("install", **{variable: value})
    key = variable.removeprefix("PIPFAST_").lower().replace("_", "-")
    assert found.pipfast == {key: kept}
    assert found.own.origin(key) == f"environment variable {variable}"


def test_our_own_section_stands_under_the_variables_and_ignores_strange_keys(
    tmp_path: Path,
) -> None:
    path = tmp_path / "own.conf"
    path.write_text("[pipfast]\nfallback = never\nlink_mode = copy\nbogus = 1\nindex-errors =\n")
    found = read("install", PIP_CONFIG_FILE=str(path), PIPFAST_FALLBACK="auto")
    assert found.pipfast == {"fallback": "auto", "link-mode": "copy"}
    assert found.own.origin("link-mode") == str(path)


def test_a_wrong_value_of_our_own_ends_with_3_and_names_its_origin() -> None:
    with pytest.raises(BadOwnSetting) as caught:
        read("install", PIPFAST_LINK_MODE="magic")
    assert caught.value.exit_code == 3
    assert caught.value.message == (
        "invalid value for link-mode: 'magic', set by environment variable PIPFAST_LINK_MODE "
        "(choose from 'auto', 'clone', 'hardlink', 'copy')"
    )


def test_a_setting_does_not_change() -> None:
    found = read("install")
    with pytest.raises(AttributeError):
        found.command = "list"  # type: ignore[misc]
    with pytest.raises(TypeError):
        found.values["timeout"] = 1  # type: ignore[index]


def test_a_working_folder_that_is_gone_ends_with_1(monkeypatch: pytest.MonkeyPatch) -> None:
    def gone() -> str:
        raise FileNotFoundError

    monkeypatch.setattr("os.getcwd", gone)
    monkeypatch.setattr("sys.prefix", sys.base_prefix)
    with pytest.raises(WorkingDirectoryDeleted) as caught:
        settings(["install"], NO_FILES)
    assert caught.value.exit_code == 1


def test_settings_load_nothing_that_is_slow() -> None:
    program = (
        "import sys\nfrom pipfast.config.settings import settings\n"
        "settings(['install', 'x'], {'PIP_CONFIG_FILE': '/dev/null'})\n"
        "slow = {'packaging', 'httpx', 'rich', 'configparser', 'optparse', 'argparse', 'typing',"
        " 'dataclasses', 're', 'enum', 'pathlib', 'datetime', 'textwrap', 'difflib', 'logging'}\n"
        "print(sorted(slow & set(sys.modules)))"
    )
    source = str(Path(__file__).parents[2] / "src")
    ran = subprocess.run(
        [sys.executable, "-S", "-c", program],
        env={"PYTHONPATH": source},
        capture_output=True,
        text=True,
        check=True,
    )
    assert ran.stdout.strip() == "[]"


def test_variables_for_builds_are_read_by_project_and_the_environment_has_the_last_word(
    tmp_path: Path,
) -> None:
    path = tmp_path / "own.conf"
    path.write_text(
        "[pipfast]\nbuild-env.Flash_Attn = CUDA_HOME=/cuda MAX_JOBS=4\n"
        "build-env.zope.interface = CFLAGS='-O2 -g'\n"
    )
    found = read("install", PIP_CONFIG_FILE=str(path), PIPFAST_BUILD_ENV_FLASH_ATTN="MAX_JOBS=8")
    assert found.own.build_variables == {
        "flash-attn": {"CUDA_HOME": "/cuda", "MAX_JOBS": "8"},
        "zope-interface": {"CFLAGS": "-O2 -g"},
    }
    assert read("install").own.build_variables == {}


def test_the_index_of_a_project_is_read_and_the_environment_has_the_last_word(
    tmp_path: Path,
) -> None:
    path = tmp_path / "own.conf"
    path.write_text(
        "[pipfast]\nindex.Flash_Attn = https://a.example/simple\nindex.zope.interface = file:///b\n"
    )
    own = "https://c.example/simple"
    found = read("install", PIP_CONFIG_FILE=str(path), PIPFAST_INDEX_OF_FLASH_ATTN=own)
    assert found.own.indexes == {"flash-attn": own, "zope-interface": "file:///b"}
    assert read("install").own.indexes == {}


@pytest.mark.parametrize("value", ["CUDA_HOME", "=x", "A=1 B", "A='1"])
def test_variables_for_builds_that_name_none_end_with_3(value: str) -> None:
    with pytest.raises(BadBuildVariables) as caught:
        read("install", PIPFAST_BUILD_ENV_DEMO=value)
    assert caught.value.exit_code == 3
    assert "PIPFAST_BUILD_ENV_DEMO" in caught.value.message
