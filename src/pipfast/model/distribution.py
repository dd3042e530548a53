"""What an index, a folder or a person offers for a project: wheels, sdists and sources."""

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """What lies at a direct link that is no wheel: an archive, a folder or a repository.

    `name` is the project it was asked for as, None where nobody has said; its version, and its name
    then, are told by its metadata alone. `editable` is for ``-e``.
    """

    link: Link
    name: NormalizedName | None = None
    editable: bool = False


Candidate = Wheel | Sdist
"""What an index or a folder offers for a project."""

Distribution = Wheel | Sdist | Source
"""What may be chosen for a project, from an index or by a direct link."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceTree:
    """A project's sources on this machine, ready to be built.

    `folder` holds ``pyproject.toml`` or ``setup.py``: a ``#subdirectory=`` is applied already.
    """

    folder: Path
    origin: Origin


@dataclass(frozen=True, slots=True)
class Refused:
    """A distribution that may not be chosen, and why, in pip's words for its debug log."""

    link: Link
    version: str
    because: str
