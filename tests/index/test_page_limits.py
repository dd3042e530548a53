"""Each limit on pages, at the limit and one beyond."""

from __future__ import annotations

import pytest

from pipfast.index.simple_api import parse
from pipfast.model.input_limits import LimitExceeded, Unit

BEYOND = pytest.mark.parametrize("beyond", [0, 1])
JSON = "application/vnd.pypi.simple.v1+json"


def check(content: bytes, kind: str, unit: Unit | None) -> None:
    if unit is None:
        parse(content, kind, "https://h.test/")
        return
    with pytest.raises(LimitExceeded) as caught:
        parse(content, kind, "https://h.test/")
    assert caught.value.unit is unit


@BEYOND
def test_files(beyond: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipfast.index.simple_api.PAGE_FILES", 3 - beyond)
    unit = Unit.FILES if beyond else None
    check(b"<a href=x>" * 3, "text/html", unit)
    check(b'{"files": [' + b",".join([b'{"url": "x", "hashes": {}}'] * 3) + b"]}", JSON, unit)


@BEYOND
def test_links_while_a_page_is_read(beyond: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipfast.index.html.PAGE_FILES", 3 - beyond)
    check(b"<a href=x>" * 3, "text/html", Unit.FILES if beyond else None)


@BEYOND
def test_values(beyond: int, monkeypatch: pytest.MonkeyPatch) -> None:
    content = b'{"files": [], "meta": [1, 2]}'
    monkeypatch.setattr("pipfast.index.simple_api.PAGE_VALUES", 5 - beyond)
    check(content, JSON, Unit.VALUES if beyond else None)


@BEYOND
@pytest.mark.parametrize("tag", ["<a {}", '<a x="{}', "</a {}"])
def test_tags(tag: str, beyond: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipfast.index.html.TAG_SIZE", 100)
    monkeypatch.setattr("pipfast.index.html.SCRIPT_SIZE", 100)
    monkeypatch.setattr("pipfast.index.html._CHUNK", 10)
    text = tag.format("x" * 200)[: 100 + beyond]
    check(text.encode(), "text/html", Unit.TAG if beyond else None)


@BEYOND
@pytest.mark.parametrize("start", ["<!--", "<script>x=", "<![CDATA[", "<!DOCTYPE "])
def test_comments_and_scripts(start: str, beyond: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipfast.index.html.TAG_SIZE", 20)
    monkeypatch.setattr("pipfast.index.html.SCRIPT_SIZE", 100)
    monkeypatch.setattr("pipfast.index.html._CHUNK", 10)
    text = start + "<" * beyond + "x" * 200
    shown = len("<script>") if start[1] == "s" else 0
    check(text[: 100 + beyond + shown].encode(), "text/html", Unit.TAG if beyond else None)


def test_a_page_is_read_alike_in_pieces_of_any_size(monkeypatch: pytest.MonkeyPatch) -> None:
    page = (
        b"<!DOCTYPE html><base href='https://f.test/'><!-- <a href=no> --><script>'<a href=no>'"
        b"</script><a href='a-1.zip#sha256=x&amp;y' data-yanked=''>a &lt; b</a>" * 3
    )
    whole = parse(page, "text/html", "https://h.test/")
    assert len(whole.rows) == 3
    for size in (1, 2, 3, 7, 50):
        monkeypatch.setattr("pipfast.index.html._CHUNK", size)
        assert parse(page, "text/html", "https://h.test/") == whole
