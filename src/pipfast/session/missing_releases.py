"""Hints on a requirement that no release satisfies: the reason, and what exists instead."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from difflib import get_close_matches

from packaging.specifiers import SpecifierSet
from packaging.utils import NormalizedName, canonicalize_name
from packaging.version import Version

from pipfast.errors import Remedy
from pipfast.index.candidates import Candidates
from pipfast.index.evaluate import RejectedByPython
from pipfast.index.filenames import version_of
from pipfast.index.finder import Finder
from pipfast.model import wheel_name
from pipfast.model.distribution import Refused
from pipfast.model.events import silent
from pipfast.model.failure_hints import (
    FormatExcluded,
    LabelElsewhere,
    NoSuchRelease,
    OnlyPrereleases,
    OtherPlatform,
    OtherPython,
    SimilarName,
)
from pipfast.model.frozen_dataclass import dataclass, replace
from pipfast.model.popular_projects import POPULAR, PROJECT_OF_MODULE
from pipfast.policy.selection import Format
from pipfast.resolve.errors import MissingRelease

_ALIKE = 0.8
"""The least similarity of a misspelt name, by difflib's ratio."""


def about_missing(missing: MissingRelease, finder: Finder) -> Iterator[Remedy]:
    """Yield why no release satisfies `missing`, at most one reason."""
    found = finder.found(missing.name)
    reason = _Reasons(missing.name, missing.specifier, found, finder).reason()
    if reason is not None:
        yield reason
    elif not found.versions() and not found.refused():
        yield from _similar(missing.name, finder)


@dataclass(frozen=True, slots=True)
class _Reasons:
    project: NormalizedName
    specifier: SpecifierSet
    found: Candidates
    finder: Finder

    def reason(self) -> Remedy | None:
        """Return why no file matches, None if the project has no files."""
        fits = next((str(each.version) for each in self.found.candidates(SpecifierSet())), "")
        refused = [(version, one) for one in self.found.refused() if (version := _version(one))]
        matching = [
            (version, one)
            for version, one in refused
            if self.specifier.contains(version, prereleases=True)
        ]
        if matching:
            newest = max(version for version, _ in matching)
            files = [one for version, one in matching if version == newest]
            return self._refused(newest, files, fits)
        early = [
            version
            for text in self.found.versions()
            if (version := Version(text)).is_prerelease
            and self.specifier.contains(version, prereleases=True)
        ]
        if early:
            return OnlyPrereleases(project=self.project, newest=str(max(early)))
        label = self._label()
        if label is not None:
            return label
        if not fits:
            return None
        return NoSuchRelease(project=self.project, specifier=str(self.specifier), newest=fits)

    def _label(self) -> Remedy | None:
        """Return that only the local label that is asked for is missing (PEP 440)."""
        for clause in self.specifier:
            public, _, label = clause.version.partition("+")
            is_pin = clause.operator in ("==", "===")
            versions = [str(Version(text)) for text in self.found.versions()]
            if label and is_pin and str(version_of(public)) in versions:
                return LabelElsewhere(project=self.project, version=public, label=label)
        return None

    def _refused(self, version: Version, files: Sequence[Refused], fits: str) -> Remedy | None:
        """Return why all `files` of the newest matching version are refused."""
        by_python = [one for one in files if isinstance(one, RejectedByPython)]
        if by_python:
            needs = by_python[0].because.partition(" Requires-Python ")[2]
            python = ".".join(map(str, self.finder.python_version))
            return OtherPython(
                project=self.project, version=str(version), needs=needs, python=python, fits=fits
            )
        allowed = self.finder.selection.formats.allowed(self.project)
        wheels = [one for one in files if one.link.filename.endswith(wheel_name.SUFFIX)]
        excluded = [
            each
            for each, present in ((Format.WHEEL, wheels), (Format.SDIST, len(wheels) < len(files)))
            if present and each not in allowed
        ]
        if excluded and (Format.WHEEL in excluded or not wheels):
            is_binary = Format.WHEEL in excluded
            return FormatExcluded(project=self.project, version=str(version), binary=is_binary)
        if not wheels:
            return None
        return OtherPlatform(
            project=self.project,
            version=str(version),
            tags=what_differs(wheels),
            target=str(self.finder.tags[0]),
            fits=fits,
        )


def _version(refused: Refused) -> Version | None:
    """Return the version of a refused file, from its name if the refusal has none."""
    if refused.version:
        return version_of(refused.version)
    name = refused.link.filename
    if name.endswith(wheel_name.SUFFIX):
        try:
            return wheel_name.parse(name).version
        except wheel_name.InvalidWheelName:
            return None
    stem = name.removesuffix(".zip").removesuffix(".gz").removesuffix(".tar")
    return version_of(stem.rpartition("-")[2])


def what_differs(wheels: Sequence[Refused]) -> tuple[str, ...]:
    """Return the platforms of wheels, or their complete tags if the platform is not the reason."""
    texts = []
    for one in wheels:
        parts = wheel_name.split_tags(one.link.filename)
        if parts is not None:
            texts.append(parts[1])
    platforms = {text.rpartition("-")[2] for text in texts}
    if "any" in platforms:
        return tuple(sorted(set(texts)))
    by_tag = [(text, text.rpartition("-")[2]) for text in texts]
    return tuple(sorted({platform for _, platform in by_tag}))


def _similar(project: NormalizedName, finder: Finder) -> Iterator[Remedy]:
    """Yield a project with a similar name that the indexes have."""
    known = PROJECT_OF_MODULE.get(project)
    close = get_close_matches(project, POPULAR, n=1, cutoff=_ALIKE)
    quiet = replace(finder, emit=silent)
    for name, by_module in ((known, True), (close[0] if close else None, False)):
        if name is not None and quiet.found(canonicalize_name(name)).versions():
            yield SimilarName(project=project, similar=name, by_module=by_module)
            return
