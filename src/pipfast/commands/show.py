"""`pip show`: what distributions say of themselves, and who needs them."""

from __future__ import annotations

import string
from collections.abc import Iterator, Mapping
from functools import partial

from pipfast.commands._environment import contents, location_of, target
from pipfast.config.settings import Settings
from pipfast.environment.dependencies import names_needed, needs_of
from pipfast.environment.direct_url_file import complain
from pipfast.environment.metadata_files import metadata_of, text_of
from pipfast.environment.recorded_files import declared
from pipfast.model.events import Level
from pipfast.model.installed_distribution import Installed
from pipfast.model.metadata_document import Document
from pipfast.model.project_names import NormalizedName, canonical_name
from pipfast.report.console import Console

_UNREADABLE = ["#N/A"]
_NO_LIST = "Cannot locate RECORD or installed-files.txt"
_NOT_IN_LABELS = str.maketrans("", "", string.punctuation + string.whitespace)


def command(settings: Settings, console: Console) -> int:
    """Show the distributions that are named; 1 if none of them is there. Raises PipfastError."""
    python = target(settings, console)
    if not settings.words:
        console.say("ERROR: Please provide a package name or names.", Level.WARNING)
        return 1
    present = {one.name: one for one in contents(settings, python, console, leave_out=())}
    missing = sorted(word for word in settings.words if canonical_name(word) not in present)
    if missing:
        console.say(f"Package(s) not found: {', '.join(missing)}", Level.WARNING)
    crowd = _Crowd(present, python.markers)
    parts = [
        "\n".join(_lines(present[canonical_name(word)], crowd, settings, console))
        for word in settings.words
        if canonical_name(word) in present
    ]
    if parts:
        console.say("\n---\n".join(parts))
    return 0 if parts else 1


class _Crowd:
    """All that is installed, and who of it needs whom."""

    def __init__(
        self, present: Mapping[NormalizedName, Installed], markers: Mapping[str, str]
    ) -> None:
        self._present = present
        self._markers = markers
        self._needs: dict[NormalizedName, frozenset[NormalizedName]] | None = None

    def needs(self, one: Installed) -> list[str]:
        """The projects that `one` needs; its requirements as they are where one cannot be read."""
        lines = needs_of(one)
        try:
            names = set(names_needed(lines, self._markers))
        except ValueError:
            return sorted(lines, key=str.lower)
        return sorted(names, key=str.lower)

    def needers(self, one: Installed) -> list[str]:
        """The distributions that need `one`."""
        try:
            needs = self._all()
        except ValueError:  # one of them cannot be read
            return _UNREADABLE
        found = [self._present[name] for name, needed in needs.items() if one.name in needed]
        names = (metadata_of(needer).first("name") or "UNKNOWN" for needer in found)
        return sorted(names, key=str.lower)

    def _all(self) -> Mapping[NormalizedName, frozenset[NormalizedName]]:
        if self._needs is None:
            self._needs = {
                name: frozenset(map(canonical_name, names_needed(needs_of(one), self._markers)))
                for name, one in self._present.items()
            }
        return self._needs


def _lines(one: Installed, crowd: _Crowd, settings: Settings, console: Console) -> Iterator[str]:
    complain(one, console)
    document = metadata_of(one)
    said = partial(_said, document)
    yield f"Name: {one.raw_name}"
    yield f"Version: {one.raw_version}"
    yield f"Summary: {said('summary')}"
    yield f"Home-page: {said('home-page') or _homepage(document)}"
    yield f"Author: {said('author')}"
    yield f"Author-email: {said('author-email')}"
    yield _licence(document)
    yield f"Location: {location_of(one)}"
    if one.editable is not None:
        yield f"Editable project location: {one.editable}"
    yield f"Requires: {', '.join(crowd.needs(one))}"
    yield f"Required-by: {', '.join(crowd.needers(one))}"
    if settings.values.get("verbose"):
        yield from _details(one, document)
    if settings.flag("files"):
        files = declared(one)
        yield "Files:"
        yield from [_NO_LIST] if files is None else (f"  {name.strip()}" for name in sorted(files))


def _details(one: Installed, document: Document) -> Iterator[str]:
    yield f"Metadata-Version: {_said(document, 'metadata-version')}"
    yield f"Installer: {one.installer}"
    yield "Classifiers:"
    yield from (f"  {classifier}" for classifier in document.all("classifier"))
    yield "Entry-points:"
    points = text_of(one.info, "entry_points.txt") or ""
    yield from (f"  {line.strip()}" for line in points.splitlines())
    yield "Project-URLs:"
    yield from (f"  {url}" for url in document.all("project-url"))


def _said(document: Document, field: str) -> str:
    return document.first(field) or ""


def _homepage(document: Document) -> str:
    """The project's URL that is labelled as its home page (PEP 753)."""
    for line in document.all("project-url"):
        label, _, url = line.partition(",")
        if label.translate(_NOT_IN_LABELS).lower() == "homepage":
            return url.strip()
    return ""


def _licence(document: Document) -> str:
    """An expression counts from the version of metadata on that knows it (PEP 639)."""
    expression = _said(document, "license-expression")
    numbers = _said(document, "metadata-version").split(".")
    known = all(map(str.isdecimal, numbers)) and tuple(map(int, numbers)) >= (2, 4)
    if known and expression:
        return f"License-Expression: {expression}"
    return f"License: {_said(document, 'license')}"
