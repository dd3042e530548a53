"""No process of a command takes more than 300 MiB, whatever it reads.

These take the largest part of the memory each; `python -m compat.robust.bombs` runs all.
"""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from compat.robust.bombs import BOMBS, LIMIT, is_expected, measured

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="measures in kilobytes")


@pytest.mark.parametrize(
    "name",
    [
        *("sdist-pax", "sdist-sparse", "sdist-lzma-dictionary", "sdist-zip-directory"),
        *("wheel-record-lines", "wheel-entry-points", "page-json-values", "page-html-attributes"),
        *("sidecar-fields", "redirect-body", "range-body", "pylock-values", "direct-url"),
    ],
)
def test_a_bomb_is_refused_within_the_limit_of_memory(name: str, tmp_path: Path) -> None:
    ran = measured(BOMBS[name], tmp_path)
    assert is_expected(BOMBS[name], ran), ran
    assert ran.peak < LIMIT
