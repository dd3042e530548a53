import pytest

from pipfast.fetch.downloads.descriptions import human_size
from pipfast.fetch.events import FileAnnounced
from pipfast.report.render import text_of


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (0, "0 bytes"),
        (1000, "1000 bytes"),
        (1001, "1.0 kB"),
        (9999, "10.0 kB"),
        (10001, "10 kB"),
        (1000000, "1000 kB"),
        (1300000, "1.3 MB"),
    ],
)
def test_sizes_are_written_as_pip_writes_them(size: int, text: str) -> None:
    assert human_size(size) == text


@pytest.mark.parametrize(
    ("url", "size", "cached", "line"),
    [
        ("https://h/f.whl", 739, False, "Downloading f.whl (739 bytes)"),
        ("https://h/f.whl?x=1#y", 739, True, "Using cached f.whl (739 bytes)"),
        ("https://h/f%2B1.whl", None, False, "Downloading f%2B1.whl"),
    ],
)
def test_a_download_is_announced_like_pips(
    url: str, size: int | None, cached: bool, line: str
) -> None:
    assert text_of(FileAnnounced(url, size, cached)) == line
