"""A METADATA document is read as `importlib.metadata` reads it."""

from __future__ import annotations

from importlib.metadata import Distribution
from os import PathLike
from pathlib import Path
from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st

from pipfast.model.metadata import parse_metadata
from pipfast.model.metadata_document import EXTRAS, REQUIRES, Document

FIELDS = ("name", "summary", "requires-dist", "license", "x")

names = st.sampled_from(["Name", "name", "SUMMARY", "Requires-Dist", "License", "x", "", "sp ace"])
values = st.sampled_from(["", "a", " a b ", "\ta", "a: b", "ä €", "  ", "a\x0bb", "a\x85b"])
lines = st.one_of(
    st.builds(lambda name, gap, value: f"{name}:{gap}{value}", names, st.sampled_from(["", " "]),
              values),
    st.builds(lambda gap, value: f"{gap}{value}", st.sampled_from([" ", "\t", "        "]), values),
    st.sampled_from(["", "no field", ":nameless", "Name : x"]),
)  # fmt: skip
ends = st.sampled_from(["\n", "\n", "\n", "\r\n", "\r"])
texts = st.builds(
    lambda parts, body: "".join(f"{line}{end}" for line, end in parts) + body,
    st.lists(st.tuples(lines, ends), max_size=8),
    st.sampled_from(["", "body", "\nbody\n\nName: z\n"]),
)


class Told(Distribution):
    """A distribution that says just this."""

    def __init__(self, text: str) -> None:
        self.text = text

    def read_text(self, filename: str) -> str | None:
        return self.text if filename == "METADATA" else None

    def locate_file(self, path: str | PathLike[str]) -> Path:
        return Path(path)


@given(texts)
@example("Name: a\nLicense: b\n        c\n            d\n")
@example("Name: a\nfrom here on: it is body\n")
@example("Summary:\n")
def test_a_document_is_what_importlib_reads(text: str) -> None:
    # Its reader translates line ends before it looks.
    told: Any = Told(text.replace("\r\n", "\n").replace("\r", "\n")).metadata
    document = Document(text)
    for field in FIELDS:
        assert document.all(field) == told.get_all(field, []), field
        assert document.first(field) == told.get(field), field
    assert document.body == told.get_payload()


def test_what_a_document_lacks_is_filled_in() -> None:
    document = Document("Name: a\nRequires-Dist: b\n\nbody\n")
    filled = document.filled_with({REQUIRES: ["c"], EXTRAS: ["x", "y"]})
    assert (filled.all(REQUIRES), filled.all(EXTRAS)) == (["b"], ["x", "y"])
    assert (filled.first("name"), filled.body) == ("a", "body\n")
    assert document.all(EXTRAS) == []


def test_a_requirement_of_several_lines_is_one() -> None:
    assert parse_metadata("Name: a\nRequires-Dist: b\n  >=1\n").requires_dist == ("b >=1",)
