from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipfast.errors import InstallationError
from pipfast.model.digest import Digest
from pipfast.model.events import Event
from pipfast.model.file_urls import url_of_path
from pipfast.model.user_requirement import FileLine
from pipfast.requirements.errors import InvalidEggFragment, UnparsableInput
from pipfast.requirements.parse import (
    LineContext,
    parse_editable,
    parse_pep508,
    parse_requirement,
)
from pipfast.requirements.parse_link import parse_link
from tests.kit.texts import texts


@pytest.fixture(autouse=True)
def _inside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder with a wheel, a project and an empty folder, as the current one."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "foo-1.0-py3-none-any.whl").write_bytes(b"")
    (tmp_path / "bad.whl").write_bytes(b"")
    (tmp_path / "empty").mkdir()
    (tmp_path / "project").mkdir()
    (tmp_path / "project" / "pyproject.toml").write_text("")
    (tmp_path / "list.txt").write_text("# a list\n\nfoo # bar\n")
    (tmp_path / "prose.txt").write_text("it is not a list\n")


@pytest.mark.parametrize(
    ("word", "requirement"),
    [
        ("foo", "foo"),
        (" Foo[b,A] >= 1 ", "Foo[A,b]>=1"),
        ("foo>=1 ; python_version>'3'", 'foo>=1; python_version > "3"'),
        ("foo==1;", "foo==1"),
        ("./foo-1.0-py3-none-any.whl", "foo==1.0"),
        ("./foo-1.0-py3-none-any.whl[A,b]", "foo[a,b]==1.0"),
        ("foo-1.0-py3-none-any.whl;os_name=='x'", 'foo==1.0; os_name == "x"'),
        ("https://h/foo-1.0-py3-none-any.whl; os_name=='x'", 'foo==1.0; os_name == "x"'),
        ("foo @ https://h/x.whl ; os_name=='x'", 'foo@ https://h/x.whl ; os_name == "x"'),
    ],
)
def test_a_word_is_a_requirement(word: str, requirement: str) -> None:
    assert str(parse_requirement(word).requirement) == str(parse_pep508(requirement).requirement)


@pytest.mark.parametrize(
    ("word", "url"),
    [
        ("foo", None),
        ("./foo-1.0-py3-none-any.whl[x]", "{here}/foo-1.0-py3-none-any.whl"),
        ("empty/../foo-1.0-py3-none-any.whl", "{here}/foo-1.0-py3-none-any.whl"),
        ("file:empty/../foo-1.0-py3-none-any.whl", "{here}/foo-1.0-py3-none-any.whl"),
        ("./project", "{here}/project"),
        ("project", None),
        ("foo @ https://u:p@h/foo-1.0-py3-none-any.whl", "https://u:p@h/foo-1.0-py3-none-any.whl"),
        ("git+https://h/x@v1#egg=foo", "git+https://h/x@v1"),
    ],
)
def test_a_path_or_url_is_a_link(word: str, url: str | None, tmp_path: Path) -> None:
    here = url_of_path(str(tmp_path))
    link = parse_requirement(word).link
    assert (link.url if link else None) == (url.format(here=here) if url else None)


def test_the_fragment_of_a_url_holds_its_digest() -> None:
    link = parse_requirement("https://h/foo-1.0-py3-none-any.whl#egg=foo&sha256=aB&sha512=c").link
    assert link is not None
    assert link.digests == (Digest("sha256", "aB"),)
    assert link.fragment == "egg=foo&sha256=aB&sha512=c"


@pytest.mark.parametrize("word", ["./project", "https://h/foo-1.0.tar.gz", "git+https://h/x"])
def test_what_does_not_say_its_project_has_no_requirement(word: str) -> None:
    assert parse_requirement(word).requirement is None


@pytest.mark.parametrize(
    ("word", "message"),
    [
        (
            "a=1",
            "Invalid requirement: 'a=1': Expected semicolon (after name with no version specifier)"
            " or end\n    a=1\n     ^\nHint: = is not a valid operator. Did you mean == ?",
        ),
        ("a b", "Invalid requirement: 'a b': Expected semicolon (after name with no version "
                "specifier) or end\n    a b\n      ^"),
        ("a; bogus=='1'", "Invalid requirement: 'a': Expected a marker variable or quoted string"
                          "\n    bogus=='1'\n    ^"),
        ("./empty", "Directory './empty' is not installable. Neither 'setup.py' nor "
                    "'pyproject.toml' found."),
        ("bad.whl", "Invalid wheel filename (wrong number of parts): 'bad'"),
        (
            "./nope",
            "Invalid requirement: './nope': Expected package name at the start of dependency "
            "specifier\n    ./nope\n    ^\nHint: It looks like a path. File './nope' does not "
            "exist.",
        ),
        (
            "./list.txt",
            "Invalid requirement: './list.txt': Expected package name at the start of dependency "
            "specifier\n    ./list.txt\n    ^\nHint: It looks like a path. The path does exist. "
            "The argument you provided (./list.txt) appears to be a requirements file. If that is "
            "the case, use the '-r' flag to install the packages specified within it.",
        ),
        (
            "./prose.txt",
            "Invalid requirement: './prose.txt': Expected package name at the start of dependency "
            "specifier\n    ./prose.txt\n    ^\nHint: It looks like a path. The path does exist. ",
        ),
    ],
)  # fmt: skip
def test_a_malformed_word_is_pips_error(word: str, message: str) -> None:
    with pytest.raises(InstallationError) as error:
        parse_requirement(word)
    assert error.value.message == message


