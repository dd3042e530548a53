"""What of a resolution is kept for the next run."""

from __future__ import annotations

import pytest

from pipfast.model.events import Level, Said
from pipfast.model.link import Link
from pipfast.session.cached_resolution import are_repeatable

FILE = "app-1-py3-none-any.whl"


@pytest.mark.parametrize(
    ("line", "url", "again"),
    [
        ("  Using cached app.metadata (9 bytes)", "https://files.example", True),
        ("  Downloading app.metadata (9 bytes)", "https://files.example", False),
        ("  Downloading app.metadata (9 bytes)", "http://trusted.example", False),
        ("  Downloading app.metadata (9 bytes)", "http://files.example", True),
    ],
)
def test_download_lines_are_repeatable_if_pip_caches_nothing(
    line: str, url: str, again: bool
) -> None:
    links = [Link(url=f"{url}/{FILE}")]
    heard = [Said(Level.INFO, line)]
    assert are_repeatable(heard, links, ("trusted.example",)) is again
