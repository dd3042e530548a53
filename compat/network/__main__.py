"""Compare network access with pip: all combinations, prompts and commands.

    python -m compat.network [arguments of pytest]

It takes about an hour. CI runs a part: combinations that cover each pair of values, two runs of
each prompt, and a third of the commands for each secret. Real proxies (tinyproxy, microsocks) are
used if they are installed.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path


def main() -> int:
    """Run pytest; return its exit code."""
    here = str(Path(__file__).parent)
    environ = {**os.environ, "NETWORK_WHOLE": "1"}
    words = [sys.executable, "-m", "pytest", "-q", "-n", "2", here, *sys.argv[1:]]
    return subprocess.run(words, env=environ, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
