"""Compare the tests that pytest collects with the test functions in the files.

    python -m tests.collection

Exits with 1 and names the functions that pytest does not collect. pytest skips folders by name
(``build``, ``dist``, ``venv`` and others) without a word.
"""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
PLACES = ("tests", "compat")


def defined(root: Path = ROOT, places: tuple[str, ...] = PLACES) -> set[str]:
    """Return ``file::function`` or ``file::Class::function`` of each test in the files."""
    return {
        f"{path.relative_to(root).as_posix()}::{name}"
        for place in places
        for path in sorted((root / place).rglob("test_*.py"))
        for name in _names(ast.parse(path.read_bytes()).body)
    }


def _names(body: list[ast.stmt]) -> Iterator[str]:
    for node in body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith(
            "test"
        ):
            yield node.name
        elif isinstance(node, ast.ClassDef) and node.name.startswith("Test"):
            yield from (f"{node.name}::{name}" for name in _names(node.body))


def collected(root: Path = ROOT, places: tuple[str, ...] = PLACES) -> set[str]:
    """Return the same names for the tests that pytest collects, parameters removed."""
    command = [sys.executable, "-m", "pytest", "--collect-only", "-q", "-p", "no:cacheprovider"]
    done = subprocess.run(
        [*command, *places], cwd=root, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise SystemExit(done.stdout + done.stderr)
    lines = (line for line in done.stdout.splitlines() if "::" in line)
    return {re.sub(r"\[.*", "", line) for line in lines}


def main() -> int:
    """Print what is missing; return the exit code."""
    in_files, by_pytest = defined(), collected()
    for name in sorted(in_files ^ by_pytest):
        where = "not collected" if name in in_files else "not in the files"
        sys.stdout.write(f"{where}: {name}\n")
    sys.stdout.write(f"{len(in_files)} test functions in the files, {len(by_pytest)} collected\n")
    return int(in_files != by_pytest)


if __name__ == "__main__":
    sys.exit(main())
