"""Whether the indexes answer, and where their credentials come from."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from urllib.parse import urlsplit

from pipfast.commands._doctor.subject import Subject
from pipfast.index.forbidden_pages import ForbiddenPages
from pipfast.model.events import silent
from pipfast.model.file_urls import path_of_url
from pipfast.model.findings import Finding, FindLinksMissing, IndexFailed, IndexReached
from pipfast.model.frozen_dataclass import replace
from pipfast.model.link import redact
from pipfast.net.auth import without_credentials
from pipfast.net.client import Client
from pipfast.net.errors import HTTPStatusError, NetworkError
from pipfast.policy.network import network_policy
from pipfast.session.network_hints import about_network

_PROJECT = "pip"
"""The project whose page is requested: nearly every index has one, and 404 is an answer too."""

_TIMEOUT = 15.0  # seconds


def find(subject: Subject) -> Iterator[Finding]:
    """Yield how each configured index answers a request for a project's page."""
    policy = network_policy(subject.settings, subject.python.executable)
    timeout = min(policy.timeout, _TIMEOUT)
    policy = replace(policy, interactive=False, retries=min(policy.retries, 1), timeout=timeout)
    with Client(policy, silent) as client:
        for url in dict.fromkeys((*policy.index_urls, *policy.project_indexes.values())):
            if urlsplit(url).scheme in ("http", "https"):
                yield _answer(client, url)
            else:
                yield from _folder(url)
    for place in policy.find_links:
        yield from _folder(place)


def _answer(client: Client, index: str) -> Finding:
    url = f"{index.rstrip('/')}/{_PROJECT}/"
    began = time.monotonic()
    shown = without_credentials(index)
    try:
        response = client.head(url)
        if response.status >= 400 and response.status not in (404, 405):
            raise HTTPStatusError(response.url, response.status, response.reason)
    except NetworkError as error:
        source = client.account(url).source
        return IndexFailed(
            shown,
            redact(error.why),
            source,
            tuple(about_network(error, client, ForbiddenPages(client))),
        )
    return IndexReached(
        shown,
        response.status,
        round(time.monotonic() - began, 3),
        client.account(url).source,
        url.startswith("https:"),
    )


def _folder(place: str) -> Iterator[Finding]:
    """Yield whether a local place is missing; others are only read when they are needed."""
    scheme = urlsplit(place).scheme
    if scheme in ("http", "https"):
        return
    path = path_of_url(place) if scheme == "file" else os.path.expanduser(place)
    if not os.path.exists(path):
        yield FindLinksMissing(path)
