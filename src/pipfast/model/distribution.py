"""Distributions from an index, a folder or a direct link: wheels, sdists and sources."""

from __future__ import annotations

from pathlib import Path

from packaging.tags import Tag
from packaging.utils import BuildTag, NormalizedName
from packaging.version import Version

from pipfast.model.direct_url import Origin
from pipfast.model.frozen_dataclass import dataclass
from pipfast.model.link import Link


@dataclass(frozen=True, slots=True, kw_only=True)
class Wheel:
    """A built distribution, described by its file name (PEP 427, 491)."""

    link: Link
    name: NormalizedName
    version: Version
    build: BuildTag
    tags: frozenset[Tag]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sdist:
    """A source distribution, described by its file name (PEP 625 and older spellings)."""

    link: Link
    name: NormalizedName
    version: Version


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """An archive, folder or repository at a direct link that is not a wheel.

    `name` is the project it was requested as, None if unknown; its metadata has its version, and
    then its name. `editable` is for ``-e``.
    """

    link: Link
    name: NormalizedName | None = None
    editable: bool = False


Candidate = Wheel | Sdist
"""A file of an index or folder for a project."""

Distribution = Wheel | Sdist | Source
"""Anything that may be chosen for a project, from an index or by a direct link."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceTree:
    """A project's sources on this machine, ready to be built.

    `folder` contains ``pyproject.toml`` or ``setup.py``; ``#subdirectory=`` is already applied.
    """

    folder: Path
    origin: Origin


@dataclass(frozen=True, slots=True)
class Refused:
    """A distribution that may not be chosen, and the reason in the words of pip's debug log."""

    link: Link
    version: str
    because: str
