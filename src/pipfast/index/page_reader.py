"""Read a page of an index or find-links: from the store if fresh, otherwise from the server."""

from __future__ import annotations

import os
import re
import threading
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from packaging.utils import NormalizedName

from pipfast.index.events import (
    NotAPage,
    PageFetched,
    PageMissing,
    PageOfFolder,
    PageRequested,
    SchemeWithoutPages,
)
from pipfast.index.filenames import EXTENSIONS, filename_of, grouped, splitext
from pipfast.index.simple_api import ACCEPT, CONTENT_TYPES, Listing, parse
from pipfast.model.events import Listener, Message, silent
from pipfast.model.file_row import FileRow
from pipfast.model.file_urls import path_of_url
from pipfast.model.frozen_dataclass import dataclass, replace
from pipfast.model.input_limits import PAGE_SIZE, LimitExceeded, check_size
from pipfast.model.lazy_pattern import lazy_pattern
from pipfast.model.link import redact
from pipfast.net.client import Client
from pipfast.net.errors import (
    ConnectionFailedError,
    HTTPStatusError,
    NetworkError,
    UnusableUrlError,
)
from pipfast.net.http_cache import lifetime
from pipfast.net.response import Response
from pipfast.net.secure_origins import host_of, is_secure
from pipfast.policy.network import EVERY_PROJECT
from pipfast.store.page_cache import CorruptEntry, Page, PageCache, Validity, compose, compose_cut

if TYPE_CHECKING:
    from pipfast.index.forbidden_pages import ForbiddenPages

