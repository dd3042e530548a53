"""Find installed distributions: metadata folders on an interpreter's path, in pip's order."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache

from pipfast.environment.events import LeftoverIgnored, MetadataSkipped
from pipfast.environment.interpreter import Interpreter
from pipfast.environment.metadata_files import DIRECT_URL_SIZE, read, tidy
from pipfast.environment.presence import is_absence
from pipfast.model.events import Event, Listener, silent
from pipfast.model.frozen_dataclass import dataclass
from pipfast.model.installed_distribution import Installed
from pipfast.model.lazy_pattern import lazy_pattern
from pipfast.model.project_names import NormalizedName, canonical_name

NEVER_LISTED = frozenset(map(canonical_name, ("python", "wsgiref", "argparse")))
"""Projects that are part of Python; pip neither lists them nor resolves against them."""

_HEAD = 1024
"""How many bytes of METADATA are searched for name and version, which are on the first lines."""

_SEPARATORS = lazy_pattern(r"[-_.]+")
_NOT_IN_LINKS = lazy_pattern(r"[^A-Za-z0-9.]+")
_PROJECT_NAME = lazy_pattern(r"([A-Z0-9]|[A-Z0-9][A-Z0-9._-]*[A-Z0-9])", re.IGNORECASE)


def installed(
    paths: Sequence[str], interpreter: Interpreter, emit: Listener = silent
) -> tuple[Installed, ...]:
    """Return the distributions in the folders `paths`; the first of a name hides later ones.

    Skips folders that an interrupted pip left (``~name``) and metadata without a project name,
    and reports them to `emit` like pip. Missing paths are ignored. Source: PEP 376, 627; pip's
    use of importlib.metadata.
    """
    scan = _Scan(interpreter, emit)
    return tuple(scan.all(paths))


def report_leftovers(
    paths: Sequence[str], interpreter: Interpreter, emit: Listener, until: str = ""
) -> None:
    """Report the leftovers in `paths` as pip does in each scan, up to the project `until`.

    Metadata without a project name is only reported in the first scan.
    """

    def repeated(event: Event) -> None:
        if isinstance(event, LeftoverIgnored):
            emit(event)

    for found in _Scan(interpreter, repeated).all(paths):
        if found.name == until:
            return


@dataclass(frozen=True, slots=True)
class _PathEntry:
    """What the distributions in a folder on the path have in common."""

    local: bool
    in_user_site: bool


class _Scan:
    """One scan of a path: names that were found already hide later ones."""

    def __init__(self, interpreter: Interpreter, emit: Listener) -> None:
        self._interpreter = interpreter
        self._emit = emit
        self._found: set[str] = set()
        self._egg_links: set[str] = set()

    def all(self, paths: Sequence[str]) -> Iterator[Installed]:
        listings = [(path, _listing(path)) for path in paths]
        for _, names in listings:
            self._egg_links.update(name for name in names if name.endswith(".egg-link"))
        for path, names in listings:
            entry = self._path_entry(path)
            yield from self._in_folder(path, names, entry)
            if self._egg_links:
                for linked in _egg_links(path, names):
                    yield from self._in_folder(linked, _listing(linked), entry)
            for found in self._interpreter.finder_distributions:
                if found["path"] == path and self._is_new(found):
                    yield self._from_finder(found, entry)

    def _path_entry(self, path: str) -> _PathEntry:
        resolved = _resolved(path)
        target = self._interpreter
        return _PathEntry(
            local=not target.is_virtual or resolved.startswith(_resolved(target.prefix)),
            in_user_site=bool(target.user_site)
            and resolved.startswith(_resolved(target.user_site or "")),
        )

    def _in_folder(self, path: str, names: Sequence[str], entry: _PathEntry) -> Iterator[Installed]:
        location = tidy(path)
        start = "" if location == "." else os.path.join(location, "")
        for name in _grouped(path, names):
            info = start + name
            known = self._known(info, name)
            if known is None:
                continue
            canonical, version = known
            if canonical in self._found:
                continue
            self._found.add(canonical)
            if not _PROJECT_NAME.fullmatch(canonical):
                self._report_leftover(name, canonical, location)
                continue
            yield self._describe(info, location, (canonical, version), entry)

    def _known(self, info: str, name: str) -> tuple[str, str | None] | None:
        """Return name and version from a metadata folder's name; None if it has none."""
        stem, suffix = os.path.splitext(name)
        version = None
        if suffix == ".dist-info":
            project, dash, version = stem.partition("-")
            if dash and project:
                return canonical_name(project), version or None
        elif suffix == ".egg-info" and stem:
            return canonical_name(stem.split("-", 1)[0]), None
        written = _head(info)[0]
        if written is not None:
            return canonical_name(written), version or None
        self._emit(MetadataSkipped(info))
        return None

    def _is_new(self, found: Mapping[str, str | None]) -> bool:
        """Return whether no earlier distribution has the name of the finder's."""
        name = canonical_name(found["name"] or "")
        if name in self._found or not _PROJECT_NAME.fullmatch(name):
            return False
        self._found.add(name)
        return True

    def _from_finder(self, found: Mapping[str, str | None], entry: _PathEntry) -> Installed:
        """A distribution that a custom finder of the target provides."""
        raw_name, version, info = found["name"] or "", found["version"], found["info"]
        known = canonical_name(raw_name), version
        if info is not None:
            return self._describe(info, os.path.dirname(info), known, entry)
        return Installed(
            name=known[0],
            raw_name=raw_name,
            version=version or "",
            raw_version=version,
            location="",
            info="",
            local=False,
            text=found["text"] or "",
        )

    def _report_leftover(self, name: str, canonical: str, location: str) -> None:
        is_incomplete = name.startswith("~")
        shown = name if is_incomplete else canonical
        self._emit(LeftoverIgnored(shown, location, is_incomplete))

    def _describe(
        self, info: str, location: str, known: tuple[str, str | None], entry: _PathEntry
    ) -> Installed:
        canonical, version = known
        raw_name, raw_version = _head(info)
        raw_name = raw_name or canonical
        direct_url = read(f"{info}{os.sep}direct_url.json", DIRECT_URL_SIZE)
        return Installed(
            name=NormalizedName(canonical),
            raw_name=raw_name,
            version=version or raw_version or "",
            raw_version=raw_version,
            location=location,
            info=info,
            installer=_first_line(read(f"{info}{os.sep}INSTALLER", _HEAD)),
            requested=_exists(f"{info}{os.sep}REQUESTED"),
            direct_url=None if direct_url is None else direct_url.decode("utf-8", "replace"),
            editable=self._editable(direct_url, raw_name, location),
            local=entry.local,
            in_user_site=entry.in_user_site,
        )

    def _editable(self, direct_url: bytes | None, raw_name: str, location: str) -> str | None:
        if direct_url is not None:
            from pipfast.environment.direct_url_file import document_in, editable_folder

            document = document_in(direct_url)
            if document is not None:
                return editable_folder(document)
        if not self._egg_links:
            return None
        names = (f"{_NOT_IN_LINKS.sub('-', raw_name)}.egg-link", f"{raw_name}.egg-link")
        return location if self._egg_links.intersection(names) else None


