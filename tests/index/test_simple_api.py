import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipfast.index.simple_api import link_of, parse, quoted
from pipfast.model.digest import Digest

JSON = "application/vnd.pypi.simple.v1+json"
PAGE = "https://index.example/simple/demo/"


def only(file: dict[str, object]) -> object:
    body = json.dumps({"files": [{"url": "demo-1.0.tar.gz", **file}]}).encode()
    (row,) = parse(body, JSON, PAGE).rows
    return link_of(row, "", PAGE)


def anchor(attributes: str) -> object:
    body = f'<a href="demo-1.0.tar.gz" {attributes}>x</a>'.encode()
    (row,) = parse(body, "text/html", PAGE).rows
    return link_of(row, "", PAGE)


@pytest.mark.parametrize(
    ("file", "field", "value"),
    [
        ({}, "url", f"{PAGE}demo-1.0.tar.gz"),
        ({"hashes": {"sha256": "Ab"}}, "digests", (Digest("sha256", "ab"),)),
        (
            {"hashes": {"sha256": "a", "blake9": "b"}},
            "digests",
            (Digest("sha256", "a"), Digest("blake9", "b")),
        ),
        ({"requires-python": ">=3.8"}, "requires_python", ">=3.8"),
        ({"requires-python": ""}, "requires_python", None),
        ({"yanked": False}, "yanked", None),
        ({"yanked": True}, "yanked", ""),
        ({"yanked": "broken"}, "yanked", "broken"),
        ({"core-metadata": True}, "core_metadata", ()),
        ({"core-metadata": False}, "core_metadata", None),
        ({"core-metadata": False, "dist-info-metadata": True}, "core_metadata", None),
        ({"dist-info-metadata": {"sha256": "c"}}, "core_metadata", (Digest("sha256", "c"),)),
        ({"upload-time": "2024-01-01T00:00:00Z"}, "upload_time", "2024-01-01T00:00:00Z"),
        ({"size": 7}, "size", 7),
    ],
)
def test_a_json_file_is_read_as_pip_reads_it(
    file: dict[str, object], field: str, value: object
) -> None:
    assert getattr(only(file), field) == value


@pytest.mark.parametrize(
    ("attributes", "field", "value"),
    [
        ('data-requires-python="&gt;=3.8"', "requires_python", ">=3.8"),
        ('data-yanked=""', "yanked", ""),
        ("data-yanked", "yanked", None),
        ('data-core-metadata="true"', "core_metadata", ()),
        ('data-core-metadata="sha256=c"', "core_metadata", (Digest("sha256", "c"),)),
        ('data-dist-info-metadata="nonsense"', "core_metadata", ()),
        ("", "core_metadata", None),
    ],
)
def test_an_anchor_is_read_as_pip_reads_it(attributes: str, field: str, value: object) -> None:
    assert getattr(anchor(attributes), field) == value


def test_a_hash_in_the_fragment_is_a_digest_and_stays_in_the_link() -> None:
    body = b'<base href="https://files.example/"><a href="x/demo-1.0.tar.gz#sha256=ab">x</a>'
    (row,) = parse(body, "text/html; charset=utf-8", PAGE).rows
    link = link_of(row, "", PAGE)
    assert (link.url, link.fragment) == ("https://files.example/x/demo-1.0.tar.gz", "sha256=ab")
    assert link.digests == (Digest("sha256", "ab"),)


def test_pages_that_name_one_another_are_remembered() -> None:
    body = {"meta": {"tracks": ["https://a/"]}, "alternate-locations": ["https://b/"], "files": []}
    found = parse(json.dumps(body).encode(), JSON, PAGE)
    assert (found.tracks, found.alternates) == (("https://a/",), ("https://b/",))


def test_an_html_page_names_others_in_meta_tags() -> None:
    body = (
        b'<html><head><meta name="pypi:tracks" content="https://a/">'
        b'<META name="pypi:tracks" content=" https://b/ "><meta charset="utf-8">'
        b'<meta name="pypi:alternate-locations" content="https://c/"></head></html>'
    )
    found = parse(body, "text/html", PAGE)
    assert (found.tracks, found.alternates) == (("https://a/", "https://b/"), ("https://c/",))


def test_what_is_not_json_is_a_value_error() -> None:
    with pytest.raises(ValueError, match="line 1"):
        parse(b"<html>", JSON, PAGE)
    with pytest.raises(ValueError, match="Expecting object"):
        parse(b"[]", JSON, PAGE)


@pytest.mark.parametrize(
    ("url", "safe"),
    [
        ("https://h/a b", "https://h/a%20b"),
        ("https://h/a%20b", "https://h/a%20b"),
        ("https://h/a+b-1.0.whl", "https://h/a%2Bb-1.0.whl"),
        ("https://h/a%2fb", "https://h/a%2Fb"),
        ("https://h/a@b", "https://h/a@b"),
        ("https://h/a?x=1#y", "https://h/a?x=1#y"),
        ("file:///a b", "file:///a%20b"),
        ("file://localhost/a", "file://localhost/a"),
    ],
)
def test_a_url_is_quoted_as_pip_quotes_it(url: str, safe: str) -> None:
    assert quoted(url) == safe


@given(st.text(st.characters(codec="utf-8", exclude_characters="?#\\/\r\n\t[]"), min_size=1))
def test_quoting_twice_is_quoting_once(name: str) -> None:
    url = quoted(f"https://h/{name}")
    assert quoted(url) == url


def _page_of(file: object, **page: object) -> bytes:
    return json.dumps({"files": [file], **page}).encode()


WHEEL = {"url": "demo-1.0-py3-none-any.whl", "hashes": {}}


@pytest.mark.parametrize("size", ["5", {}, [1], -1, 1.5, 10**30])
def test_a_size_that_is_no_number_of_bytes_is_unknown(size: object) -> None:
    listing = parse(_page_of({**WHEEL, "size": size}), JSON, "http://a/")
    assert listing.rows[0].size is None


@pytest.mark.parametrize("value", ["x", 3, [1], {"a": 1}, None])
def test_what_pip_does_not_read_is_no_error(value: object) -> None:
    page = _page_of(WHEEL, meta=value, **{"alternate-locations": value})
    assert parse(page, JSON, "http://a/").tracks == ()
    page = _page_of(WHEEL, meta={"tracks": value})
    assert parse(page, JSON, "http://a/").tracks == ()


@pytest.mark.parametrize(
    "page",
    [
        b'{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        b"[]",
        _page_of("x"),
        _page_of({**WHEEL, "url": 3}),
        _page_of({**WHEEL, "hashes": {"md5": 3, "sha256": "x"}}),
        _page_of({**WHEEL, "requires-python": 3}),
        _page_of({**WHEEL, "requires-python": [">=3"]}),
        _page_of({**WHEEL, "upload-time": 3}),
    ],
)
def test_a_page_of_other_types_is_an_error(page: bytes) -> None:
    with pytest.raises((ValueError, AttributeError, TypeError)):
        _ = parse(page, JSON, "http://a/").rows


def test_a_page_with_a_marked_section_is_an_error() -> None:
    with pytest.raises(ValueError, match="foo"):
        parse(b"<![foo<a href=x>x</a>", "text/html", "http://a/")
