"""Write the sections of docs/settings.md from the table of settings.

python -m compat.options.settings_page
"""

from __future__ import annotations

import sys
from pathlib import Path

from pipfast.policy.settings_table import settings_table
from pipfast.report.settings_text import page_table

DOCUMENT = Path(__file__).parents[2] / "docs" / "settings.md"
BEGIN, END = "<!-- settings: begin -->", "<!-- settings: end -->"


def document() -> str:
    """Return docs/settings.md with updated sections."""
    text = DOCUMENT.read_text(encoding="utf-8")
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n\n{page_table(settings_table())}\n\n{END}{after}"


if __name__ == "__main__":
    DOCUMENT.write_text(document(), encoding="utf-8")
    sys.stdout.write(f"{len(settings_table())} settings\n")
