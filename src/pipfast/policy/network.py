"""How the network may be used: which indexes, through what, trusted how far."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import Enum

from packaging.utils import NormalizedName


class IndexStrategy(Enum):
    """Which indexes answer for a project that is on several (DESIGN 2)."""

    FIRST_INDEX = "first-index"
    BEST_MATCH = "best-match"


class IndexErrors(Enum):
    """What an index that answers with an error does to the run (DESIGN 2)."""

    FAIL = "fail"
    SKIP = "skip"


DEFAULT_INDEX = "https://pypi.org/simple"
"""The index pip asks where none is configured."""

EVERY_PROJECT = NormalizedName(":all:")
"""In `NetworkPolicy.refresh`: every project's page."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkPolicy:
    """The indexes and the way to them.

    `index_urls` is the main index, then the extra ones in order, none under ``--no-index``;
    `find_links` are folders, pages and files beside them. `timeout` is in seconds, between two
    bytes as pip counts it. `keyring` is one of ``auto import subprocess disabled``.
    `trusted_hosts` holds ``host`` or ``host:port``. `refresh` names projects whose cached pages
    are asked for again.
    """

    index_urls: tuple[str, ...] = (DEFAULT_INDEX,)
    find_links: tuple[str, ...] = ()
    trusted_hosts: tuple[str, ...] = ()
    proxy: str | None = None
    proxies_from_environment: bool = True
    certificate: str | None = None
    client_certificate: str | None = None
    timeout: float = 15.0
    retries: int = 5
    resume_retries: int = 5
    keyring: str = "auto"
    interactive: bool = True
    refresh: frozenset[NormalizedName] = field(default_factory=frozenset)
    strategy: IndexStrategy = IndexStrategy.FIRST_INDEX
    errors: IndexErrors = IndexErrors.FAIL

    def merged(
        self,
        *,
        index_url: str | None = None,
        extra_index_urls: tuple[str, ...] = (),
        no_index: bool = False,
        find_links: tuple[str, ...] = (),
        trusted_hosts: tuple[str, ...] = (),
    ) -> NetworkPolicy:
        """The policy with what a requirements file adds: its ``-i`` replaces the whole list."""
        urls = self.index_urls if index_url is None else (index_url,)
        urls = () if no_index else (*urls, *extra_index_urls)
        return replace(
            self,
            index_urls=urls,
            find_links=(*self.find_links, *find_links),
            trusted_hosts=(*self.trusted_hosts, *trusted_hosts),
        )
