"""The output of `pip list`: a table, requirements, or JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence

from pipfast.model.fast_versions import pinned, version_text
from pipfast.model.frozen_dataclass import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A distribution; names and versions are as in METADATA.

    `version` is the one that pip compares. `editable` is its project folder, `latest` the newest
    release's version and kind of file.
    """

    raw_name: str
    raw_version: str | None
    version: str
    editable: str = ""
    location: str = ""
    installer: str = ""
    latest: tuple[str, str] | None = None


def columns(rows: Sequence[Row], builds: Sequence[str], *, verbose: bool) -> str:
    """Return a table with the columns that any row needs; `builds` are build tags of the wheels."""
    table: list[tuple[str, list[str]]] = [
        ("Package", [row.raw_name for row in rows]),
        ("Version", [str(row.raw_version) for row in rows]),
    ]
    if any(row.latest for row in rows):
        newest = [row.latest or ("", "") for row in rows]
        table += [("Latest", [one for one, _ in newest]), ("Type", [one for _, one in newest])]
    if any(builds):
        table.append(("Build", list(builds)))
    if any(row.editable for row in rows):
        table.append(("Editable project location", [row.editable for row in rows]))
    if verbose:
        table.append(("Location", [row.location for row in rows]))
        table.append(("Installer", [row.installer for row in rows]))
    widths = [max(map(len, [title, *values])) for title, values in table]
    lines = [
        [title for title, _ in table],
        ["-" * width for width in widths],
        *map(list, zip(*(values for _, values in table), strict=True)),
    ]
    return "\n".join(" ".join(map(str.ljust, line, widths)).rstrip() for line in lines)


def requirements(rows: Iterable[Row], *, verbose: bool) -> str:
    """Return a line with an exact requirement for each row."""
    lines = (pinned(row.raw_name, row.version, row.raw_version) for row in rows)
    if verbose:
        return "\n".join(f"{line} ({row.location})" for line, row in zip(lines, rows, strict=True))
    return "\n".join(lines)


def as_json(rows: Iterable[Row], *, verbose: bool) -> str:
    """Return a list of objects in one line."""
    return json.dumps([_object(row, verbose=verbose) for row in rows])


def _object(row: Row, *, verbose: bool) -> dict[str, str | None]:
    version = version_text(row.version)
    found = {"name": row.raw_name, "version": row.raw_version if version is None else version}
    if verbose:
        found |= {"location": row.location, "installer": row.installer}
    if row.latest is not None:
        found |= {"latest_version": row.latest[0], "latest_filetype": row.latest[1]}
    if row.editable:
        found["editable_project_location"] = row.editable
    return found
