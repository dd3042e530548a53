"""Cache built wheels in pip's folders, and find them by everything that the build read.

Every wheel that pip would cache is stored in pip's layout, so that both programs find each
other's wheels. What pip's key leaves out (config settings, variables, constraints, visible
distributions, the source's content) is in notes in the store's area `built/`: a wheel with
another key is skipped.
"""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from packaging.tags import Tag
from packaging.utils import NormalizedName

from pipfast.model import wheel_name
from pipfast.model.digest import STRONG
from pipfast.model.direct_url import ArchiveOrigin, FolderOrigin, Origin
from pipfast.model.events import Listener, silent
from pipfast.model.frozen_dataclass import dataclass, field, replace
from pipfast.model.link import Link
from pipfast.store.build_cache.notes import Note, Notes
from pipfast.store.build_cache.pip_wheel_cache import (
    folder_of,
    is_kept,
    read_origin,
    subdirectory_of,
    write_origin,
)
from pipfast.store.events import CachedWheelOfOtherProject
from pipfast.store.filesystem.atomic import copy, put, sha256_of
from pipfast.store.filesystem.root import Store

if TYPE_CHECKING:
    from typing import Self  # type: ignore[attr-defined, unused-ignore]  # 3.11

AREA = "built"
"""The store's area: `wheels` without a place in pip's cache, `notes`, and `sources` of wheels."""

_NOTHING: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildKey:
    """Everything that a build reads except its source's address; equal keys give equal wheels.

    `python` is the interpreter as in wheel tags (``cp311``), `platform` sysconfig's name.
    `source` identifies the source's content, empty if unknown: ``sha256:…`` of an archive; for a
    repository everything that files and version depend on (the commit, and tags that a backend
    may read). `settings` are ``--config-settings``. `variables` are those that only pipfast sets
    for a project; `against` is what only pipfast makes visible to a build, as ``name==version``.
    With either of them, the wheel is not placed in pip's cache. `ambient` are the listed
    variables of the user's environment, `constraints` the lines of build constraints; `visible`
    is what a build without isolation could see, as ``name==version``.
    """

    python: str
    platform: str = ""
    source: str = ""
    settings: Mapping[str, str | Sequence[str]] = field(default_factory=lambda: _NOTHING)
    variables: Mapping[str, str] = field(default_factory=lambda: _NOTHING)
    ambient: Mapping[str, str] = field(default_factory=lambda: _NOTHING)
    constraints: tuple[str, ...] = ()
    visible: tuple[str, ...] = ()
    against: tuple[str, ...] = ()

    @property
    def plain(self) -> bool:
        """Return whether the build read nothing that pip's key leaves out."""
        special = (self.settings, self.variables, self.ambient, self.constraints, self.visible)
        return not any((*special, self.against))

    @property
    def enclosed(self) -> BuildKey:
        """Return the key of the isolated build."""
        return replace(self, visible=())

    @property
    def beside(self) -> str:
        """Return a digest of everything except the source."""
        parts = {
            "python": self.python,
            "platform": self.platform,
            "settings": dict(self.settings),
            "variables": dict(self.variables),
            "ambient": dict(self.ambient),
            "constraints": sorted(self.constraints),
            "visible": sorted(self.visible),
            **({"against": sorted(self.against)} if self.against else {}),
        }
        return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class BuildRecord:
    """What is stored with a wheel: the source's version, and the build requirements.

    `requirements` are ``name==version``, for people to read.
    """

    version: str = ""
    requirements: tuple[str, ...] = ()


NO_RECORD = BuildRecord()


@dataclass(frozen=True, slots=True)
class CachedWheel:
    """A built wheel: the file to install, the folder that pip prints, and its origin.

    `origin` is None for a wheel of an old pip, which did not store it; `sha256` is the wheel's
    own, in hexadecimal. `version` is the source's before the build, empty for a wheel of pip.
    """

    path: Path
    folder: Path
    origin: Origin | None
    sha256: str
    version: str = ""


