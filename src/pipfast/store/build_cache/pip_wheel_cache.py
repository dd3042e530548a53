"""pip's cache of built wheels: ``wheels/aa/bb/cc/<rest>/`` in its cache directory.

A folder contains the wheels that one source gave with one Python, and ``origin.json``, the
source's record in the form of ``direct_url.json``. Source: observed behaviour of pip 26.3.
"""

from __future__ import annotations

import hashlib
import json
import posixpath
import re
from pathlib import Path
from urllib.parse import unquote, urlsplit, urlunsplit

from pipfast.model.direct_url import (
    ArchiveOrigin,
    FolderOrigin,
    Origin,
    RepositoryOrigin,
    direct_url,
    direct_url_json,
    origin_of,
)
from pipfast.model.events import Listener
from pipfast.model.lazy_pattern import lazy_pattern
from pipfast.model.link import Link
from pipfast.store.events import OriginDiffers, OriginFileIgnored, OriginFileUnreadable

ORIGIN = "origin.json"
WHEELS = "wheels"
"""Return the folder of built wheels in pip's cache directory."""

_SUBDIRECTORY = lazy_pattern(r"(?:^|&)subdirectory=([^&]*)")
_NAME_AND_VERSION = lazy_pattern(r"[a-z0-9_.]+-[a-z0-9_.!+-]+", re.IGNORECASE)
_PYTHON = lazy_pattern(r"([^0-9]+)(.*)")


def folder_of(cache_dir: str, link: Link, python: str) -> Path:
    """Return the folder for wheels built from `link`; `python` is a tag (``cp311``)."""
    name, version = _PYTHON.match(python).groups()  # type: ignore[union-attr]
    # pip rebuilds the URL from its parts, which drops an empty host
    url = urlunsplit(urlsplit(link.url))
    parts = {"url": url, "interpreter_name": name, "interpreter_version": version}
    if link.digests:
        parts[link.digests[0].algorithm] = link.digests[0].value
    if subdirectory := subdirectory_of(link):
        parts["subdirectory"] = subdirectory
    text = json.dumps(parts, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    key = hashlib.sha224(text.encode("ascii")).hexdigest()
    return Path(cache_dir, WHEELS, key[:2], key[2:4], key[4:6], key[6:])


def subdirectory_of(link: Link) -> str | None:
    """Return the folder inside the source that the link's fragment names."""
    found = _SUBDIRECTORY.search(link.fragment)
    return found[1] if found else None


def is_kept(link: Link, origin: Origin) -> bool:
    """Return whether pip caches what was built from `link`.

    It caches archives with a version in their name, and repositories at a full commit hash;
    never folders and editable installs.
    """
    match origin:
        case FolderOrigin():
            return False
        case RepositoryOrigin():
            return origin.system == "git" and origin.requested == origin.commit
        case ArchiveOrigin():
            return bool(_NAME_AND_VERSION.search(_stem(link)))


def _stem(link: Link) -> str:
    """Return the file name without its extension; ``.tar.gz`` and similar ones count as one."""
    name = posixpath.basename(unquote(urlsplit(link.url).path).rstrip("/"))
    return posixpath.splitext(name)[0].removesuffix(".tar")


def read_origin(wheel: Path, emit: Listener) -> Origin | None:
    """Return the recorded origin of `wheel`; None, with a warning, if unreadable."""
    path = wheel.with_name(ORIGIN)
    try:
        return origin_of(json.loads(path.read_text("utf-8")))
    except FileNotFoundError:
        return None
    except Exception as error:  # noqa: BLE001 - anything may stand in a file of somebody else's
        emit(OriginFileIgnored(path, wheel.name, str(error)))
        return None


def write_origin(folder: Path, origin: Origin, emit: Listener) -> None:
    """Write the origin of the wheels in `folder`. Raises OSError.

    An existing, different origin is reported and replaced.
    """
    path = folder / ORIGIN
    try:
        recorded = origin_of(json.loads(path.read_text("utf-8"))).url
    except FileNotFoundError:
        pass
    except Exception as error:  # noqa: BLE001 - anything may stand in a file of somebody else's
        emit(OriginFileUnreadable(path, str(error)))
    else:
        actual = direct_url(origin)["url"]
        if recorded != actual:
            emit(OriginDiffers(folder, recorded, actual))
    path.write_text(direct_url_json(origin), encoding="utf-8")
