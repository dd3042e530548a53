"""What is judged without `packaging` is judged as packaging judges it."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from packaging.markers import Marker
from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import SpecifierSet
from packaging.version import InvalidVersion, Version

from pipfast.model.fast_requirements import admits, applies, read
from pipfast.model.fast_versions import ordered, version_text
from tests.kit.marker_environments import LINUX

numbers = st.integers(0, 3).map(str)
releases = st.lists(numbers, min_size=1, max_size=4).map(".".join)
afters = st.sampled_from(
    ["", "", "", "a1", "b2", "rc1", "a", "a.0", ".post1", "-1", ".dev1", "rc1.post1.dev2",
     "a1.dev1", ".post1.dev1", "+cpu", "alpha1", "c1", ".*", "!1"]
)  # fmt: skip
versions = st.builds(str.__add__, releases, afters)
operators = st.sampled_from(["==", "!=", "<", "<=", ">", ">=", "~=", "==="])
clauses = st.builds(
    lambda op, gap, v: f"{op}{gap}{v}", operators, st.sampled_from(["", " "]), versions
)
specifiers = st.lists(clauses, max_size=3).map(lambda parts: ", ".join(parts))
literals = st.one_of(
    releases.flatmap(lambda text: st.sampled_from([text, f"{text}.*", f" {text}"])),
    st.sampled_from(["linux", "win32", "posix", "CPython", "cpython", "x86_64", "Linux", "3.11.7"]),
)
variables = st.sampled_from([*LINUX, "extra", "nonsense"])
marker_operators = st.sampled_from(["==", "!=", "<", "<=", ">", ">=", "~=", "in", "not in"])
atoms = st.builds(
    lambda variable, op, quote, text, swap: (
        f"{quote}{text}{quote} {op} {variable}" if swap else f"{variable} {op} {quote}{text}{quote}"
    ),
    variables,
    marker_operators,
    st.sampled_from("'\""),
    literals,
    st.sampled_from([False, False, False, True]),
)
markers = st.recursive(
    atoms,
    lambda inner: st.builds(
        lambda left, word, right, bracket: f"({left} {word} {right})" if bracket
        else f"{left} {word} {right}",
        inner, st.sampled_from(["and", "or"]), inner, st.booleans(),
    ),
    max_leaves=4,
)  # fmt: skip
names = st.sampled_from(["demo", "De_mo.x", "a", "-bad", "a-", "zope.interface"])
extras = st.sampled_from(["", "[x]", "[x, y]", "[]", "[-]", " [x] "])


def lines() -> st.SearchStrategy[str]:
    return st.builds(
        lambda name, extra, form, specifier, tail: f"{name}{extra}{form.format(specifier)}{tail}",
        names,
        extras,
        st.sampled_from(["{}", " {}", " ({})", "({}"]),
        specifiers,
        st.one_of(st.just(""), markers.map(lambda marker: f" ; {marker}"), st.just(" @ file:///x")),
    )


@given(lines())
@example("botocore (<2.0a.0,>=1.37.4)")
@example("tools==1.36.0-1; extra == 'x'")
def test_a_plain_requirement_is_one_of_packagings(line: str) -> None:
    plain = read(line)
    if plain is None:
        return
    try:
        requirement = Requirement(line)
    except InvalidRequirement:
        # The marker alone may be wrong, and is read when it is asked for.
        assert plain.marker is not None
        assert applies(plain.marker, LINUX) is None
        return
    assert plain.name == requirement.name
    counts = applies(plain.marker, LINUX)
    if counts is not None:
        marker = requirement.marker
        assert counts == (marker is None or marker.evaluate({**LINUX, "extra": ""}))


@given(specifiers, versions)
@example("<2.0a.0,>=1.37.4", "2.0a0")
@example(">1.0", "1.0.post1")
@example("<1.0", "1.0.dev1")
@example("~=2.2.post3", "2.2.post4")
@example(">0a1", "0.post1")
@example(">0a1", "0a1.post1")
def test_a_plain_version_is_admitted_as_packaging_does(specifier: str, version: str) -> None:
    plain = read(f"demo {specifier}")
    admitted = plain and admits(plain.clauses, version)
    if admitted is None:
        return
    assert admitted == SpecifierSet(specifier).contains(Version(version), prereleases=True)


asked_extras = st.sampled_from(["", "x", "X", "linux", "x86-64", "x86_64", "3.11.7", "cpython"])


@given(markers, asked_extras)
@example("extra == 'x86_64'", "X86-64")
def test_a_plain_marker_holds_where_packaging_says_so(marker: str, extra: str) -> None:
    holds = applies(marker, LINUX, extra)
    if holds is not None:
        assert holds == Marker(marker).evaluate({**LINUX, "extra": extra})


@pytest.mark.parametrize(
    ("line", "version", "admitted"),
    [
        ("demo", "1.0", True),
        ("demo >=1.2,<2", "1.9.post0", True),
        ("demo (>=1.2)", "1.1", False),
        ("demo[x,y]~=1.4; extra == 'z'", "1.5", True),
        ("demo==1.*", "1.0rc1", True),
        ("demo<2.0a.0", "1.43", True),
        ("demo==1.0+cpu", "1.0", None),
        ("demo==1.0", "1.0+cpu", None),
        ("demo===1.0", "1.0", None),
        ("demo @ file:///demo", "1.0", None),
    ],
)
def test_what_people_write_is_plain(line: str, version: str, admitted: bool | None) -> None:
    plain = read(line)
    assert (plain and admits(plain.clauses, version)) is admitted


@pytest.mark.parametrize(
    ("marker", "holds"),
    [
        ("python_version < '3.8'", False),
        ('(sys_platform == "win32" or os_name == "posix") and python_full_version>="3.11"', True),
        ("extra == 'x'", False),
        ("extra == 'x' or python_version >= '3'", True),
        ("python_version in '2.7 3.11'", None),
        ("'linux' in sys_platform", None),
        ("platform_release > '5'", None),
        ("(os_name == 'posix'", None),
    ],
)
def test_markers_that_people_write_are_plain(marker: str, holds: bool | None) -> None:
    assert applies(marker, LINUX) is holds


@given(versions)
@example("1.0.0+5a")
@example("01.0")
@example("1.0-1")
def test_a_version_is_written_as_packaging_writes_it(text: str) -> None:
    try:
        expected: str | None = str(Version(text))
    except InvalidVersion:
        expected = None
    assert version_text(text) == expected


orderable = st.builds(
    str.__add__, st.lists(st.integers(0, 12).map(str), min_size=1, max_size=4).map(".".join),
    st.sampled_from(
        ["", "", "a1", "b2", "rc1", "rc10", "rc2", ".post1", ".post0", "-1", ".dev1", ".dev0",
         "a1.post1.dev2", "rc1.dev0", ".post1.dev0", "+cpu", "+cu121", "+1", "+a.1", "c1", "1!0"]
    ),
)  # fmt: skip


@given(st.lists(orderable, min_size=2, max_size=8))
def test_versions_are_ordered_as_packaging_orders_them(texts: list[str]) -> None:
    found = [ordered(text) for text in texts]
    read = [_packaging_version(text) for text in texts]
    assert [one and one[0] for one in found] == [one and str(one) for one in read]
    pairs = [(key, own) for key, own in zip(found, read, strict=True) if key and own]
    for (_, key), own in pairs:
        for (_, other_key), other in pairs:
            assert (key < other_key, key == other_key) == (own < other, own == other)


def _packaging_version(text: str) -> Version | None:
    try:
        return Version(text)
    except InvalidVersion:
        return None