def test_a_malformed_line_is_told_with_its_place() -> None:
    origin = FileLine(flag="-r", path="r.txt", line=3)
    with pytest.raises(InstallationError, match=r"\^ \(from line 3 of r.txt\)\nHint: = is not"):
        parse_requirement("a=1", LineContext(origin=origin))


@pytest.mark.parametrize("word", ["foo[x,]", "http://["])
def test_a_word_that_pip_cannot_read_ends_with_its_code(word: str) -> None:
    with pytest.raises(UnparsableInput) as error:
        parse_requirement(word)
    assert error.value.exit_code == 2


def test_an_archive_that_is_not_there_is_warned_of_and_kept(tmp_path: Path) -> None:
    emitted: list[Event] = []
    link = parse_requirement("nope-1.0-py3-none-any.whl", emit=emitted.append).link
    assert link is not None
    assert link.path == tmp_path / "nope-1.0-py3-none-any.whl"
    assert texts(emitted) == [
        "Requirement 'nope-1.0-py3-none-any.whl' looks like a filename, but the file does not exist"
    ]


@pytest.mark.parametrize(
    ("egg", "hint"),
    [
        ("a[b]", "hint: Try using the Direct URL requirement syntax: 'name[extra] @ URL'"),
        ("a>1", "hint: Version specifiers are silently ignored for URL references. Remove them. "),
        ("a b", "hint: Egg fragments can only be a valid project name."),
    ],
)
def test_an_egg_fragment_is_the_name_of_a_project(egg: str, hint: str) -> None:
    with pytest.raises(InvalidEggFragment) as error:
        parse_requirement(f"https://h/foo-1.0-py3-none-any.whl#egg={egg}")
    lines = error.value.message.splitlines()
    assert lines[0] == "error: invalid-egg-fragment"
    assert lines[2].endswith(f"The '{egg}' egg fragment is invalid")
    assert lines[-1] == hint


def test_a_group_takes_nothing_but_pep_508() -> None:
    assert parse_pep508("foo @ https://h/x.whl").link is not None
    with pytest.raises(InstallationError, match=r"Invalid requirement: './foo'"):
        parse_pep508("./foo")


@pytest.mark.parametrize(
    ("text", "name", "url"),
    [
        ("./project", None, "{here}/project"),
        ("project[x]", None, "{here}/project"),
        ("git+https://h/x#egg=foo", "foo", "git+https://h/x"),
        ("hg+https://h/x#egg=foo", "foo", "hg+https://h/x"),
        ("foo[x] @ git+ssh://h/x ; os_name=='x'", "foo", "git+ssh://h/x"),
    ],
)
def test_an_editable_is_a_folder_or_a_repository(
    text: str, name: str | None, url: str, tmp_path: Path
) -> None:
    wanted = parse_editable(text)
    assert wanted.editable
    assert wanted.name == name
    assert wanted.link is not None
    assert wanted.link.url == url.format(here=url_of_path(str(tmp_path)))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("foo", "foo is not a valid editable requirement. It should either be a path to a local "
                "project or a VCS URL (beginning with bzr+http, "),
        ("https://h/x", "https://h/x is not a valid editable requirement. It should"),
        ("git+https://h/x", "Could not detect requirement name for 'git+https://h/x', please "
                            "specify one with your_package_name @ URL"),
    ],
)  # fmt: skip
def test_a_malformed_editable_is_pips_error(text: str, message: str) -> None:
    with pytest.raises(InstallationError) as error:
        parse_editable(text)
    assert error.value.message.startswith(message)


def test_an_editable_is_no_constraint() -> None:
    with pytest.raises(InstallationError, match="Editable requirements are not allowed as"):
        parse_editable("./project", LineContext(constraint=True))


@given(st.text(max_size=30))
def test_any_word_is_read_or_refused(word: str) -> None:
    with suppress(InstallationError):
        wanted = parse_requirement(word)
        assert wanted.requirement is not None or wanted.link is not None


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("https://h/a-1.whl", "https://h/a-1.whl#egg=a", True),
        ("https://h/a-1.whl", "https://user:secret@h/a-1.whl", True),
        ("https://h/a-1.whl?x=1&y=2", "https://h/a-1.whl?y=2&x=1", True),
        ("https://h/a-1.whl?x=1&x=2", "https://h/a-1.whl?x=2&x=1", False),
        ("file:///d/a", "file://localhost/d/a", True),
        ("https://h/a.zip#egg=a&subdirectory=s", "https://h/a.zip#subdirectory=s", True),
        ("https://h/a.zip#subdirectory=s", "https://h/a.zip", False),
        ("https://h/a.zip#sha256=00&egg=a", "https://h/a.zip#egg=a&sha256=00", True),
        ("https://h/a.zip#sha256=00", "https://h/a.zip#sha256=11", False),
    ],
)
def test_links_are_the_same_however_they_are_written(one: str, other: str, *, same: bool) -> None:
    assert (parse_link(one).comparable_location == parse_link(other).comparable_location) is same
