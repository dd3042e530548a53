"""The lines of `pip show`."""

from __future__ import annotations

import string

from pipfast.model.frozen_dataclass import dataclass
from pipfast.model.metadata_document import Document

TYPE_CHECKING = False  # type checkers know this name; importing typing costs 3 ms
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

NO_NAMES = "ERROR: Please provide a package name or names."
UNREADABLE = ("#N/A",)
"""What stands for the dependents if the requirements of one distribution cannot be read."""

_NO_LIST = "Cannot locate RECORD or installed-files.txt"
_NOT_IN_LABELS = str.maketrans("", "", string.punctuation + string.whitespace)


@dataclass(frozen=True, slots=True, kw_only=True)
class Details:
    """What ``--verbose`` adds; `entry_points` is the text of that file."""

    installer: str
    entry_points: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A distribution to print; `details` and `files` are None where options do not request them.

    `files` is empty and `files_known` false if the distribution has no list of its files.
    """

    name: str
    version: str | None
    document: Document
    location: str
    editable: str | None
    requires: Sequence[str]
    required_by: Sequence[str]
    details: Details | None = None
    files: Sequence[str] | None = None
    files_known: bool = True


def not_found(names: Iterable[str]) -> str:
    """Return the warning for projects that are not installed."""
    return f"Package(s) not found: {', '.join(names)}"


def sections(parts: Iterable[str]) -> str:
    """Return the texts of several distributions as one."""
    return "\n---\n".join(parts)


def section(shown: Shown) -> str:
    """Return the text of a distribution."""
    return "\n".join(_lines(shown))


def _lines(shown: Shown) -> Iterator[str]:
    document = shown.document
    yield f"Name: {shown.name}"
    yield f"Version: {shown.version}"
    yield f"Summary: {_first(document, 'summary')}"
    yield f"Home-page: {_first(document, 'home-page') or _homepage(document)}"
    yield f"Author: {_first(document, 'author')}"
    yield f"Author-email: {_first(document, 'author-email')}"
    yield _license(document)
    yield f"Location: {shown.location}"
    if shown.editable is not None:
        yield f"Editable project location: {shown.editable}"
    yield f"Requires: {', '.join(shown.requires)}"
    yield f"Required-by: {', '.join(shown.required_by)}"
    if shown.details is not None:
        yield from _details(document, shown.details)
    if shown.files is not None:
        yield "Files:"
        if shown.files_known:
            yield from (f"  {name.strip()}" for name in sorted(shown.files))
        else:
            yield _NO_LIST


def _details(document: Document, details: Details) -> Iterator[str]:
    yield f"Metadata-Version: {_first(document, 'metadata-version')}"
    yield f"Installer: {details.installer}"
    yield "Classifiers:"
    yield from (f"  {classifier}" for classifier in document.all("classifier"))
    yield "Entry-points:"
    yield from (f"  {line.strip()}" for line in details.entry_points.splitlines())
    yield "Project-URLs:"
    yield from (f"  {url}" for url in document.all("project-url"))


def _first(document: Document, field: str) -> str:
    return document.first(field) or ""


def _homepage(document: Document) -> str:
    """Return the project URL that is labelled as the home page (PEP 753)."""
    for line in document.all("project-url"):
        label, _, url = line.partition(",")
        if label.translate(_NOT_IN_LABELS).lower() == "homepage":
            return url.strip()
    return ""


def _license(document: Document) -> str:
    """Return the license line; License-Expression counts from metadata version 2.4 (PEP 639)."""
    expression = _first(document, "license-expression")
    numbers = _first(document, "metadata-version").split(".")
    known = all(map(str.isdecimal, numbers)) and tuple(map(int, numbers)) >= (2, 4)
    if known and expression:
        return f"License-Expression: {expression}"
    return f"License: {_first(document, 'license')}"
