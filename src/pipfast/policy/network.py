"""How the network is used: indexes, proxies, certificates and trust."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum

from packaging.utils import NormalizedName

from pipfast.config.settings import Settings
from pipfast.model.frozen_dataclass import dataclass, field, replace
from pipfast.policy.detail import Detail, detail
from pipfast.policy.mode_table import chosen


class IndexStrategy(Enum):
    """Which index is used for a project that several indexes have."""

    FIRST_INDEX = "first-index"
    BEST_MATCH = "best-match"


class IndexErrors(Enum):
    """Whether an index that answers with an error ends the run."""

    FAIL = "fail"
    SKIP = "skip"


DEFAULT_INDEX = "https://pypi.org/simple"
"""pip's default index."""

EVERY_PROJECT = NormalizedName(":all:")
"""In `NetworkPolicy.refresh`: the pages of all projects."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkPolicy:
    """The indexes and how they are accessed.

    `index_urls` are the main index and the extra ones in order, empty with ``--no-index``;
    `find_links` are additional folders, pages and files. `timeout` is the time between two
    received bytes in seconds, like pip's. `keyring` is one of ``auto import subprocess
    disabled``. `trusted_hosts` contain ``host`` or ``host:port``. `refresh` are projects whose
    cached pages are requested again. Without `system_certificates` only certifi's certificates
    are trusted. `python` is the interpreter whose keyring is used, our own if None.
    `project_indexes` are the only indexes of some projects, by normalised name. `detail` is what
    is reported about pages, links and requests.
    """

    index_urls: tuple[str, ...] = (DEFAULT_INDEX,)
    find_links: tuple[str, ...] = ()
    trusted_hosts: tuple[str, ...] = ()
    proxy: str | None = None
    proxies_from_environment: bool = True
    certificate: str | None = None
    client_certificate: str | None = None
    system_certificates: bool = True
    timeout: float = 15.0
    retries: int = 5
    resume_retries: int = 5
    keyring: str = "auto"
    interactive: bool = True
    refresh: frozenset[NormalizedName] = field(default_factory=frozenset)
    strategy: IndexStrategy = IndexStrategy.FIRST_INDEX
    errors: IndexErrors = IndexErrors.FAIL
    python: str | None = None
    project_indexes: Mapping[str, str] = field(default_factory=dict)
    detail: Detail = Detail.RESULTS

    def indexes_of(self, project: NormalizedName) -> tuple[str, ...]:
        """Return the indexes to search for `project`, in the order of the strategy.

        If only the first one counts that has the project, the main index comes first and pip's
        default index, where anyone may register a name, last.
        """
        own = self.project_indexes.get(project)
        if own is not None and self.index_urls:
            return (own,)
        urls = tuple(dict.fromkeys(self.index_urls))
        if self.strategy is IndexStrategy.FIRST_INDEX:
            return tuple(sorted(urls, key=_is_default))
        return urls

    @property
    def has_rivals(self) -> bool:
        """Return whether the order alone decides between indexes of which none is pip's default."""
        others = [url for url in dict.fromkeys(self.index_urls) if not _is_default(url)]
        return self.strategy is IndexStrategy.FIRST_INDEX and len(others) > 1

    def merged(
        self,
        *,
        index_url: str | None = None,
        extra_index_urls: tuple[str, ...] = (),
        no_index: bool = False,
        find_links: tuple[str, ...] = (),
        trusted_hosts: tuple[str, ...] = (),
    ) -> NetworkPolicy:
        """Return the policy with the options of a line of a requirements file.

        ``-i`` replaces all indexes; after ``--no-index`` none can be added.
        """
        urls = (index_url,) if index_url else self.index_urls
        urls = () if no_index or not self.index_urls else (*urls, *extra_index_urls)
        return replace(
            self,
            index_urls=urls,
            find_links=(*self.find_links, *find_links),
            trusted_hosts=(*self.trusted_hosts, *trusted_hosts),
        )


def network_policy(settings: Settings, python: str | None = None) -> NetworkPolicy:
    """Return the network policy of `settings` for `python`.

    ``--proxy``, even if empty, and ``--no-proxy-env`` disable proxies from the environment. A
    timeout of 0 means none (pip behaviour) and becomes a day.
    """
    main = settings.text("index_url")
    indexes = () if main is None else (main, *settings.texts("extra_index_urls"))
    names = settings.values.get("refresh_package")
    proxy = settings.text("proxy")
    return NetworkPolicy(
        index_urls=() if settings.flag("no_index") else indexes,
        find_links=settings.texts("find_links"),
        trusted_hosts=settings.texts("trusted_hosts"),
        proxy=proxy,
        proxies_from_environment=proxy is None and not settings.flag("no_proxy_env"),
        certificate=settings.text("cert") or None,
        client_certificate=settings.text("client_cert") or None,
        system_certificates="legacy-certs" not in settings.texts("deprecated_features_enabled"),
        timeout=_number(settings, "timeout") or _A_DAY,
        retries=int(_number(settings, "retries")),
        resume_retries=int(_number(settings, "resume_retries")),
        keyring=settings.text("keyring_provider") or "auto",
        interactive=not settings.flag("no_input"),
        refresh=names if isinstance(names, frozenset) else frozenset(),
        strategy=IndexStrategy(chosen(settings, "index-strategy").value),
        errors=IndexErrors(chosen(settings, "index-errors").value),
        python=python,
        project_indexes=settings.own.indexes,
        detail=detail(settings),
    )


def _is_default(url: str) -> bool:
    scheme, _, rest = url.partition("://")
    return scheme in ("http", "https") and rest.rstrip("/").lower() == DEFAULT_INDEX[8:]


_A_DAY = 86400.0


def _number(settings: Settings, dest: str) -> float:
    value = settings.values.get(dest)
    return float(value) if isinstance(value, int | float) else 0.0
