"""Record a cold install as a cast for asciinema.

python -m compat.terminal FILE [--width COLUMNS]
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from compat.terminal.stage import slow_projects, stage


def main() -> int:
    """Record, and print how long it took and the longest silence."""
    parser = argparse.ArgumentParser(prog="python -m compat.terminal", description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("--width", type=int, default=80)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, stage(Path(folder), slow_projects()) as place:
        cast = place.recorded(asked.width)
    cast.write(asked.file)
    sys.stdout.write(
        f"{cast.seconds:.1f} s, exit code {cast.code}, longest silence after the first sign "
        f"{cast.longest_silence():.2f} s, {len(cast.drawings())} drawings\n"
    )
    return cast.code


if __name__ == "__main__":
    sys.exit(main())
