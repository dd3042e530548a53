from __future__ import annotations

from email.parser import HeaderParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipfast.model.metadata import Metadata, cannot_apply_without_extra, parse_metadata

MARKERS = {"python_version": "3.11", "sys_platform": "linux"}

DOCUMENT = """\
Metadata-Version: 2.1
Name: Demo_App
Version: 1.0
License: first line
        second line
        \x20
        after a line of blanks
requires-dist: one>=1
Requires-Dist: two; extra == "full"
Requires-Python: >=3.8
Provides-Extra: full

Requires-Dist: not-a-field; the body begins above
"""


def test_the_fields_of_the_header_are_read_and_the_body_is_not() -> None:
    assert parse_metadata(DOCUMENT) == Metadata(
        name="Demo_App",
        version="1.0",
        requires_dist=("one>=1", 'two; extra == "full"'),
        requires_python=">=3.8",
        provides_extra=("full",),
        metadata_version="2.1",
    )


def test_line_ends_of_windows_are_line_ends() -> None:
    assert parse_metadata(DOCUMENT.replace("\n", "\r\n")) == parse_metadata(DOCUMENT)


values = st.text(st.characters(codec="ascii", exclude_categories=["C"]), min_size=1).filter(
    lambda text: text == text.strip()
)


@given(st.lists(values), values)
def test_values_are_what_the_email_parser_reads(requires: list[str], name: str) -> None:
    text = f"Name: {name}\n" + "".join(f"Requires-Dist: {line}\n" for line in requires)
    message = HeaderParser().parsestr(text)
    metadata = parse_metadata(text)
    assert metadata.name == message["Name"]
    assert list(metadata.requires_dist) == message.get_all("Requires-Dist", [])


@pytest.mark.parametrize(
    ("line", "skipped"),
    [
        ("a; extra == 'x'", True),
        ('a>=1 ; extra == "x"', True),
        ("a; python_version < '3' and extra == 'x'", True),
        ("a; (python_version < '3') and extra == 'x'", True),
        ("a; python_version < '3' or extra == 'x'", False),
        ("a; (python_version < '3' or extra == 'x')", False),
        ("a; extra == 'x' or extra == 'y'", False),
        ("a; extra != 'x'", False),
        ("a", False),
    ],
)
def test_only_a_conjunction_that_ends_in_an_extra_is_skipped_unparsed(
    line: str, *, skipped: bool
) -> None:
    assert cannot_apply_without_extra(line) is skipped


def test_a_requirement_of_an_extra_applies_with_that_extra_alone() -> None:
    metadata = parse_metadata(DOCUMENT)
    assert [str(one) for one in metadata.dependencies((), MARKERS)] == ["one>=1"]
    with_extra = [one.name for one in metadata.dependencies(("full",), MARKERS)]
    assert with_extra == ["one", "two"]


ATOMS = st.sampled_from(
    [
        'extra == "a"', 'extra != "A_b"', '"a" in extra', 'extra not in "a b"', 'extra < "b"',
        'extra ~= "1.0"', 'extra === "a"', "extra >= '2'", 'python_version < "3"',
        'python_version ~= "3.8"', 'sys_platform ~= "linux"', 'sys_platform === "linux"',
        'sys_platform in "linux"', 'python_version in "3.11"', 'os_name == "posix"',
        'python_version == "x"', '"x" in extras', 'extra', '("a" == extra)',
    ]
)  # fmt: skip


def failure(metadata: Metadata, extras: tuple[str, ...]) -> str:
    try:
        list(metadata.dependencies(extras, MARKERS))
    except Exception as error:  # noqa: BLE001 - whichever it is
        return f"{type(error).__name__}: {error}"
    return ""


@given(st.lists(st.tuples(ATOMS, st.sampled_from(["and", "or"])), min_size=1, max_size=4))
def test_one_extra_shows_whether_requirements_can_be_evaluated(
    atoms: list[tuple[str, str]],
) -> None:
    marker = " ".join(word for pair in atoms for word in pair).rpartition(" ")[0]
    metadata = Metadata(
        name="demo", version="1.0", requires_dist=(f"x; {marker}",), provides_extra=("a", "A.b", "")
    )
    extras = metadata.provides_extra
    shown = failure(metadata, extras[:1])
    assert bool(shown) == bool(failure(metadata, extras))
