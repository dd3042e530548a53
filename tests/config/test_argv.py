"""optparse's rules, one by one; `compat/options` runs pip itself beside them."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipfast.config.argv import Arguments, parse
from pipfast.config.option_types import BadValue
from pipfast.config.subcommands import COMMANDS, MAIN
from pipfast.errors import CommandError, NotNative

INSTALL = COMMANDS["install"]


def _defaults() -> Mapping[str, object]:
    return {option.dest: option.default for option in reversed(INSTALL.options)}


def read(line: str) -> Arguments:
    return parse(line.split(), INSTALL, _defaults())


@pytest.mark.parametrize(
    ("line", "dest", "value"),
    [
        ("-r a -ra --requirement=b --requirement c", "requirements", ("a", "a", "b", "c")),
        ("--prefi p", "prefix_path", "p"),
        ("-Ut d", "target_dir", "d"),
        ("-Utd", "target_dir", "d"),
        ("-t=d", "target_dir", "=d"),
        ("-vvv -q", "verbose", 3),
        ("--no-compile --compile", "compile", True),
        ("--compile --no-compile", "compile", False),
        ("--retries 0x10", "retries", 16),
        ("--retries 010", "retries", 8),
        ("--timeout 3", "timeout", 3.0),
        ("--cache-dir x --no-cache-dir", "cache_dir", False),
        ("--no-cache-dir --cache-dir x", "cache_dir", "x"),
        ("-C a=1 -C a=2 -C b=", "config_settings", {"a": ["1", "2"], "b": ""}),
        ("--python-version 310", "python_version", (3, 10)),
        ("--python-version 3.7.2", "python_version", (3, 7, 2)),
        ("--group dev", "dependency_groups", (("pyproject.toml", "dev"),)),
        ("--refresh-package :all:,:none:,A_b", "refresh_package", frozenset({"a-b"})),
        ("--no-binary A.b --only-binary a-b", "format_control", (set(), {"a-b"})),
        ("--only-binary x --no-binary :all:", "format_control", ({":all:"}, set())),
        ("--all-releases a --only-final :all:", "release_control", (set(), {":all:"})),
    ],
)
def test_an_option_means_what_it_means_to_optparse(line: str, dest: str, value: object) -> None:
    assert read(line).values[dest] == value


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("a --pre b", ("a", "b")),
        ("a -- --pre b", ("a", "--pre", "b")),
        ("- a", ("-", "a")),
        ("-- --", ("--",)),
        ("", ()),
    ],
)
def test_what_is_no_option_is_a_word(line: str, words: tuple[str, ...]) -> None:
    assert read(line).words == words


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("--bogus", "no such option: --bogus"),
        ("--bogus=1", "no such option: --bogus"),
        ("-Ux", "no such option: -x"),
        ("--pre=1", "--pre option does not take a value"),
        ("--up", "ambiguous option: --up (--upgrade, --upgrade-strategy, --uploaded-prior-to?)"),
        ("-r", "-r option requires 1 argument"),
        ("--constr", "--constraint option requires 1 argument"),
        ("--retries x", "option --retries: invalid integer value: 'x'"),
        ("--timeout x", "option --timeout: invalid floating-point value: 'x'"),
        (
            "--root-user-action x",
            "option --root-user-action: invalid choice: 'x' (choose from 'warn', 'ignore')",
        ),
        ("-C x", "Arguments to -C must be of the form KEY=VAL"),
    ],
)
def test_a_wrong_word_is_refused_in_optparses_words(line: str, message: str) -> None:
    with pytest.raises(BadValue) as caught:
        read(line)
    assert str(caught.value) == message


def test_help_is_left_to_pip() -> None:
    with pytest.raises(NotNative):
        read("-h")


def test_a_fault_before_the_help_flag_is_told_first() -> None:
    with pytest.raises(BadValue):
        read("--bogus -h")


def test_a_list_of_names_cannot_begin_with_a_dash() -> None:
    with pytest.raises(CommandError, match="--no-binary / --only-binary option requires 1 arg"):
        read("--no-binary -r")


def test_before_the_subcommand_the_first_word_ends_the_options() -> None:
    arguments = parse(["-v", "install", "-v"], MAIN, {"verbose": 0}, interspersed=False)
    assert (arguments.values["verbose"], arguments.words) == (1, ("install", "-v"))


@given(
    st.lists(st.sampled_from(["-r", "x", "--pre", "-v", "--", "-Uv", "--timeout=1", "--no-user"]))
)
def test_the_defaults_are_never_changed_in_place(words: list[str]) -> None:
    defaults = _defaults()
    before = dict(defaults)
    try:
        arguments = parse(words, INSTALL, defaults)
    except BadValue:
        arguments = None
    assert defaults == before
    if arguments is not None:
        changed = {d for d, value in arguments.values.items() if value != before[d]}
        assert changed <= arguments.given
