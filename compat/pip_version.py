"""Write the version of pip in `pipfast.model.version` to every file that names it.

    python -m compat.pip_version            update the files
    python -m compat.pip_version --check    only name the files that are out of date

`PIP_VERSION` is the only place that decides. Measured results (docs/performance.md,
docs/conformance.md, docs/threads.md) name the version that they were measured with, and change with
the next measurement.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

from pipfast.model.version import PIP_VERSION

ROOT = Path(__file__).parents[1]
FILES = (
    "pyproject.toml", "README.md", "CONTRIBUTING.md", ".github/workflows/ci.yml",
    ".github/pull_request_template.md", ".github/ISSUE_TEMPLATE/bug.yml",
    ".github/ISSUE_TEMPLATE/difference.yml",
    "docs/compat.md", "docs/coverage.md", "docs/differences.md", "docs/index.md", "docs/install.md",
    "docs/parity.md", "docs/team.md", "docs/troubleshooting.md", "docs/works-with.md",
    "docs/decisions/0003-dependencies.md",
)  # fmt: skip
"""Files that cannot read the version when they are used."""

NAMED = re.compile(
    r"\b((?:pip(?:==| == | )|VIRTUALENV_PIP=))\d+\.\d+(?:\.[1-9]\d*)?\b(?! s\b)"  # no seconds
)


def updated(text: str) -> str:
    """Return `text` with every mention of pip's version replaced by `PIP_VERSION`."""
    return NAMED.sub(rf"\g<1>{PIP_VERSION}", text)


def outdated() -> list[str]:
    """Return the files that name another version."""
    return [name for name in FILES if updated(_read(name)) != _read(name)]


def _read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def main() -> int:
    """Update or check the files; return 1 if a check finds outdated ones."""
    names = outdated()
    for name in names:
        print(name)
        if "--check" not in sys.argv:
            (ROOT / name).write_text(updated(_read(name)), encoding="utf-8")
    return int(bool(names) and "--check" in sys.argv)


if __name__ == "__main__":
    sys.exit(main())
