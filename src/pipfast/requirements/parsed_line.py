"""The parsed options of one line of a requirements file."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from pipfast.model.digest import Digest
from pipfast.model.frozen_dataclass import dataclass, field
from pipfast.policy.selection import Rule


@dataclass(frozen=True, slots=True, kw_only=True)
class LineOptions:
    """The options of one line; `rules` are those about formats and releases, in order."""

    index_url: str | None = None
    extra_index_urls: tuple[str, ...] = ()
    no_index: bool = False
    find_links: tuple[str, ...] = ()
    trusted_hosts: tuple[str, ...] = ()
    requirements: tuple[str, ...] = ()
    constraints: tuple[str, ...] = ()
    editables: tuple[str, ...] = ()
    prefer_binary: bool = False
    require_hashes: bool = False
    no_require_hashes: bool = False
    pre: bool = False
    features: tuple[str, ...] = ()
    rules: tuple[tuple[Rule, str], ...] = ()
    digests: tuple[Digest, ...] = ()
    config_settings: Mapping[str, str | list[str]] = field(
        default_factory=lambda: MappingProxyType({})
    )
