from __future__ import annotations

import json

import pytest

from pipfast.model.digest import Digest
from pipfast.model.direct_url import ArchiveOrigin
from pipfast.model.link import Link
from pipfast.model.metadata_document import Document
from pipfast.report.json_fields import metadata_json
from pipfast.report.json_report import Reported, report

DOCUMENT = """\
Metadata-Version: 2.4
Name: demo
Version: 1.0
Keywords: one,two
Classifier: A
Classifier: B
Requires-Dist: dep

The description.
"""
LINK = Link(url="https://user:secret@files.example/demo-1.0-py3-none-any.whl")


def test_metadata_keeps_pips_order_of_fields_with_the_body_in_the_place_of_description() -> None:
    found = metadata_json(Document(DOCUMENT))
    assert list(found) == [
        "metadata_version", "name", "version", "description", "keywords", "classifier",
        "requires_dist",
    ]  # fmt: skip
    assert found["keywords"] == ["one", "two"]
    assert found["description"] == "The description.\n"


@pytest.mark.parametrize(
    ("written", "read"), [("a b", ["a", "b"]), ("a, b", ["a", "b"]), ("a b, c", ["a b", "c"])]
)
def test_keywords_are_separated_by_commas_or_else_by_spaces(written: str, read: list[str]) -> None:
    assert metadata_json(Document(f"Name: demo\nKeywords: {written}\n\n"))["keywords"] == read


@pytest.mark.parametrize(("raw", "text"), [(b"M\xc3\xbcller", "Müller"), (b"M\xfcller", "Müller")])
def test_a_header_that_is_not_ascii_is_utf8_or_latin1(raw: bytes, text: str) -> None:
    document = (b"Name: demo\nAuthor: " + raw + b"\n\n").decode("ascii", "surrogateescape")
    assert metadata_json(Document(document))["author"] == text


def test_a_field_of_several_lines_is_told_without_its_margin() -> None:
    document = "Name: demo\nLicense: First\n        second\n          third\n\n"
    assert metadata_json(Document(document))["license"] == "First\nsecond\n  third"


def test_an_item_tells_where_it_came_from_without_secrets() -> None:
    item = Reported(
        origin=ArchiveOrigin(url=LINK.url, digests=(Digest("sha256", "ab"), Digest("md5", "cd"))),
        yanked=False,
        direct=False,
        requested=True,
        extras=["b", "A", "a", "A_z"],
        metadata=DOCUMENT,
    )
    entry = json.loads(report([item], {"os_name": "posix"}))["install"][0]
    assert entry["download_info"] == {
        "url": "https://files.example/demo-1.0-py3-none-any.whl",
        "archive_info": {"hash": "sha256=ab", "hashes": {"sha256": "ab"}},
    }
    assert entry["requested_extras"] == ["a", "a_z", "b"]
