"""Create further indexes from the recorded pages of the default one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from packaging.specifiers import SpecifierSet
from packaging.utils import (
    InvalidSdistFilename,
    InvalidWheelFilename,
    parse_sdist_filename,
    parse_wheel_filename,
)
from packaging.version import InvalidVersion, Version

from compat.bench.serve import Shelf
from compat.corpus.sets import OTHERS


def _version(filename: str) -> Version | None:
    try:
        if filename.endswith(".whl"):
            return parse_wheel_filename(filename)[1]
        return parse_sdist_filename(filename)[1]
    except (InvalidSdistFilename, InvalidWheelFilename, InvalidVersion):
        return None  # an egg, an installer, or a name that is older than the rules


def _belongs(row: dict[str, Any], allowed: SpecifierSet, *, sources: bool) -> bool:
    version = _version(row["filename"])
    if version is None or (sources and row["filename"].endswith(".whl")):
        return False
    return allowed.contains(version, prereleases=True)


def make_others(folder: Path, upstream: str) -> None:
    """Write the missing pages of the further indexes; reads `upstream` for them."""
    shelf = Shelf(folder, upstream)
    for index, projects in OTHERS.items():
        for name, specifiers in projects.items():
            path = folder / "indexes" / index / f"{name}.json"
            if path.exists():
                continue
            shelf.page(name, "")
            page = json.loads((folder / "pages" / f"{name}.json").read_bytes())
            allowed = SpecifierSet(specifiers)
            sources = index == "sources"
            page["files"] = [
                row for row in page["files"] if _belongs(row, allowed, sources=sources)
            ]
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(json.dumps(page, separators=(",", ":")))
