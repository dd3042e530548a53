"""Find out whether an index answers 403 for projects that it does not have.

Object stores do: they tell those who may not list their objects nothing about what exists.
"""

from __future__ import annotations

import json
import threading
from urllib.parse import unquote, urlsplit

from packaging.utils import canonicalize_name

from pipfast.index.html import read_anchors
from pipfast.index.simple_api import ACCEPT
from pipfast.model.events import silent
from pipfast.model.input_limits import LimitExceeded
from pipfast.net.client import Client
from pipfast.net.errors import NetworkError

_NOBODY = "pipfast-asks-for-a-project-that-does-not-exist"


class ForbiddenPages:
    """Explains answers of 403; asks each index once, silently. Safe for several threads."""

    def __init__(self, client: Client) -> None:
        self._client = client.reporting_to(silent)
        self._listed: dict[str, frozenset[str] | None] = {}
        self._lock = threading.Lock()

    def is_missing(self, url: str) -> bool:
        """Return whether the project's page at `url`, which answered 403, does not exist.

        That is never assumed of an index that the user has an account for: it may hide projects
        from some users.
        """
        return not self._client.has_account(url) and self.is_unlisted(url)

    def is_unlisted(self, url: str) -> bool:
        """Return whether the index of `url` forbids unknown projects, and seems to lack this one.

        That is so if it answers 403 for a project that cannot exist, and lists its projects
        (PEP 503) without this one.
        """
        index, _, project = url.partition("?")[0].rstrip("/").rpartition("/")
        with self._lock:
            if index not in self._listed:
                self._listed[index] = self._listed_projects(index)
        listed = self._listed[index]
        return bool(listed) and canonicalize_name(unquote(project)) not in (listed or ())

    def _listed_projects(self, index: str) -> frozenset[str] | None:
        """Return the projects that the index lists; None if it does not forbid unknown ones."""
        try:
            if self._client.get(f"{index}/{_NOBODY}/", {"accept": ACCEPT}).status != 403:
                return None
            answer = self._client.get(f"{index}/", {"accept": ACCEPT}).raise_for_status()
            return frozenset(map(canonicalize_name, _names(answer.body, answer.url)))
        except (NetworkError, ValueError, LookupError, TypeError, LimitExceeded):
            return None


def _names(content: bytes, url: str) -> list[str]:
    """Return the names on the page of all projects, in JSON (PEP 691) or HTML."""
    if content.lstrip().startswith(b"{"):
        return [str(each["name"]) for each in json.loads(content)["projects"]]
    page = read_anchors(content.decode("utf-8", "replace"), url)
    hrefs = [anchor.get("href") or "" for anchor in page.anchors]
    return [unquote(urlsplit(href).path).rstrip("/").rpartition("/")[2] for href in hrefs]
