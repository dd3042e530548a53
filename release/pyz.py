"""Build `pipfast.pyz`: ``python -m release.pyz FILE``.

The archive contains pipfast, its dependencies and the pip that it uses, as they are installed in
this environment, without compiled modules: so it runs on every platform and every Python that
pipfast supports. `pyz_start` documents how it starts. Equal input gives equal bytes.
"""

from __future__ import annotations

import argparse
import hashlib
import re
import sys
import zipfile
from collections.abc import Iterator, Mapping
from importlib.metadata import Distribution, distribution
from io import BytesIO
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import pipfast

START = Path(__file__).with_name("pyz_start.py")
OLDEST = "3.10"
"""The Python whose markers decide about dependencies: it needs all that others need."""

_MARKERS = {"python_version": OLDEST, "python_full_version": f"{OLDEST}.0", "extra": ""}
_METADATA = re.compile(r"[^/]+\.dist-info/(METADATA|licenses/.*|(LICENSE|COPYING|NOTICE)[^/]*)")
_LEFT_OUT = (".so", ".pyd", ".pyc", ".exe", ".typed")
"""Compiled modules, of which there is Python code too, and files that nothing reads."""


def needed(name: str = "pipfast") -> dict[str, Distribution]:
    """Return a distribution and all that it needs, by normalised name."""
    found: dict[str, Distribution] = {}
    waiting = [name]
    while waiting:
        project = canonicalize_name(waiting.pop())
        if project in found:
            continue
        found[project] = distribution(project)
        for line in found[project].requires or ():
            requirement = Requirement(line)
            marker = requirement.marker
            environment = {
                "python_version": OLDEST,
                "python_full_version": f"{OLDEST}.0",
                "extra": "",
            }
            if marker is None or marker.evaluate(environment):
                waiting.append(requirement.name)
    return found


def files_of(installed: Distribution) -> Iterator[tuple[str, bytes]]:
    """Yield path and content of the files of a distribution that the archive contains."""
    for file in installed.files or ():
        path = file.as_posix()
        if path.startswith(("..", "/")) or path.endswith((*_LEFT_OUT, ".pth")):
            continue  # scripts, which name an interpreter
        if ".dist-info/" in path and not _METADATA.fullmatch(path):
            continue
        yield path, Path(str(file.locate())).read_bytes()


def pipfast_files() -> Iterator[tuple[str, bytes]]:
    """Yield path and content of pipfast's own modules, also of an editable installation."""
    root = Path(pipfast.__path__[0])
    for path in sorted(root.rglob("*.py")):
        yield f"pipfast/{path.relative_to(root).as_posix()}", path.read_bytes()


def content() -> dict[str, bytes]:
    """Return all files of the archive by path."""
    found = dict(pipfast_files())
    for installed in needed().values():
        found.update(files_of(installed))
    return dict(sorted(found.items()))


def archive(files: Mapping[str, bytes], method: int) -> bytes:
    """Return a ZIP archive of `files`, with the same bytes for the same files."""
    written = BytesIO()
    with zipfile.ZipFile(written, "w") as packed:
        for path, data in files.items():
            member = zipfile.ZipInfo(path)
            member.external_attr = 0o644 << 16
            packed.writestr(member, data, method)
    return written.getvalue()


def build() -> bytes:
    """Return the content of `pipfast.pyz`."""
    inner = archive(content(), zipfile.ZIP_DEFLATED)
    digest = hashlib.sha256(inner).hexdigest()[:20]
    start = START.read_text(encoding="utf-8").replace("@content@", digest)
    outer = archive({"__main__.py": start.encode(), "content.zip": inner}, zipfile.ZIP_STORED)
    return b"#!/usr/bin/env python3\n" + outer


def main(words: list[str]) -> int:
    """Write the archive to the file that `words` name."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path)
    file: Path = parser.parse_args(words).file
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(build())
    file.chmod(0o755)
    sys.stdout.write(f"{file}: {file.stat().st_size:,} bytes\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
