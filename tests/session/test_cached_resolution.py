"""What of a resolution is kept for the next run."""

from __future__ import annotations

import pytest

from pipfast.fetch.events import FileAnnounced
from pipfast.model.link import Link
from pipfast.session.cached_resolution import are_repeatable

FILE = "app-1-py3-none-any.whl"


@pytest.mark.parametrize(
    ("cached", "url", "again"),
    [
        (True, "https://files.example", True),
        (False, "https://files.example", False),
        (False, "http://trusted.example", False),
        (False, "http://files.example", True),
    ],
)
def test_download_lines_are_repeatable_if_pip_caches_nothing(
    cached: bool, url: str, again: bool
) -> None:
    links = [Link(url=f"{url}/{FILE}")]
    messages = [FileAnnounced(f"{url}/{FILE}.metadata", 9, cached)]
    assert are_repeatable(messages, links, ("trusted.example",)) is again
