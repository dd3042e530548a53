from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipfast.model.file_row import FileRow, from_stored
from pipfast.store.filesystem.root import Store
from pipfast.store.page_cache import (
    CorruptEntry,
    Page,
    PageCache,
    Validity,
    compose,
    parse_entry,
)

GROUPS: list[tuple[str, list[FileRow]]] = [
    ("2.0", [FileRow("https://h/p/demo-2.0.tar.gz", ["sha256:a"], None, "", [], None, 7)]),
    ("1.0", [FileRow("https://h/p/demo-1.0.zip", [], requires_python=">=3")]),
]


def whole(page: Page) -> list[tuple[str, list[FileRow]]]:
    return [
        (version, [row.with_url(page.prefix + row.url) for row in page.rows(place)])
        for place, version in enumerate(page.versions)
    ]


def test_a_page_comes_out_as_it_went_in() -> None:
    validity = Validity(etag='"1"', lifetime=600)
    page, entry = compose("https://h/", GROUPS, validity, related=(("https://x",), ("https://y",)))
    again = parse_entry(entry, page.checked)
    assert again == page
    assert whole(again) == GROUPS
    assert (again.prefix, again.validity, again.related) == (
        "https://h/p/",
        validity,
        (("https://x",), ("https://y",)),
    )


def test_rows_of_an_older_entry_lack_the_last_fields() -> None:
    assert from_stored([["demo-1.0.zip", ["sha256:a"], ">=3", "", []]]) == [
        FileRow("demo-1.0.zip", ["sha256:a"], ">=3", "", [])
    ]


@given(st.integers(0, 600), st.integers(0, 255))
def test_a_changed_byte_is_never_taken_for_the_page(place: int, value: int) -> None:
    _, entry = compose("https://h/", GROUPS, Validity())
    place %= len(entry)
    changed = entry[:place] + bytes([value]) + entry[place + 1 :]
    with suppress(CorruptEntry):
        assert changed == entry or whole(parse_entry(changed, 0)) == GROUPS


@given(st.integers(0, 600))
def test_half_an_entry_is_no_entry(size: int) -> None:
    _, entry = compose("https://h/", GROUPS, Validity())
    with pytest.raises(CorruptEntry):
        parse_entry(entry[: size % len(entry)], 0)


@pytest.mark.parametrize(
    ("lifetime", "age", "fresh"),
    [(600, 0, True), (600, 599, True), (600, 601, False), (0, 0, False)],
)
def test_a_page_is_fresh_for_its_lifetime(lifetime: float, age: float, fresh: bool) -> None:
    page = Page(url="", versions=(), validity=Validity(lifetime=lifetime), checked=1000)
    assert page.is_fresh(1000 + age) is fresh


def test_a_page_from_the_future_is_stale() -> None:
    page = Page(url="", versions=(), validity=Validity(lifetime=600), checked=2000)
    assert not page.is_fresh(1000)


def test_to_confirm_a_page_makes_it_fresh_again(tmp_path: Path) -> None:
    import os

    pages = PageCache(Store(tmp_path))
    _, entry = compose("https://h/", GROUPS, Validity(lifetime=600))
    pages.write("https://h/", entry)
    (file,) = (path for path in tmp_path.rglob("*") if path.is_file())
    os.utime(file, (1000, 1000))
    stale = pages.read("https://h/")
    pages.confirm("https://h/")
    fresh = pages.read("https://h/")
    assert stale is not None
    assert fresh is not None
    assert stale.checked == 1000
    assert fresh.is_fresh(fresh.checked)
    assert fresh.checked > 1000


def test_what_cannot_be_read_is_dropped(tmp_path: Path) -> None:
    pages = PageCache(Store(tmp_path))
    pages.write("https://h/", b"nonsense")
    assert pages.read("https://h/") is None
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]
