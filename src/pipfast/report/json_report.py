"""The installation report (`--report`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pipfast.model.direct_url import Origin, direct_url
from pipfast.model.frozen_dataclass import dataclass
from pipfast.model.metadata_document import Document
from pipfast.report.json_fields import document, metadata_json


@dataclass(frozen=True, slots=True, kw_only=True)
class Reported:
    """A distribution of a report; `metadata` is the METADATA document's text."""

    origin: Origin
    yanked: bool
    direct: bool
    requested: bool
    extras: Sequence[str]
    metadata: str


def report(items: Sequence[Reported], markers: Mapping[str, str]) -> str:
    """Return the installation report as pip writes it (specification version 1)."""
    return document("install", [_item(item) for item in items], markers)


def _item(item: Reported) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "download_info": direct_url(item.origin),
        "is_direct": item.direct,
        "is_yanked": item.yanked,
        "requested": item.requested,
        "metadata": metadata_json(Document(item.metadata)),
    }
    if item.requested and item.extras:
        # pip only lower-cases the extras of an argument
        entry["requested_extras"] = sorted({extra.lower() for extra in item.extras})
    return entry
