"""Decide which files are acceptable and how they are ranked, without input or output.

The order of the checks, the reasons and the ranking are pip's.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timezone

from packaging.specifiers import InvalidSpecifier
from packaging.tags import InvalidTag, Tag, parse_tag
from packaging.utils import (
    BuildTag,
    NormalizedName,
)
from packaging.version import Version

from pipfast.errors import InstallationError
from pipfast.index.filenames import (
    canonical,
    filename_of,
    python_suffix,
    stem_of,
    version_of,
    version_text,
)
from pipfast.index.simple_api import link_of
from pipfast.model import wheel_name
from pipfast.model.distribution import Candidate, Refused, Sdist, Wheel
from pipfast.model.file_row import FileRow
from pipfast.model.frozen_dataclass import dataclass, replace
from pipfast.model.link import Link, redact
from pipfast.model.requirement import parsed_specifier
from pipfast.policy.selection import Format, SelectionPolicy


@dataclass(frozen=True, slots=True)
class RankedCandidate:
    """An acceptable candidate; among files of one version the higher `rank` is better.

    `rank` is pip's: the negative position of its best tag, then the build tag.
    """

    candidate: Candidate
    rank: tuple[int, BuildTag]


@dataclass(frozen=True, slots=True)
class RejectedByPython(Refused):
    """A distribution that needs another Python."""


@dataclass(frozen=True, slots=True)
class RejectedByTags(Refused):
    """A wheel for other platforms or interpreters."""


@dataclass(frozen=True, slots=True)
class RejectedByFormat(Refused):
    """A distribution whose format ``--no-binary`` or ``--only-binary`` excludes."""


@dataclass(frozen=True, slots=True)
class RejectedByTime(Refused):
    """A distribution that was uploaded too late, at `uploaded` (``--uploaded-prior-to``)."""

    uploaded: str


@dataclass(frozen=True, slots=True)
class _Head:
    """The part of a wheel's file name before the tags."""

    name: NormalizedName
    version: Version
    build: BuildTag


