"""Print what the programs say of each case, or write docs/errors.md.

python -m compat.errors [--write] [CASE...]
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from compat.errors.cases import CASES
from compat.errors.page import DOCUMENT, document
from compat.errors.world import Said, world

TOOLS = ("pip", "uv", "pipfast")


def main(words: list[str]) -> int:
    """Run the cases that are named, or all."""
    names = [word for word in words if word != "--write"]
    outcomes: dict[str, dict[str, Said]] = {}
    with tempfile.TemporaryDirectory() as folder:
        for case in CASES:
            if names and case.name not in names:
                continue
            with world(Path(folder, case.name), case) as stage:
                outcomes[case.name] = {tool: stage.run(tool, case.argv) for tool in TOOLS}
            for tool, one in outcomes[case.name].items():
                sys.stdout.write(f"== {case.name} {tool} {one.code}\n{one.errors}\n")
            sys.stdout.flush()
            if "--write" in words:
                DOCUMENT.write_text(document(outcomes), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
