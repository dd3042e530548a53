"""Group the files of a JSON page by version, for pages of the form that indexes write.

A page may list thousands of files, of which a resolution looks at a few. Each field is read and
checked for all files at once, without a function call for each file. Where a page contains anything
unusual, `groups` returns None, and `simple_api` and `filenames` read it file by file; both give the
same result.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from operator import itemgetter
from typing import Any

from packaging.utils import NormalizedName

from pipfast.index.filenames import (
    EXTENSIONS,
    canonical,
    descending,
    filename_of,
    python_suffix,
    splitext,
    version_text,
)
from pipfast.index.simple_api import MAX_SIZE, quoted
from pipfast.model.frozen_dataclass import dataclass
from pipfast.model.lazy_pattern import lazy_pattern
from pipfast.model.wheel_name import COMPONENTS, SUFFIX

_HEAD = lazy_pattern(r"https?://[A-Za-z0-9_.:-]+/(?:[A-Za-z0-9_.~-]*/)*")
"""The part that all addresses have in common: at least the host, up to a slash."""

_PATH = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.~-/"
"""Characters of a path that need not be quoted, and cannot begin a query or a fragment."""

_TEXT_OR_NONE = frozenset({str, type(None)})
_METADATA = frozenset({bool, dict, type(None)})
_MARKS = frozenset({bool, str, type(None)})
_BEHIND = 3
"""The number of components behind a wheel's version and build tag."""

_QUOTED = frozenset(b"%+")
"""Characters of versions that addresses have as well, quoted or not."""

Row = tuple[Any, ...]
"""The fields of a `FileRow`."""

_Files = Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Groups:
    """The files of a project by version in descending order; their addresses lack the `prefix`."""

    prefix: str
    by_version: list[tuple[str, list[Row]]]


def groups(files: Any, project: NormalizedName) -> Groups | None:
    """Return the files of `project` by version, or None for an unusual page.

    `files` is the array of a page. Within a version the page's order is kept.
    """
    try:
        urls = list(map(itemgetter("url"), files))
        prefix, tails = _addresses(urls)
        by_text = _by_text(tails, _rows(files, tails), project)
    except (KeyError, TypeError, AttributeError, ValueError):
        return None
    return Groups(prefix, descending(by_text))


def _addresses(urls: list[str]) -> tuple[str, list[str]]:
    """Return the common part of the addresses, and the rest of each. Raises ValueError."""
    low, high = min(urls), max(urls)
    pairs = zip(low, high, strict=False)
    cut = next((place for place, (first, second) in enumerate(pairs) if first != second), len(low))
    cut = low.rfind("/", 0, cut) + 1
    if _HEAD.fullmatch(low, 0, cut) is None:
        raise ValueError(low)
    tails = [url[cut:] for url in urls]
    unusual = frozenset("".join(tails).encode("ascii").translate(None, _PATH))
    if unusual:
        if not unusual <= _QUOTED:
            raise ValueError(low)
        tails = [quoted(url)[cut:] if "%" in url or "+" in url else url[cut:] for url in urls]
    if len(set(tails)) != len(tails):
        raise ValueError(low)
    return low[:cut], tails


def _rows(files: _Files, tails: list[str]) -> list[Row]:
    """Return the fields of the files. Raises ValueError for an unusual one."""
    digests = _digests(list(map(itemgetter("hashes"), files)))
    requires = _field(files, "requires-python")
    uploaded = _field(files, "upload-time")
    yanked = _field(files, "yanked")
    sizes = _sizes(_field(files, "size"))
    metadata = _metadata(files)
    if not (_kinds(requires) | _kinds(uploaded) <= _TEXT_OR_NONE and _kinds(yanked) <= _MARKS):
        raise ValueError
    if "" in requires:
        requires = [text or None for text in requires]
    if "" in uploaded:
        uploaded = [text or None for text in uploaded]
    if set(yanked) <= {False, None}:
        texts: list[str | None] = [None] * len(yanked)
    else:
        texts = [None if not mark else "" if mark is True else mark for mark in yanked]
    return list(zip(tails, digests, requires, texts, metadata, uploaded, sizes, strict=True))