class CandidateEvaluator:
    """The target and the user's options, with cached results.

    `tags` are the target's, best first; `python` is its version as three numbers.
    """

    def __init__(
        self, tags: Sequence[Tag], python: tuple[int, int, int], policy: SelectionPolicy
    ) -> None:
        self._rank = {tag: place for place, tag in enumerate(tags)}
        self._interpreters = frozenset(tag.interpreter for tag in tags)
        self._platforms = frozenset(tag.platform for tag in tags)
        self._worst = len(tags)
        self._python = Version(".".join(map(str, python)))
        self._minor = f"{python[0]}.{python[1]}"
        self._policy = policy
        self._tags: dict[str, tuple[int | None, frozenset[Tag]] | None] = {}
        self._may_fit: dict[str, bool] = {}
        self._heads: dict[str, _Head | None] = {}
        self._pythons: dict[str, bool | None] = {}

    @property
    def python(self) -> str:
        """The target's version of Python."""
        return str(self._python)

    @property
    def ignores_python(self) -> bool:
        """Return whether a Requires-Python that is not satisfied does not matter."""
        return self._policy.ignore_requires_python

    def evaluate(
        self, row: FileRow, prefix: str, page: str, project: NormalizedName
    ) -> RankedCandidate | Refused:
        """Return whether the file of `row` is acceptable for `project`, and its rank.

        Raises InstallationError if ``--uploaded-prior-to`` needs a time that the index does not
        provide.
        """
        url = prefix + row.url
        allowed = self._policy.formats.allowed(project)
        name = filename_of(url)
        if name.endswith(wheel_name.SUFFIX):
            return self._wheel(name, row, (prefix, page), project, allowed)
        return self._sdist(url, row, (prefix, page), project, allowed)

    def accepted(
        self, row: FileRow, prefix: str, page: str, project: NormalizedName
    ) -> RankedCandidate | None:
        """Return the candidate of `row` if `evaluate` accepts it, without reasons if it does not.

        Raises what `evaluate` raises.
        """
        url = row.url
        if url.endswith(wheel_name.SUFFIX) and not ("%" in url or "#" in url or "?" in url):
            parts = wheel_name.split_tags(url)  # what is in front of the name does not matter
            if parts is None or not self._may_be_supported(parts[1]):
                return None
        verdict = self.evaluate(row, prefix, page, project)
        return verdict if isinstance(verdict, RankedCandidate) else None

    def _may_be_supported(self, text: str) -> bool:
        """Return False if no tag of `text` is supported; True does not mean that one is."""
        known = self._may_fit.get(text)
        if known is None:
            interpreters, _, platforms = text.lower().split("-")
            known = self._may_fit[text] = not (
                self._interpreters.isdisjoint(interpreters.split("."))
                or self._platforms.isdisjoint(platforms.split("."))
            )
        return known

    def tags_of(self, text: str) -> tuple[int | None, frozenset[Tag]] | None:
        """Return the best tag's position among those of `text` (None if unsupported), and the tags.

        None if `text` is not a set of tags.
        """
        try:
            return self._tags[text]
        except KeyError:
            pass
        try:
            tags = parse_tag(text)
        except InvalidTag:
            self._tags[text] = None
            return None
        places = [self._rank[tag] for tag in tags if tag in self._rank]
        found = self._tags[text] = (min(places) if places else None, tags)
        return found

    def fits_python(self, required: str) -> bool | None:
        """Return whether the target satisfies a Requires-Python, None if that is invalid."""
        try:
            return self._pythons[required]
        except KeyError:
            pass
        try:
            fits = self._python in parsed_specifier(required)
        except InvalidSpecifier:
            fits = None
        self._pythons[required] = fits
        return fits

    def _wheel(
        self,
        name: str,
        row: FileRow,
        where: tuple[str, str],
        project: NormalizedName,
        allowed: frozenset[Format],
    ) -> RankedCandidate | Refused:
        if Format.WHEEL not in allowed:
            because = f"No binaries permitted for {project}"
            return RejectedByFormat(link_of(row, *where), "", because)
        parts = wheel_name.split_tags(name)
        head = self._head(parts[0]) if parts is not None else None
        tags = self.tags_of(parts[1]) if parts is not None and head is not None else None
        if head is None or tags is None:
            return _refused(row, where, "", "invalid wheel filename")
        if head.name != project:
            return _refused(row, where, "", f"wrong project name (not {project})")
        place, all_tags = tags
        if place is None:
            listed = ", ".join(sorted(map(str, all_tags)))
            because = (
                f"none of the wheel's tags ({listed}) are compatible "
                "(run pip debug --verbose to show compatible tags)"
            )
            return RejectedByTags(link_of(row, *where), str(head.version), because)
        refused = self._refused_by_time(row, where) or self._refused_by_python(
            row, where, str(head.version)
        )
        if refused is not None:
            return refused
        wheel = Wheel(
            link=self._link(row, where),
            name=project,
            version=head.version,
            build=head.build,
            tags=all_tags,
        )
        return RankedCandidate(wheel, (-place, head.build))

    def _sdist(
        self,
        url: str,
        row: FileRow,
        where: tuple[str, str],
        project: NormalizedName,
        allowed: frozenset[Format],
    ) -> RankedCandidate | Refused:
        stem, extension = stem_of(url)
        if extension == ".zip" and "macosx10" in url:
            return _refused(row, where, "", "macosx10 one")
        refused = self._refused_by_time(row, where)
        if refused is not None:
            return refused
        if Format.SDIST not in allowed:
            because = f"No sources permitted for {project}"
            return RejectedByFormat(link_of(row, *where), "", because)
        text, python = python_suffix(version_text(stem, project) or "")
        version = version_of(text)
        if version is None:
            return _refused(row, where, "", f"Missing project version for {project}")
        if python is not None and python != self._minor:
            return _refused(row, where, text, "Python version is incorrect")
        refused = self._refused_by_python(row, where, text)
        if refused is not None:
            return refused
        sdist = Sdist(link=self._link(row, where, is_sdist=True), name=project, version=version)
        return RankedCandidate(sdist, (-self._worst, ()))

    def _link(self, row: FileRow, where: tuple[str, str], *, is_sdist: bool = False) -> Link:
        """Return the link of a candidate.

        With required hashes, pip ignores metadata files. pipfast reads that of a remote wheel
        anyway, because the wheel's digest is checked before anything is installed.
        """
        link = link_of(row, *where)
        if self._policy.require_hashes and (is_sdist or link.is_file):
            return replace(link, core_metadata=None)
        return link

    def _head(self, text: str) -> _Head | None:
        """Return name, version and build tag of a wheel, None for an invalid file name."""
        try:
            return self._heads[text]
        except KeyError:
            pass
        try:
            name, version, build = wheel_name.parse_release(text)
        except wheel_name.InvalidWheelName:
            self._heads[text] = None
            return None
        head = self._heads[text] = _Head(canonical(name), version, build)
        return head

    def _refused_by_time(self, row: FileRow, where: tuple[str, str]) -> Refused | None:
        limit = self._policy.uploaded_prior_to
        url = where[0] + row.url
        if limit is None or url.startswith("file:"):
            return None
        if row.upload_time is None:
            index = f"Index {redact(where[1])}" if where[1] else "Index"
            raise InstallationError(f"{index} does not provide upload-time metadata.")
        moment = upload_moment(row.upload_time)
        if moment < limit:
            return None
        because = f"Upload time {moment} not prior to {limit}"
        return RejectedByTime(link_of(row, *where), "", because, row.upload_time)

    def _refused_by_python(
        self, row: FileRow, where: tuple[str, str], version: str
    ) -> Refused | None:
        required = row.requires_python
        if required is None or self._policy.ignore_requires_python:
            return None
        if self.fits_python(required) is not False:
            return None
        because = f"{version} Requires-Python {_in_order(required)}"
        return RejectedByPython(link_of(row, *where), version, because)


def upload_moment(text: str) -> datetime:
    """Parse an index's time (PEP 700), in UTC if it has no time zone."""
    moment = datetime.fromisoformat(text.replace("Z", "+00:00"))
    return moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)


def _refused(row: FileRow, where: tuple[str, str], version: str, because: str) -> Refused:
    return Refused(link_of(row, *where), version, because)


def _in_order(required: str) -> str:
    """Return the parts of a Requires-Python in the order that pip prints them."""

    def numbers(part: str) -> tuple[int, ...]:
        return tuple(int(word) for word in part.split(".") if word.isascii() and word.isdigit())

    return ",".join(sorted((str(part) for part in parsed_specifier(required)), key=numbers))