class BuiltWheelCache:
    """The built wheels in pip's cache directory; without one, those of this run.

    With `trusts_open`, a wheel in pip's folder from a build without isolation replaces an isolated
    build, as in pip.

    Use it in a with statement, or call `close`, which removes wheels that must not be found
    again. Safe for several threads and processes.
    """

    def __init__(
        self,
        cache_dir: str | None,
        store: Store,
        emit: Listener = silent,
        *,
        trusts_open: bool = False,
    ) -> None:
        self._cache_dir = cache_dir
        self._store = store
        self._notes = Notes(store, AREA)
        self._emit = emit
        self._trusts_open = trusts_open
        self._passing: str | None = None
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Remove the wheels that were for this run only."""
        if self._passing is not None:
            import shutil

            shutil.rmtree(self._passing, ignore_errors=True)
            self._passing = None

    def find(
        self, link: Link, name: NormalizedName | None, tags: Sequence[Tag], question: BuildKey
    ) -> CachedWheel | None:
        """Return the wheel for `link`, None if it has to be built.

        As in pip, there is none for a folder, none without the project's `name`, and among
        several wheels the one with the best tag is used. A wheel that is known to have been
        built from other content or with other settings is skipped. With `source` in `question`,
        the same content is found under any link. The caller checks whether the user allows the
        source's digest, which is in the origin.
        """
        if link.is_file and link.path.is_dir():
            return None
        ranks = {tag: at for at, tag in enumerate(tags)}
        found: list[tuple[bool, int, str, Path, Note]] = []
        for path in self._wheels(link, name, question):
            rank = self._rank(path, link, name, ranks)
            if rank is None:
                continue
            note = self._notes.read(path) or self._noted(path, link, name, question)
            if note is None or not _agree(note.source, _source(link, question)):
                continue
            exact = note.beside == question.beside
            if exact or (self._trusts_open and note.enclosed == question.beside):
                found.append((not exact, rank, path.name, path, note))
        if not found:
            return None
        *_, path, note = min(found, key=lambda one: one[:4])
        return CachedWheel(
            path, path.parent, _seen_from(link, note.origin), note.sha256, note.version
        )

    def keep(
        self,
        wheel: Path,
        link: Link,
        origin: Origin,
        question: BuildKey,
        record: BuildRecord = NO_RECORD,
    ) -> CachedWheel:
        """Store the file `wheel`, built from `link`, with the `record` of its build.

        It is only stored for this run if it came from a folder, an editable install, a branch
        (unless `source` in `question` identifies its content), or an archive without a version
        in its name. An unwritable cache is ignored. Raises OSError if no folder accepts it.
        """
        source = _source(link, question)
        enclosed = question.enclosed.beside
        note = Note(sha256_of(wheel), question.beside, source, origin, record.version, enclosed)
        for_pip = self._cache_dir is not None and is_kept(link, origin)
        for_pip = for_pip and not (question.variables or question.against)
        shared = self._shared(link, question) if for_pip else None
        keys = _keys(link, origin, question)
        lasting = shared if question.plain else None
        if lasting is None and keys:
            lasting = self._store.path(AREA, f"wheels/{keys[0]}")
        path = self._put(wheel, lasting, note, record.requirements) if lasting else None
        if path is not None:
            for key in keys:
                self._notes.add_wheel(key, path)
        if shared is not None and path is not None and self._show(path, shared, origin, note):
            return CachedWheel(path, shared, origin, note.sha256)
        folder = self.passing(link, question)
        if path is None:
            path = put(wheel, folder)
        else:
            copy(path, folder)
        return CachedWheel(path, folder, origin, note.sha256)

    def _shared(self, link: Link, question: BuildKey) -> Path:
        """Return the folder in which pip stores what is built from `link`."""
        return folder_of(self._cache_dir or "", link, question.python)

    def passing(self, link: Link, question: BuildKey) -> Path:
        """Return this run's replacement for pip's folder."""
        with self._lock:
            if self._passing is None:
                import tempfile

                self._passing = tempfile.mkdtemp(prefix="pip-ephem-wheel-cache-")
        return folder_of(self._passing, link, question.python)

    def _put(
        self, wheel: Path, folder: Path, note: Note, requirements: Sequence[str]
    ) -> Path | None:
        try:
            path = put(wheel, folder)
        except OSError:
            return None
        self._notes.write(path, note, requirements)
        return path

    def _show(self, path: Path, shared: Path, origin: Origin, note: Note) -> bool:
        """Place the wheel at `path` in pip's folder; existing files stay."""
        try:
            shown = shared / path.name
            if not shown.exists():
                self._notes.write(copy(path, shared), note)
            elif path != shown:
                return True
            write_origin(shared, origin, self._emit)
        except OSError:
            return False
        return True

    def _wheels(
        self, link: Link, name: NormalizedName | None, question: BuildKey
    ) -> dict[Path, None]:
        """Yield wheels that may have been built from `link`, or from its content."""
        paths: dict[Path, None] = {}
        if self._cache_dir is not None and name is not None:
            with suppress(OSError):
                paths = dict.fromkeys(self._shared(link, question).iterdir())
        key = _key(link, question) or (_link_key(link, question) if name is not None else None)
        if key is not None:
            paths.update(dict.fromkeys(self._notes.wheels_of(key)))
        return paths

    def _rank(
        self, path: Path, link: Link, name: NormalizedName | None, ranks: Mapping[Tag, int]
    ) -> int | None:
        """Return the position of a wheel's best tag, lower is better; None if unsupported."""
        try:
            project, _, _, tags = wheel_name.parse(path.name)
        except wheel_name.InvalidWheelName:
            return None
        if name is not None and project != name:
            self._emit(CachedWheelOfOtherProject(path.name, link.described(), name))
            return None
        return min((ranks[tag] for tag in tags if tag in ranks), default=None)

    def _noted(
        self, path: Path, link: Link, name: NormalizedName | None, question: BuildKey
    ) -> Note | None:
        """Return a note on a wheel that pip built, or None: it has no additional inputs."""
        in_pips_folder = self._cache_dir is not None and name is not None
        if not in_pips_folder or path.parent != self._shared(link, question):
            return None
        if not replace(question, ambient={}).plain:
            return None  # pip never considers compiler variables
        origin = read_origin(path, self._emit)
        source = _source(link, question)
        if isinstance(origin, ArchiveOrigin) and origin.digests:
            source = str(origin.digests[0])
        try:
            note = Note(sha256_of(path), question.beside, source, origin)
        except OSError:
            return None
        self._notes.write(path, note)
        key = _key(link, replace(question, source=source))
        if key is not None:
            self._notes.add_wheel(key, path)
        return note