def _listing(path: str) -> list[str]:
    """Return the names in a folder or at the top of a zipped one; none for a wheel.

    Raises OSError if they cannot be known.
    """
    try:
        return os.listdir(path or ".")
    except NotADirectoryError:
        from pipfast.environment.eggs import names_in_archive

        return names_in_archive(path)
    except OSError as error:
        if is_absence(error, path):
            return []
        raise


def _grouped(path: str, names: Sequence[str]) -> list[str]:
    """Return the metadata folders among `names`, grouped by name, in Python's order."""
    groups: dict[str, list[str]] = {}
    in_eggs: list[str] = []
    is_egg = path.lower().endswith(".egg")
    for name in names:
        low = name.lower()
        if low.endswith((".dist-info", ".egg-info")):
            stem = low.rpartition(".")[0].partition("-")[0]
            groups.setdefault(_SEPARATORS.sub("-", stem).replace("-", "_"), []).append(name)
        elif is_egg and low == "egg-info":
            in_eggs.append(name)
    return [name for group in groups.values() for name in group] + in_eggs


def _egg_links(path: str, names: Sequence[str]) -> Iterator[str]:
    """Return the folders that ``.egg-link`` files point to."""
    for name in names:
        if name.endswith(".egg-link"):
            data = read(os.path.join(path, name)) or b""
            lines = (line.strip() for line in data.decode("utf-8", "replace").splitlines())
            target = next((line for line in lines if line), "")
            if target:
                yield os.path.join(path, target)


def _head(info: str) -> tuple[str | None, str | None]:
    """Return Name and Version of a metadata folder (or file), None where missing."""
    for path in (f"{info}{os.sep}METADATA", f"{info}{os.sep}PKG-INFO", info):
        data = read(path, _HEAD)
        if data:
            name, version = _name_and_version(data)
            if len(data) == _HEAD and (name is None or version is None):
                name, version = _name_and_version(read(path) or b"")
            return name, version
    if ".egg" in info:
        from pipfast.environment.eggs import data_in_archive

        return _name_and_version(data_in_archive(info, "PKG-INFO") or b"")
    return None, None


def _name_and_version(data: bytes) -> tuple[str | None, str | None]:
    found: dict[bytes, str] = {}
    for line in data.split(b"\n"):
        field, colon, value = line.partition(b":")
        field = field.rstrip(b" \t\r").lower()
        if not colon and not field:
            break  # the end of the header
        if colon and field in (b"name", b"version"):
            found.setdefault(field, value.strip(b" \t\r").decode("utf-8", "replace"))
            if len(found) == 2:
                break
    return found.get(b"name"), found.get(b"version")


def _exists(path: str) -> bool:
    try:
        os.stat(path)
    except OSError:
        return False
    return True


def _first_line(data: bytes | None) -> str:
    """Return the first non-empty line; none if it is not UTF-8 (pip behaviour)."""
    try:
        text = (data or b"").decode("utf-8")
    except UnicodeDecodeError:
        return ""
    lines = (line.strip() for line in text.splitlines())
    return next((line for line in lines if line), "")


@cache
def _resolved(path: str) -> str:
    """Return `path` with links resolved, in the platform's case."""
    return os.path.normcase(os.path.realpath(os.path.expanduser(path)))
