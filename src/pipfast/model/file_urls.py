"""Convert paths and ``file:`` URLs without `urllib.request`, whose import takes 19 ms."""

from __future__ import annotations

import os
import sys
from urllib.parse import quote, unquote, urljoin, urlsplit


def url_of_path(path: str) -> str:
    """Return the ``file:`` URL of a path, made absolute and without ``..``."""
    return urljoin("file://", _quoted(os.path.normpath(os.path.abspath(path))))  # noqa: PTH100


def path_of_url(url: str) -> str:
    """Return the path of a ``file:`` URL on this machine."""
    path = urlsplit(url).path
    if sys.platform == "win32":
        from urllib.request import url2pathname

        return url2pathname(path)
    return unquote(path)


def _quoted(path: str) -> str:
    if sys.platform == "win32":
        from urllib.request import pathname2url

        return pathname2url(path)
    return quote(path)