def _source(link: Link, question: BuildKey) -> str:
    """Return what identifies the content of `link`, empty if unknown."""
    if question.source:
        return question.source
    strong = [str(digest) for digest in link.digests if digest.algorithm in STRONG]
    return strong[0] if strong else ""


def _keys(link: Link, origin: Origin, question: BuildKey) -> list[str]:
    """Return the key of a wheel: the source's content, and the link if pip uses it."""
    if isinstance(origin, FolderOrigin):
        return []
    by_link = _link_key(link, question) if is_kept(link, origin) else None
    return [key for key in (_key(link, question), by_link) if key is not None]


def _key(link: Link, question: BuildKey) -> str | None:
    """Return the key of wheels with the same content; None if it is unknown."""
    source = _source(link, question)
    if not source:
        return None
    if "+" in link.scheme:  # a backend may read name and location from a repository
        source = f"{source} {link.url}"
    return _hashed(source, link, question)


def _link_key(link: Link, question: BuildKey) -> str:
    """Return the key of a link's wheels, whatever its content."""
    return _hashed(link.url, link, question)


def _hashed(source: str, link: Link, question: BuildKey) -> str:
    parts = [source, subdirectory_of(link) or "", question.beside]
    digest = hashlib.sha256("\n".join(parts).encode()).hexdigest()
    return f"{digest[:2]}/{digest[2:40]}"


def _agree(one: str, other: str) -> bool:
    """Return whether two sources may be equal: all comparable parts agree."""
    comparable = one.partition(":")[0] == other.partition(":")[0]
    return one == other or not comparable or not one or not other


def _seen_from(link: Link, origin: Origin | None) -> Origin | None:
    """Return `origin` for the address `link`, because an archive may have several addresses."""
    if isinstance(origin, ArchiveOrigin):
        return replace(origin, url=link.url, subdirectory=subdirectory_of(link))
    return origin
