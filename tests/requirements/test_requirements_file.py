from __future__ import annotations

import codecs
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipfast.errors import InstallationError
from pipfast.model.digest import Digest
from pipfast.model.file_urls import url_of_path
from pipfast.requirements.errors import RequirementsFileError, UnparsableInput
from pipfast.requirements.requirements_file import (
    OptionLine,
    Reader,
    RequirementLine,
    logical_lines,
    read_file,
)


def nowhere(url: str) -> str:
    raise AssertionError(url)


Read = Callable[[str | bytes], list[RequirementLine | OptionLine]]


@pytest.fixture
def read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Read:
    """Reads a text as the file ``r.txt`` of the current folder."""
    monkeypatch.chdir(tmp_path)

    def lines(text: str | bytes) -> list[RequirementLine | OptionLine]:
        Path("r.txt").write_bytes(text.encode() if isinstance(text, str) else text)
        return list(read_file("r.txt", Reader(remote=nowhere, environ={})))

    return lines


def shown(lines: list[RequirementLine | OptionLine]) -> list[tuple[str, str]]:
    return [(line.text, str(line.origin)) for line in lines if isinstance(line, RequirementLine)]


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("foo\n\n bar \r\n", [(1, "foo"), (3, "bar")]),
        ("# a\nfoo#a\nbar #b\n\t# c\n", [(2, "foo#a"), (3, "bar")]),
        ("foo \\\n  ==1\nbar", [(1, "foo   ==1"), (3, "bar")]),
        ("foo \\\n# c\nbar", [(1, "foo"), (3, "bar")]),
        ("# c \\\nfoo", [(2, "foo")]),
        ("foo\\", [(1, "foo")]),
        ("a\\\n\nb", [(1, "a"), (3, "b")]),
        ("a\u2028b\x0cc", [(1, "a"), (2, "b"), (3, "c")]),
        ("${A} ${B} ${EMPTY} ${a} $A", [(1, "x ${B} ${EMPTY} ${a} $A")]),
    ],
)
def test_lines_are_joined_stripped_and_filled_in(text: str, lines: list[tuple[int, str]]) -> None:
    assert list(logical_lines(text, {"A": "x", "EMPTY": "", "a": "no"})) == lines


@given(st.text(alphabet="a#\\ \n$"))
def test_no_line_is_empty_or_begins_with_a_comment(text: str) -> None:
    for _, line in logical_lines(text, {}):
        assert line == line.strip()
        assert line
        assert not line.startswith("#")


def test_options_belong_to_their_requirement(read: Read) -> None:
    (line,) = read("foo==1 --hash=sha256:aa \\\n --hash=sha512:bb --hash sha256:cc -C k=v -C k=w\n")
    assert isinstance(line, RequirementLine)
    assert line.text == "foo==1"
    digests = [Digest("sha256", "aa"), Digest("sha256", "cc"), Digest("sha512", "bb")]
    assert list(line.options.digests) == digests
    assert line.options.config_settings == {"k": ["v", "w"]}


@pytest.mark.parametrize("written", ["--hash=sha256:aa --hash=sha384:bb", "--hash sha256:aa"])
def test_plain_hashes_are_read_as_the_option_parser_reads_them(read: Read, written: str) -> None:
    quick, slow = read(f"foo {written}\nfoo {written} -C a=b\n")
    assert quick.options.digests == slow.options.digests != ()


def test_a_line_of_options_is_for_the_whole_run(read: Read) -> None:
    (line,) = read("-i http://i --extra-index-url=http://e -f links --trusted-h h --pre --no-ind\n")
    assert isinstance(line, OptionLine)
    options = line.options
    assert (options.index_url, options.extra_index_urls) == ("http://i", ("http://e",))
    assert (options.find_links, options.trusted_hosts) == (("links",), ("h",))
    assert (options.pre, options.no_index, options.prefer_binary) == (True, True, False)


def test_files_name_files_relative_to_themselves(read: Read, tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "a.txt").write_text("-c b.txt\na\n")
    (tmp_path / "sub" / "b.txt").write_text("b\n")
    found = read("-r sub/a.txt\nc\n")
    assert shown(found) == [
        ("b", f"-c {tmp_path / 'sub' / 'b.txt'} (line 1)"),
        ("a", f"-r {tmp_path / 'sub' / 'a.txt'} (line 2)"),
        ("c", "-r r.txt (line 2)"),
    ]
    assert [line.constraint for line in found if isinstance(line, RequirementLine)] == [
        True, False, False,
    ]  # fmt: skip


