"""Parse file names: project, version, and whether it is a distribution."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache, lru_cache
from typing import TypeVar
from urllib.parse import unquote

from packaging.utils import NormalizedName, canonicalize_name
from packaging.version import Version

from pipfast.model import wheel_name
from pipfast.model.fast_versions import Key, ordered
from pipfast.model.file_row import FileRow
from pipfast.model.lazy_pattern import lazy_pattern

EXTENSIONS = frozenset({
    ".zip", ".whl", ".tar.gz", ".tgz", ".tar", ".tar.bz2", ".tbz", ".tar.xz", ".txz", ".tlz",
    ".tar.lz", ".tar.lzma",
})  # fmt: skip
"""Archives that pip unpacks."""

_PYTHON_SUFFIX = lazy_pattern(r"-py([123]\.?[0-9]?)$")
_EGG = lazy_pattern(r"(?:^|&)egg=([^&]*)")

canonical = lru_cache(maxsize=None)(canonicalize_name)
"""Return `canonicalize_name`, cached by spelling."""


@cache
def version_of(text: str) -> Version | None:
    """Parse a version once per run; None if PEP 440 does not allow it.

    Numbers that are longer than Python converts (4,300 digits) are not allowed either.
    """
    try:
        return Version(text)
    except ValueError:
        return None


def filename_of(url: str) -> str:
    """Return the last part of the path of `url`, unquoted, without fragment and query."""
    if "#" in url or "?" in url:
        url = url.partition("#")[0].partition("?")[0]
    name = url.rstrip("/").rpartition("/")[2]
    return unquote(name).rpartition("/")[2] if "%" in name else name


def splitext(name: str) -> tuple[str, str]:
    """Return stem and extension; ``.tar.gz`` and similar ones count as a whole."""
    stem, dot, extension = name.rpartition(".")
    if not dot or not stem.strip("."):
        return name, ""
    if stem.lower().endswith(".tar"):
        return stem[:-4], stem[-4:] + dot + extension
    return stem, dot + extension


def egg_of(url: str) -> str | None:
    """Return the name in ``#egg=``, None if there is none."""
    found = _EGG.search(url.partition("#")[2]) if "#" in url else None
    return found[1] if found else None


def version_text(stem: str, project: NormalizedName) -> str | None:
    """Return the version in an sdist's stem: behind the first hyphen after the project's name."""
    position = stem.find("-")
    while position >= 0:
        if canonical(stem[:position]) == project:
            return stem[position + 1 :] or None
        position = stem.find("-", position + 1)
    return None


def python_suffix(version: str) -> tuple[str, str | None]:
    """Return a version without its ``-pyX.Y``, and that ``X.Y``."""
    found = _PYTHON_SUFFIX.search(version)
    return (version[: found.start()], found[1]) if found else (version, None)


def stem_of(url: str) -> tuple[str, str]:
    """Return the text with project and version, and the extension: ``#egg=`` has precedence."""
    stem, extension = splitext(filename_of(url))
    egg = egg_of(url)
    return (stem, extension) if egg is None else (egg, extension)


def grouped(rows: Iterable[FileRow], project: NormalizedName) -> list[tuple[str, list[FileRow]]]:
    """Return the files of `project` among `rows` by version, in descending order.

    Within a version the page's order is kept, with ``#egg=`` links last; each URL counts once.
    Files of other projects and without a valid version are dropped.
    """
    by_text: dict[str, list[FileRow]] = {}
    seen: set[str] = set()
    for row in _eggs_last(rows):
        if row.url in seen:
            continue
        seen.add(row.url)
        text = _version_in(row.url, project)
        if text is None:
            continue
        group = by_text.get(text)
        if group is None:
            by_text[text] = [row]
        else:
            group.append(row)
    return descending(by_text)


def in_order_of_use(rows: Iterable[FileRow]) -> Iterator[FileRow]:
    """Yield each link once, in the order in which pip looks at them: ``#egg=`` links last."""
    seen: set[str] = set()
    for row in _eggs_last(rows):
        if row.url not in seen:
            seen.add(row.url)
            yield row


def _eggs_last(rows: Iterable[FileRow]) -> Sequence[FileRow]:
    listed = list(rows)
    eggs = [row for row in listed if "egg=" in row.url and egg_of(row.url) is not None]
    if not eggs:
        return listed
    return [row for row in listed if egg_of(row.url) is None] + eggs


def _version_in(url: str, project: NormalizedName) -> str | None:
    if not url.endswith(".whl"):
        stem, extension = stem_of(url)
        has_egg = egg_of(url) is not None
        if not has_egg and extension not in EXTENSIONS:
            return None
        if has_egg or extension != ".whl":  # the fragment decides, for a wheel too (pip behaviour)
            text = version_text(stem, project)
            return None if text is None else python_suffix(text)[0]
    named = wheel_name.name_and_version(filename_of(url))
    return named[1] if named is not None and canonical(named[0]) == project else None


_Row = TypeVar("_Row")


def descending(by_text: Mapping[str, list[_Row]]) -> list[tuple[str, list[_Row]]]:
    """Return files by version in descending order; `by_text` has them by version as written.

    Versions are in PEP 440's normal form as first written; invalid ones are dropped.
    """
    by_key: dict[Key, tuple[str, list[_Row]]] = {}
    for text, rows in by_text.items():
        version = ordered(text)
        if version is None:
            continue
        normal, key = version
        known = by_key.get(key)
        if known is None:
            by_key[key] = (normal, rows)
        else:
            known[1].extend(rows)
    return [by_key[key] for key in sorted(by_key, reverse=True)]
