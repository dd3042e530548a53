"""Resolve index URLs and ``--find-links`` values to locations."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from functools import cache
from urllib.parse import quote, urlsplit

from packaging.utils import (
    InvalidSdistFilename,
    NormalizedName,
    parse_sdist_filename,
)

from pipfast.index.events import LocationIgnored
from pipfast.index.page_reader import is_html
from pipfast.model import wheel_name
from pipfast.model.file_urls import path_of_url, url_of_path
from pipfast.model.frozen_dataclass import dataclass

_SCHEMES = ("http", "https", "file", "ftp")
_VCS = ("ssh", "git", "hg", "bzr", "sftp", "svn")


@dataclass(frozen=True, slots=True)
class PageAt:
    """A page that lists files; `file` is an alternative link to a file."""

    url: str
    file: str | None = None


@dataclass(frozen=True, slots=True)
class FileAt:
    """A file."""

    url: str


@dataclass(frozen=True, slots=True)
class FolderAt:
    """A folder with files and HTML pages (find-links only)."""

    path: str


@dataclass(frozen=True, slots=True)
class UnusableLocation:
    """An unusable location, with the warning about it."""

    warning: LocationIgnored


Location = PageAt | FileAt | FolderAt | UnusableLocation


def project_page(index: str, project: NormalizedName) -> str:
    """Return the address of a project's page below an index URL."""
    return f"{index}{'' if index.endswith('/') else '/'}{quote(project)}/"


def located(word: str, *, folders: bool) -> Location:
    """Return the location of `word`: an existing path, a ``file:`` URL or a URL.

    With `folders` a folder's files are used, otherwise its ``index.html`` (find-links and
    indexes differ in this).
    """
    if word.startswith(("https:", "http:")):
        if "[" in word and not _is_splittable(word):
            return UnusableLocation(LocationIgnored(word, is_special=False))
        return PageAt(word, file=word)
    path, url = _path_and_url(word)
    if url is None:
        return UnusableLocation(LocationIgnored(word, is_special=False))
    if path is None:
        return PageAt(url, file=url)
    if os.path.isdir(path):  # noqa: PTH112 - a str is what we have
        return FolderAt(path) if folders else PageAt(url)
    if os.path.isfile(path):  # noqa: PTH113 - the same
        return PageAt(url) if is_html(url) else FileAt(url)
    return UnusableLocation(LocationIgnored(word, is_special=True))


def with_home_expanded(word: str) -> str:
    """Return a find-links value with ``~`` expanded if that exists (pip behaviour)."""
    if word.startswith("~"):
        path = os.path.normcase(os.path.realpath(os.path.expanduser(word)))  # noqa: PTH111
        if os.path.exists(path):  # noqa: PTH110 - a str is what we have
            return path
    return word


@dataclass(frozen=True, slots=True)
class Folder:
    """The content of a find-links folder: HTML pages, and files by project."""

    pages: tuple[str, ...]
    files: dict[str, list[str]]


@cache
def folder(path: str) -> Folder:
    """Read a folder once per run; files that are not distributions are skipped.

    Raises OSError.
    """
    pages: list[str] = []
    files: dict[str, list[str]] = {}
    for entry in os.scandir(path):
        url = url_of_path(entry.path)
        if is_html(url):
            pages.append(url)
        elif (project := _project_of(entry.name)) is not None:
            files.setdefault(project, []).append(url)
    return Folder(tuple(pages), files)


def in_descending_order(urls: Iterator[str] | Sequence[str]) -> list[str]:
    """Return pip's sort key for files that are named directly: among equals the least wins."""
    return sorted(urls, reverse=True)


def _is_splittable(url: str) -> bool:
    """Return whether the address of the host in brackets is valid."""
    try:
        return bool(urlsplit(url).netloc)
    except ValueError:
        return False


def _path_and_url(word: str) -> tuple[str | None, str | None]:
    if os.path.exists(word):  # noqa: PTH110 - a str is what we have
        return word, url_of_path(word)
    if word.startswith("file:"):
        return path_of_url(word), word
    scheme = word.partition(":")[0].lower() if ":" in word else ""
    known = scheme in _SCHEMES or scheme.partition("+")[0] in _VCS
    return None, word if known else None


def _project_of(name: str) -> str | None:
    try:
        return wheel_name.parse(name).name
    except wheel_name.InvalidWheelName:
        pass
    try:
        return parse_sdist_filename(name)[0]
    except InvalidSdistFilename:
        return None