def test_a_file_of_the_web_names_others_relative_to_itself() -> None:
    pages = {"https://h/a/r.txt": "-r ../b.txt\n-c https://i/c.txt\n", "https://h/b.txt": "b",
             "https://i/c.txt": "c"}  # fmt: skip
    found = list(read_file("https://h/a/r.txt", Reader(remote=pages.__getitem__, environ={})))
    assert shown(found) == [
        ("b", "-r https://h/b.txt (line 1)"),
        ("c", "-c https://i/c.txt (line 1)"),
    ]


def test_a_file_that_names_itself_is_pips_error(read: Read, tmp_path: Path) -> None:
    with pytest.raises(RequirementsFileError) as error:
        read("-r r.txt\n")
    assert error.value.message == f"{tmp_path / 'r.txt'} recursively references itself in r.txt"


def test_a_circle_of_files_tells_both_ends(read: Read, tmp_path: Path) -> None:
    (tmp_path / "b.txt").write_text("-r c.txt\n")
    (tmp_path / "c.txt").write_text("-c b.txt\n")
    with pytest.raises(RequirementsFileError) as error:
        read("-r b.txt\n")
    b, c = tmp_path / "b.txt", tmp_path / "c.txt"
    assert error.value.message == f"{b} recursively references itself in {c} and again in r.txt"


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("--bogus", "no such option: --bogus"),
        ("foo -x", "no such option: -x"),
        ("--index-url", "--index-url option requires 1 argument"),
        ("--no", "ambiguous option: --no (--no-binary, --no-index, --no-require-hashes?)"),
        ("--pre=1", "--pre option does not take a value"),
        ("foo --hash=sha256", "Arguments to --hash must be a hash name followed by a value, like "
                              "--hash=sha256:abcde..."),
        ("--hash=md5:a", "Allowed hash algorithms for --hash are sha256, sha384, sha512."),
        ("foo -C a", "Arguments to -C must be of the form KEY=VAL"),
    ],
)  # fmt: skip
def test_a_wrong_option_is_pips_error_with_usage(read: Read, line: str, why: str) -> None:
    with pytest.raises(RequirementsFileError) as error:
        read(f"{line}\n")
    assert error.value.message == f"Invalid requirement: {line}\npip: error: {why}\n"
    assert error.value.usage == "Usage: pip [options]\n"


def test_a_quote_that_does_not_end_is_pips_error(read: Read) -> None:
    with pytest.raises(RequirementsFileError) as error:
        read("foo --hash='x\n")
    assert error.value.message == (
        "Invalid requirement: foo --hash='x\nCould not split options: --hash='x"
    )
    assert not error.value.usage


@pytest.mark.parametrize(("constraint", "kind"), [(False, "requirements"), (True, "constraint")])
def test_a_file_that_is_not_there_is_pips_error(constraint: bool, kind: str) -> None:
    with pytest.raises(InstallationError) as error:
        list(read_file("no/x", Reader(remote=nowhere, environ={}), constraint=constraint))
    assert error.value.message == (
        f"Could not open {kind} file: [Errno 2] No such file or directory: 'no/x'"
    )


def test_a_file_url_is_read_like_a_servers_answer(tmp_path: Path) -> None:
    reader = Reader(remote=nowhere, environ={})
    url = url_of_path(str(tmp_path / "a b.txt"))
    with pytest.raises(InstallationError) as error:
        list(read_file(url, reader))
    assert error.value.message == f"404 Client Error: FileNotFoundError for url: {url}"
    (tmp_path / "a b.txt").write_bytes(b"foo #\xff\n")
    assert shown(list(read_file(url, reader))) == [("foo", f"-r {url} (line 1)")]


@pytest.mark.parametrize(
    "data",
    [
        "foo # é\n".encode(),
        codecs.BOM_UTF8 + b"foo\n",
        "foo\n".encode("utf-16"),
        "foo\n".encode("utf-32"),
        codecs.BOM_UTF16_BE + "foo\n".encode("utf-16-be"),
        "# -*- coding: latin-1 -*-\nfoo # é\n".encode("latin-1"),
        "\n# vim: set fileencoding=latin-1\nfoo # é\n".encode("latin-1"),
    ],
)
def test_a_file_says_how_it_is_encoded(read: Read, data: bytes) -> None:
    assert [text for text, _ in shown(read(data))] == ["foo"]


@pytest.mark.parametrize("data", [b"# coding: no-such\n", b"\xef\xbb\xbf\xff", b"\xff\xfe\x00"])
def test_a_file_that_cannot_be_decoded_is_refused(read: Read, data: bytes) -> None:
    with pytest.raises(UnparsableInput):
        read(data)