def _field(files: _Files, name: str) -> list[Any]:
    try:
        return list(map(itemgetter(name), files))  # half the time of `get`
    except KeyError:
        return [file.get(name) for file in files]


def _kinds(values: list[Any]) -> set[type]:
    return set(map(type, values))


def _digests(hashes: list[Any]) -> list[list[str]]:
    """Return the digests. Raises ValueError unless each file has that of SHA-256 alone."""
    if _kinds(hashes) != {dict} or set(map(len, hashes)) != {1}:
        raise ValueError
    values = list(map(itemgetter("sha256"), hashes))
    if _kinds(values) != {str}:
        raise ValueError
    return [["sha256:" + value] for value in values]


def _sizes(sizes: list[Any]) -> list[int | None]:
    whole = sizes if None not in sizes else [size for size in sizes if size is not None]
    if whole and not (_kinds(whole) == {int} and min(whole) >= 0 and max(whole) < MAX_SIZE):
        raise ValueError
    return sizes


def _metadata(files: _Files) -> list[list[str] | None]:
    """Return the digests of the metadata files (PEP 714, 658). Raises ValueError."""
    values = _field(files, "core-metadata")
    if None in values:
        older = _field(files, "dist-info-metadata")
        if _kinds(older) != {type(None)}:
            pairs = zip(values, older, strict=True)
            values = [other if value is None else value for value, other in pairs]
    kinds = _kinds(values)
    if not kinds <= _METADATA:
        raise ValueError
    if dict not in kinds:
        return [[] if value else None for value in values]
    stated = [value for value in values if type(value) is dict]
    if set(map(len, stated)) != {1} or _kinds(list(map(itemgetter("sha256"), stated))) != {str}:
        raise ValueError
    return [
        (["sha256:" + value["sha256"]] if value is not True else []) if value else None
        for value in values
    ]


def _by_text(tails: list[str], rows: list[Row], project: NormalizedName) -> dict[str, list[Row]]:
    names = [tail[tail.rfind("/") + 1 :] for tail in tails]
    heads = [
        name.rsplit("-", _BEHIND)[0] if name.endswith(SUFFIX) and "%" not in name else f"/{name}"
        for name in names
    ]
    places: defaultdict[str, list[int]] = defaultdict(list)
    for place, head in enumerate(heads):
        places[head].append(place)
    found: dict[str, list[int]] = {}
    for head, own in places.items():
        is_wheel = not head.startswith("/")
        text = _wheel_version(head, project) if is_wheel else _version(tails[own[0]], project)
        if text in found:
            found[text] = sorted(found[text] + own)
        elif text is not None:
            found[text] = own
    in_order = sorted(found, key=lambda text: found[text][0])
    return {text: [rows[place] for place in found[text]] for text in in_order}


def _version(tail: str, project: NormalizedName) -> str | None:
    """Return the version in the name of any file. Raises ValueError for an unusual address."""
    if not tail.endswith(SUFFIX):
        return _sdist_version(tail, project)
    return _wheel_version(filename_of(tail).rsplit("-", _BEHIND)[0], project)


def _wheel_version(head: str, project: NormalizedName) -> str | None:
    """Return the version in a wheel's name without its last components."""
    parts = head.split("-")
    if len(parts) + _BEHIND not in COMPONENTS or canonical(parts[0]) != project:
        return None
    return parts[1]


def _sdist_version(tail: str, project: NormalizedName) -> str | None:
    """Return the version in the name of an sdist. Raises ValueError for an unusual address."""
    stem, extension = splitext(filename_of(tail))
    if extension == SUFFIX or not tail or tail[-1] == "/":
        raise ValueError(tail)
    text = version_text(stem, project) if extension in EXTENSIONS else None
    return None if text is None else python_suffix(text)[0]
