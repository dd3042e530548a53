"""`pipfast why` in a real environment."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.kit.own_command import Workplace
from tests.kit.wheels import wheel


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Workplace:
    """An environment with chains, a cycle, an extra and a conflict; tests leave it as it is."""
    place = Workplace(tmp_path_factory.mktemp("why"))
    place.make_env()
    place.offer(
        wheel("app", "1.0", "mid>=1", "loop"),
        wheel("tool", "2.0", "mid", "base<9"),
        wheel("mid", "1.5", "base>=1,!=3", "base[fast]", "gone; python_version < '3'"),
        wheel("base", "2.0", "speed; extra == 'fast'", extras=("fast", "slow")),
        wheel("base", "1.0"),
        wheel("speed"),
        wheel("loop", "1.0", "pool"),
        wheel("pool", "1.0", "loop"),
        wheel("web", "1.0", "socks>=2; extra == 'proxy'", extras=("proxy",)),
        wheel("socks", "2.0"),
        wheel("alone"),
        wheel("needy", "1.0", "absent>=1", "base>=5"),
    )
    assert place.run("install", "app", "tool", "web[proxy]").code == 0
    assert place.run("install", "--no-deps", "needy", "alone").code == 0
    for info in place.env.rglob("alone-1.0.dist-info/REQUESTED"):
        info.unlink()
    return place


def test_all_paths_to_what_was_requested_are_shown(place: Workplace) -> None:
    ended = place.run("why", "speed")
    assert (ended.code, ended.err) == (0, "")
    assert ended.lines == [
        "speed 1.0 is installed: it is required by",
        "  base[fast] 2.0 requires speed",
        "    mid 1.5 requires base[fast]",
        "      app 1.0 requires mid>=1 (requested)",
        "      tool 2.0 requires mid (requested)",
    ]


def test_a_requirement_that_conflicts_says_so(place: Workplace) -> None:
    assert place.run("why", "base").lines[0] == "base 2.0 is installed: it is required by"
    conflict = "  needy 1.0 requires base>=5, which conflicts (requested)"
    assert conflict in place.run("why", "base").lines


def test_a_cycle_is_shown_once(place: Workplace) -> None:
    assert place.run("why", "pool").lines == [
        "pool 1.0 is installed: it is required by",
        "  loop 1.0 requires pool",
        "    app 1.0 requires loop (requested)",
        "    pool 1.0 requires loop (shown above)",
    ]


def test_what_was_requested_says_so(place: Workplace) -> None:
    assert place.run("why", "App").lines == ["app 1.0 is installed: it was requested"]


def test_an_extra_that_may_have_been_requested_is_named(place: Workplace) -> None:
    assert place.run("why", "socks").lines == [
        "socks 2.0 is installed; nothing requires it",
        "It belongs to extras, which may have been requested:",
        "  web[proxy] 1.0 requires socks>=2",
    ]
    assert place.run("why", "alone").lines == ["alone 1.0 is installed; nothing requires it"]


def test_what_is_not_installed_ends_with_1(place: Workplace) -> None:
    assert (place.run("why", "nothing").code, place.run("why", "nothing").lines) == (
        1,
        ["nothing is not installed"],
    )
    missing = place.run("why", "absent")
    assert (missing.code, missing.lines) == (
        1,
        [
            "absent is not installed, but it is required by",
            "  needy 1.0 requires absent>=1 (requested)",
        ],
    )


def test_the_json_document_has_requirements_and_chains(place: Workplace) -> None:
    found = place.run("why", "mid", "--json").document
    assert found["chains"] == [["app"], ["tool"]]
    assert (found["installed_version"], found["requested"]) == ("1.5", False)
    assert found["required_by"] == [
        {
            "dependent": "app",
            "project": "mid",
            "requirement": "mid>=1",
            "extra": None,
            "state": "satisfied",
            "installed_version": "1.5",
        },
        {
            "dependent": "tool",
            "project": "mid",
            "requirement": "mid",
            "extra": None,
            "state": "satisfied",
            "installed_version": "1.5",
        },
    ]


@pytest.mark.parametrize(
    ("words", "code", "error"),
    [
        ([], 1, "ERROR: why needs a project\n"),
        (["app>1"], 1, "ERROR: 'app>1' is not the name of a project\n"),
        (["app", "--last", "tool"], 1, "ERROR: why --last takes a project and no requirements\n"),
    ],
)
def test_wrong_arguments_are_one_error(
    place: Workplace, words: list[str], code: int, error: str
) -> None:
    ended = place.run("why", *words)
    assert (ended.code, ended.out, ended.err) == (code, "", error)


def test_an_unknown_option_ends_with_usage_and_code_2(place: Workplace) -> None:
    ended = place.run("why", "--no-such-option")
    assert ended.code == 2
    assert "  pipfast why [options] <project>\n" in ended.err


@pytest.mark.parametrize("name", ["why", "tree"])
def test_a_program_named_pip_has_no_such_command(tmp_path: Path, name: str) -> None:
    ended = Workplace(tmp_path).run(name, "demo", program="pip")
    assert ended.code == 1
    assert f'ERROR: unknown command "{name}"' in ended.err
