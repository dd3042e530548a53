"""`pipfast tree` in a real environment."""

from __future__ import annotations

import pytest

from pipfast.report.tree_lines import ASCII, LINES, marks_for
from tests.kit.own_command import Workplace
from tests.kit.wheels import wheel


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Workplace:
    """An environment without problems: a diamond, a cycle and extras."""
    place = Workplace(tmp_path_factory.mktemp("tree"))
    place.make_env()
    place.offer(
        wheel("app", "1.0", "left>=1", "right[fast]<2"),
        wheel("left", "1.5", "base>=1,!=3"),
        wheel("right", "1.1", "base", "speed; extra == 'fast'", extras=("fast", "slow")),
        wheel("base", "2.0"),
        wheel("speed"),
        wheel("Loop", "1.0", "pool"),
        wheel("pool", "1.0", "loop"),
        wheel("broken", "1.0", "absent>=1", "base>=5"),
    )
    assert place.run("install", "app", "loop").code == 0
    return place


@pytest.fixture(scope="module")
def damaged(place: Workplace, tmp_path_factory: pytest.TempPathFactory) -> Workplace:
    """The same with a distribution whose requirements are not satisfied."""
    folder = tmp_path_factory.mktemp("damaged")
    damaged = Workplace(folder, {"PIP_FIND_LINKS": str(place.folder / "wheels")})
    damaged.make_env()
    assert damaged.run("install", "app").code == 0
    assert damaged.run("install", "--no-deps", "broken").code == 0
    return damaged


def test_it_begins_with_what_nothing_requires(place: Workplace) -> None:
    ended = place.run("tree", PYTHONIOENCODING="utf-8")
    assert (ended.code, ended.err) == (0, "")
    assert ended.lines == [
        "app 1.0 (requested)",
        "├── left 1.5 (needs >=1)",
        "│   └── base 2.0 (needs !=3,>=1)",
        "└── right 1.1 (needs [fast]<2)",
        "    ├── base 2.0",
        "    └── speed 1.0 (extra fast)",
        "Loop 1.0 (requested)",
        "└── pool 1.0",
        "    └── Loop 1.0 (cycle)",
    ]


def test_what_was_shown_is_not_repeated(place: Workplace) -> None:
    ended = place.run("tree", "left", "app", PYTHONIOENCODING="utf-8")
    assert ended.lines == [
        "left 1.5",
        "└── base 2.0 (needs !=3,>=1)",
        "app 1.0 (requested)",
        "├── left 1.5 (needs >=1) (*)",
        "└── right 1.1 (needs [fast]<2)",
        "    ├── base 2.0",
        "    └── speed 1.0 (extra fast)",
        "(*) shown above",
    ]


def test_the_reverse_shows_what_requires_a_distribution(place: Workplace) -> None:
    ended = place.run("tree", "--reverse", "base", PYTHONIOENCODING="ascii")
    assert ended.lines == [
        "base 2.0",
        "|-- left 1.5 (needs base!=3,>=1)",
        "|   `-- app 1.0 (needs left>=1)",
        "`-- right 1.1 (needs base)",
        "    `-- app 1.0 (needs right[fast]<2)",
    ]
    roots = [line for line in place.run("tree", "--reverse").lines if line[0].isalpha()]
    assert [line.split()[0] for line in roots] == ["base", "Loop", "speed"]


def test_the_depth_is_limited(place: Workplace) -> None:
    ended = place.run("tree", "app", "--depth", "1", PYTHONIOENCODING="ascii")
    assert ended.lines == [
        "app 1.0 (requested)",
        "|-- left 1.5 (needs >=1) ...",
        "`-- right 1.1 (needs [fast]<2) ...",
    ]
    assert place.run("tree", "app", "--depth", "0").lines == ["app 1.0 (requested) ..."]
    assert place.run("tree", "--depth=-1").err == "ERROR: --depth must not be negative\n"


def test_an_extra_of_a_named_project_counts(place: Workplace) -> None:
    alone = Workplace(place.folder.parent, {})
    assert alone.env != place.env
    lines = place.run("tree", "right[slow,fast]", PYTHONIOENCODING="ascii").lines
    assert lines[-1] == "`-- speed 1.0 (extra fast)"


def test_missing_and_conflicting_requirements_end_with_1(damaged: Workplace) -> None:
    ended = damaged.run("tree", "broken", PYTHONIOENCODING="ascii")
    assert (ended.code, ended.lines) == (
        1,
        [
            "broken 1.0 (requested)",
            "|-- absent (needs >=1) missing",
            "`-- base 2.0 (needs >=5) conflict",
        ],
    )
    assert damaged.run("tree").code == 1
    assert damaged.run("tree", "app").code == 0
    reverse = damaged.run("tree", "--reverse", PYTHONIOENCODING="ascii")
    assert reverse.lines[:2] == ["absent missing", "`-- broken 1.0 (needs absent>=1) missing"]
    assert damaged.run("tree", "absent", "--reverse").code == 1


def test_a_project_that_is_not_installed_ends_with_1(place: Workplace) -> None:
    ended = place.run("tree", "nothing", "base")
    assert (ended.code, ended.lines) == (1, ["base 2.0"])
    assert ended.err == "WARNING: Not installed: nothing\n"


def test_a_project_is_left_out(place: Workplace) -> None:
    lines = place.run("tree", "left", "--exclude", "base", PYTHONIOENCODING="ascii").lines
    assert lines == ["left 1.5", "`-- base (needs !=3,>=1) missing"]


def test_an_invalid_requirement_is_one_warning(damaged: Workplace) -> None:
    [file] = damaged.env.rglob("base-2.0.dist-info/METADATA")
    before = file.read_text()
    file.unlink()  # it may be a link to the file in the store
    file.write_text(before.replace("Version: 2.0\n", "Version: 2.0\nRequires-Dist: x (>=>1)\n"))
    ended = damaged.run("tree", "base")
    assert ended.err == ("WARNING: base has an invalid requirement, which is left out: x (>=>1)\n")


def test_the_json_document_has_each_requirement_once(damaged: Workplace) -> None:
    ended = damaged.run("tree", "broken", "--json")
    assert ended.code == 1
    document = ended.document
    assert document["roots"] == ["broken"]
    states = [(one["project"], one["state"]) for one in document["requirements"]]  # type: ignore[attr-defined]
    assert states == [("absent", "missing"), ("base", "conflicting")]
    listed = [one["project"] for one in document["distributions"]]  # type: ignore[attr-defined]
    assert listed == ["base", "broken"]


def test_an_empty_environment_says_so(place: Workplace) -> None:
    empty = place.folder / "empty"
    empty.mkdir()
    assert place.run("tree", "--path", str(empty)).lines == ["No distribution is installed."]


@pytest.mark.parametrize(
    ("encoding", "marks"),
    [("utf-8", LINES), ("cp437", LINES), ("ascii", ASCII), ("latin-1", ASCII), (None, ASCII)],
)
def test_lines_are_drawn_as_the_output_permits(encoding: str | None, marks: object) -> None:
    assert marks_for(encoding) is marks
