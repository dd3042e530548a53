"""What an index, a folder or a person offers for a project: wheels and sdists."""

from __future__ import annotations

from dataclasses import dataclass

from packaging.tags import Tag
from packaging.utils import BuildTag, NormalizedName
from packaging.version import Version

from pipfast.model.link import Link


@dataclass(frozen=True, slots=True, kw_only=True)
class Wheel:
    """A built distribution, as its file name describes it (PEP 427, 491)."""

    link: Link
    name: NormalizedName
    version: Version
    build: BuildTag
    tags: frozenset[Tag]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sdist:
    """A source distribution, as its file name describes it (PEP 625 and older spellings)."""

    link: Link
    name: NormalizedName
    version: Version


Candidate = Wheel | Sdist
"""A distribution that may be chosen for a project."""


@dataclass(frozen=True, slots=True)
class Refused:
    """A distribution that may not be chosen, and why, in pip's words for its debug log."""

    link: Link
    version: str
    because: str
