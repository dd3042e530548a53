"""The content and behaviour of a package index, as values."""

from __future__ import annotations

import html
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum, auto
from types import MappingProxyType
from typing import Any

from tests.kit.wheels import Built, Sdist, canonical, sha256

JSON_TYPE = "application/vnd.pypi.simple.v1+json"
HTML_TYPE = "text/html"


class Sidecar(Enum):
    """How an index offers a wheel's metadata (PEP 658)."""

    OFFERED = auto()
    ABSENT = auto()
    PROMISED = auto()  # the page announces it, the server answers 404
    WRONG_HASH = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """A fault in a response; with the `status` 0 the connection is closed without one.

    `keep` is the share of the body that is sent before the connection is closed. `times` is the
    number of requests that fail before the server recovers, None for all of them. `delay` are
    seconds before the response, and `location` the address of a redirect, which may contain a
    scenario's tokens.
    """

    status: int = 200
    keep: float = 1.0
    body: bytes | None = None
    content_type: str | None = None
    times: int | None = None
    delay: float = 0.0
    location: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A file of an index, with what its page says about it if that is not the default.

    `python` is requires-python on the page, by default that of the metadata. `sidecar` may be
    metadata that contradicts the file. `digest` may be a wrong digest, or empty for none. `url`
    may point elsewhere and contain a scenario's tokens.
    """

    file: Built
    yanked: str | None = None
    python: str | None = None
    digest: str | None = None
    sidecar: Sidecar | bytes = Sidecar.OFFERED
    uploaded: str | None = "2024-01-01T00:00:00Z"
    fault: Fault | None = None
    url: str | None = None


def _no_faults() -> MappingProxyType[str, Fault]:
    return MappingProxyType({})


@dataclass(frozen=True, kw_only=True)
class Index:
    """A package index: its files and its behaviour.

    `pages` replaces the response for a project's page with a fault. `account` is the required
    user and password. `max_age` is in seconds; None sends no Cache-Control. `refused` makes
    every connection fail. `plain` serves HTML (PEP 503) instead of JSON (PEP 691). `tracks` and
    `alternates` are the indexes that each page tracks or names as alternate locations (PEP 708);
    they may contain a scenario's tokens. `unknown` is the status for projects that it does not
    have; if it is not 404, a page lists the projects.
    """

    files: tuple[Built | Listed, ...] = ()
    name: str = "main"
    plain: bool = False
    sidecars: bool = True
    ranges: bool = True
    compressed: bool = False
    refused: bool = False
    max_age: int | None = 600
    account: tuple[str, str] | None = None
    pages: Mapping[str, Fault] = field(default_factory=_no_faults)
    tracks: tuple[str, ...] = ()
    alternates: tuple[str, ...] = ()
    unknown: int = 404

    def listed(self) -> tuple[Listed, ...]:
        """Return every file with what its page says about it."""
        default = Sidecar.OFFERED if self.sidecars else Sidecar.ABSENT
        return tuple(
            file if isinstance(file, Listed) else Listed(file=file, sidecar=default)
            for file in self.files
        )

    def projects(self) -> dict[str, list[Listed]]:
        """Return the files of each project, in the order of `files`."""
        found: dict[str, list[Listed]] = {}
        for listed in self.listed():
            found.setdefault(canonical(listed.file.project), []).append(listed)
        return found


def index(*files: Built | Listed, **manners: Any) -> Index:
    """Return an index with `files`."""
    return Index(files=files, **manners)


def _requires_python(listed: Listed) -> str | None:
    if listed.python is not None:
        return listed.python
    for line in listed.file.metadata.decode(errors="replace").splitlines():
        if line.startswith("Requires-Python: "):
            return line.removeprefix("Requires-Python: ")
    return None


def sidecar_bytes(listed: Listed) -> bytes | None:
    """Return the server's response for ``FILE.metadata``; None for 404."""
    match listed.sidecar:
        case bytes() as body:
            return body
        case Sidecar.OFFERED | Sidecar.WRONG_HASH:
            return listed.file.metadata or None
        case Sidecar.ABSENT | Sidecar.PROMISED:
            return None


def _sidecar_digest(listed: Listed) -> str | None:
    if isinstance(listed.file, Sdist) or not listed.file.metadata:
        return None
    match listed.sidecar:
        case Sidecar.ABSENT:
            return None
        case Sidecar.PROMISED:
            return sha256(listed.file.metadata)
        case Sidecar.WRONG_HASH:
            return sha256(b"something else")
        case _:
            return sha256(sidecar_bytes(listed) or b"")


def _digest(listed: Listed) -> str:
    return listed.file.sha256 if listed.digest is None else listed.digest


@dataclass(frozen=True, slots=True)
class Kinship:
    """Return the addresses that a page names as locations of the same project (PEP 708)."""

    tracks: tuple[str, ...] = ()
    alternates: tuple[str, ...] = ()


ALONE = Kinship()


def json_page(project: str, files: Iterable[tuple[Listed, str]], kinship: Kinship = ALONE) -> bytes:
    """Return a project's page in JSON (PEP 691, with size and upload time of PEP 700)."""
    rows = []
    for listed, url in files:
        row: dict[str, Any] = {
            "filename": listed.file.filename,
            "url": url,
            "hashes": {"sha256": _digest(listed)} if _digest(listed) else {},
            "size": len(listed.file.content),
            "yanked": False if listed.yanked is None else listed.yanked or True,
        }
        if (python := _requires_python(listed)) is not None:
            row["requires-python"] = python
        if (digest := _sidecar_digest(listed)) is not None:
            row["core-metadata"] = {"sha256": digest}
        if listed.uploaded is not None:
            row["upload-time"] = listed.uploaded
        rows.append(row)
    meta: dict[str, Any] = {"api-version": "1.1"}
    page: dict[str, Any] = {"meta": meta, "name": project, "files": rows}
    if kinship.tracks:
        meta["tracks"] = kinship.tracks
    if kinship.alternates:
        page["alternate-locations"] = kinship.alternates
    return json.dumps(page, separators=(",", ":")).encode()


def html_page(project: str, files: Iterable[tuple[Listed, str]], kinship: Kinship = ALONE) -> bytes:
    """Return a project's page in HTML (PEP 503, with the attributes of PEP 592 and 658)."""
    rows = []
    for listed, url in files:
        attributes = {"href": f"{url}#sha256={_digest(listed)}" if _digest(listed) else url}
        if (python := _requires_python(listed)) is not None:
            attributes["data-requires-python"] = python
        if listed.yanked is not None:
            attributes["data-yanked"] = listed.yanked
        if (digest := _sidecar_digest(listed)) is not None:
            attributes["data-core-metadata"] = f"sha256={digest}"
        text = " ".join(f'{key}="{html.escape(value)}"' for key, value in attributes.items())
        rows.append(f"<a {text}>{html.escape(listed.file.filename)}</a><br>\n")
    title = html.escape(project)
    related = [("tracks", one) for one in kinship.tracks]
    related += [("alternate-locations", one) for one in kinship.alternates]
    meta = "".join(
        f'<meta name="pypi:{name}" content="{html.escape(url)}">' for name, url in related
    )
    head = f"<!DOCTYPE html>\n<html><head>{meta}<title>{title}</title></head><body>\n"
    return f"{head}{''.join(rows)}</body></html>\n".encode()