_HTML = lazy_pattern(r"\.html?(?:\.(?:gz|Z|bz2|xz|br))?$", re.IGNORECASE)
_VCS = lazy_pattern(r"(ssh|git|hg|bzr|sftp|svn)(?=[+:])", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class PageResult:
    """The result of requesting a page.

    `page` is None if there is none; `fault` is the reason if the server is at fault. `messages`
    are emitted when the page is needed. `rows` are all links of a page that was just read.
    """

    page: Page | None = None
    fault: NetworkError | None = None
    messages: tuple[Message, ...] = ()
    rows: Sequence[FileRow] = ()


def is_html(url: str) -> bool:
    """Return whether pip treats a local file as a page."""
    return _HTML.search(urlsplit(url).path) is not None


class PageReader:
    """Reads pages, each with its caching rules; safe for several threads.

    A run that explains itself requests all pages anew, since its messages are about all their
    links, and stored pages contain distributions only.
    """

    def __init__(self, client: Client, pages: PageCache, emit: Listener = silent) -> None:
        self._network = client.policy
        self._client = client
        self._pages = pages
        self._emit = emit
        self._explains = client.policy.detail.explains
        self._forbidden: ForbiddenPages | None = None
        self._lock = threading.Lock()

    def at_hand(self, url: str, project: NormalizedName | None) -> PageResult | None:
        """Return the page if it may be used without a request, otherwise None."""
        if url.startswith("file:"):
            return self._local(url, project)
        if self._must_ask(project) or self._explains:
            return None
        page = self._pages.read(_key(url, project))
        return PageResult(page) if page is not None and page.is_fresh(time.time()) else None

    def read(self, url: str, project: NormalizedName | None) -> PageResult:
        """Return the page at `url`, with the files of `project` or (None) of any project.

        A stale page from the store is confirmed by the server (304) or replaced.
        """
        if url.startswith("file:"):
            return self._local(url, project)
        if scheme := _VCS.match(url):
            return PageResult(messages=(SchemeWithoutPages(scheme[0], redact(url)),))
        refused: list[Message] = []  # pages are read in parallel, and reported in pip's order
        client = self._client if self._explains else self._client.noting(refused.append)
        try:
            result = self._remote(url, project, client)
        except NetworkError as fault:
            if isinstance(fault, HTTPStatusError) and self._is_missing(url, project, fault.status):
                result = PageResult(messages=self._about_missing(url, fault))
            else:
                result = PageResult(fault=fault)
        return replace(result, messages=(*refused, *result.messages)) if refused else result

    def _about_missing(self, url: str, fault: NetworkError) -> tuple[Message, ...]:
        return (PageMissing(redact(url), fault.why),) if self._explains else ()

    def _is_missing(self, url: str, project: NormalizedName | None, status: int) -> bool:
        if status != 403 or project is None:
            return status in (404, 410)
        return self.forbidden.is_missing(url)

    @property
    def forbidden(self) -> ForbiddenPages:
        """What is known of indexes that answered 403."""
        with self._lock:
            if self._forbidden is None:
                from pipfast.index.forbidden_pages import ForbiddenPages  # few indexes forbid

                self._forbidden = ForbiddenPages(self._client)
        return self._forbidden

    def again(self, url: str, project: NormalizedName | None) -> PageResult:
        """Return the page again, because its stored form is damaged."""
        self._pages.forget(_key(url, project))
        return self.read(url, project)

    def kept_at(self, url: str, project: NormalizedName | None) -> tuple[str, int] | None:
        """Return the page's file in the store and its inode, None if it is not stored."""
        return self._pages.place(_key(url, project))

    def _must_ask(self, project: NormalizedName | None) -> bool:
        refresh = self._network.refresh
        return bool(refresh) and (EVERY_PROJECT in refresh or project in refresh)

    def _remote(self, url: str, project: NormalizedName | None, client: Client) -> PageResult:
        key = _key(url, project)
        kept = None if self._explains else self._pages.read(key)
        if kept is not None and not self._must_ask(project) and kept.is_fresh(time.time()):
            return PageResult(kept)
        if splitext(filename_of(url))[1].lower() in EXTENSIONS:
            head = client.head(url).raise_for_status()
            if not _is_page(head):
                return _not_a_page(url, "HEAD", head)
        self._explain(PageRequested(redact(url), self._must_ask(project)))
        answer = client.get(url, self._headers(project, kept))
        if answer.status == 304 and kept is not None:
            return PageResult(self._confirmed(key, kept, answer))
        answer.raise_for_status()
        if not _is_page(answer):
            return _not_a_page(url, "GET", answer)
        self._explain(PageFetched(redact(url), answer.headers.get("content-type", "Unknown")))
        return self._parsed(key, answer, project)

    def _explain(self, message: Message) -> None:
        if self._explains:
            self._emit(message)

    def _headers(self, project: NormalizedName | None, kept: Page | None) -> dict[str, str]:
        headers = {"accept": ACCEPT}
        if self._must_ask(project):
            headers["cache-control"] = "max-age=0"
        if kept is not None and kept.validity.etag:
            headers["if-none-match"] = kept.validity.etag
        if kept is not None and kept.validity.last_modified:
            headers["if-modified-since"] = kept.validity.last_modified
        return headers

    def _confirmed(self, key: str, kept: Page, answer: Response) -> Page:
        fresh_for = lifetime(answer.headers) if "cache-control" in answer.headers else None
        now = time.time()
        if fresh_for is None or fresh_for == kept.validity.lifetime:
            self._pages.confirm(key)
            return replace(kept, checked=now)
        try:
            groups = [
                (version, [row.with_url(kept.prefix + row.url) for row in kept.rows(position)])
                for position, version in enumerate(kept.versions)
            ]
        except CorruptEntry:
            self._pages.forget(key)
            return kept
        validity = replace(kept.validity, lifetime=fresh_for)
        page, entry = compose(kept.url, groups, validity, related=kept.related, loose=kept.loose)
        self._pages.write(key, entry)
        return page

    def _parsed(self, key: str, answer: Response, project: NormalizedName | None) -> PageResult:
        kind = answer.headers.get("content-type", "")
        fresh_for = lifetime(answer.headers)
        validity = Validity(
            etag=answer.headers.get("etag"),
            last_modified=answer.headers.get("last-modified"),
            lifetime=fresh_for or 0.0,
        )
        try:
            listing = parse(answer.body, kind, answer.url)
            page, entry = _composed(answer.url, listing, validity, project)
            rows = listing.rows if self._explains else ()
        except (ValueError, AttributeError, TypeError, LookupError, RecursionError) as error:
            raise ConnectionFailedError(answer.url, host_of(answer.url), str(error)) from None
        except LimitExceeded as error:
            raise ConnectionFailedError(answer.url, host_of(answer.url), _why(error)) from None
        if fresh_for is not None and is_secure(answer.url, self._network.trusted_hosts):
            self._pages.write(key, entry)
        return PageResult(page, rows=rows)

    def _local(self, url: str, project: NormalizedName | None) -> PageResult:
        """A page in the file system; cached in parsed form while size and time are unchanged."""
        try:
            path = path_of_url(url)
        except ValueError as error:  # of a host in brackets
            return PageResult(fault=UnusableUrlError(url, str(error)))
        if os.path.isdir(path):  # noqa: PTH112 - a str is what we have
            url = url.partition("#")[0].rstrip("/") + "/index.html"
            path = os.path.join(path, "index.html")  # noqa: PTH118 - the same
            self._explain(PageOfFolder(url))
        try:
            self._explain(PageRequested(url, self._must_ask(project)))
            facts = os.stat(path)  # noqa: PTH116 - the same
            if not is_html(url):
                return _not_a_page(url, "GET", Response(url, 200, {"content-type": "text/plain"}))
            validity = Validity(etag=f"{facts.st_mtime_ns}-{facts.st_size}")
            self._explain(PageFetched(url, "text/html"))
            kept = None if self._explains else self._pages.read(_key(url, project))
            if kept is not None and kept.validity == validity:
                return PageResult(kept)
            with open(path, "rb") as file:  # noqa: PTH123 - the same
                content = file.read(PAGE_SIZE + 1)
        except (FileNotFoundError, NotADirectoryError, PermissionError, ValueError):
            # pip says nothing; ValueError: a null byte
            return PageResult()
        except OSError as error:
            return PageResult(fault=UnusableUrlError(url, str(error)))
        try:
            check_size(len(content), PAGE_SIZE, url)
            listing = parse(content, "text/html", url)
        except ValueError as error:
            return PageResult(fault=UnusableUrlError(url, str(error)))
        except LimitExceeded as error:
            return PageResult(fault=UnusableUrlError(url, _why(error)))
        page, entry = _composed(url, listing, validity, project)
        self._pages.write(_key(url, project), entry)
        return PageResult(page, rows=listing.rows if self._explains else ())


def _composed(
    url: str, listing: Listing, validity: Validity, project: NormalizedName | None
) -> tuple[Page, bytes]:
    """Return a page and the bytes to store. Raises what `Listing.rows` raises."""
    related = listing.tracks, listing.alternates
    if project is not None and listing.files is not None:
        from pipfast.index.page_columns import groups  # a run with stored pages does without it

        regular = groups(listing.files, project)
        if regular is not None:
            return compose_cut(url, regular.by_version, regular.prefix, validity, related=related)
    rows = listing.rows
    versions = [("", rows)] if project is None else grouped(rows, project)
    return compose(url, versions, validity, related=related, loose=project is None)


def _why(error: LimitExceeded) -> str:
    return f"the page has more than {error.limit} {error.unit.value}"


def _key(url: str, project: NormalizedName | None) -> str:
    return f"{project or ''} {url}"


def _is_page(answer: Response) -> bool:
    return answer.headers.get("content-type", "Unknown").lower().startswith(CONTENT_TYPES)


def _not_a_page(url: str, method: str, answer: Response) -> PageResult:
    kind = answer.headers.get("content-type", "Unknown")
    return PageResult(messages=(NotAPage(redact(url), method, kind),))
