"""A requirement as somebody asked for it, and who that was."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.utils import NormalizedName, canonicalize_name

from pipfast.model.digest import Digest
from pipfast.model.frozen_dataclass import dataclass, field
from pipfast.model.link import Link, without_secrets


@dataclass(frozen=True, slots=True, kw_only=True)
class FileLine:
    """A line of a requirements or constraints file; `flag` is ``-r`` or ``-c``."""

    flag: str
    path: str
    line: int

    def __str__(self) -> str:
        return f"{self.flag} {without_secrets(self.path)} (line {self.line})"


@dataclass(frozen=True, slots=True, kw_only=True)
class LockFile:
    """A lock file (PEP 751), as the user names it."""

    path: str

    def __str__(self) -> str:
        return without_secrets(self.path)


@dataclass(frozen=True, slots=True, kw_only=True)
class UserRequirement:
    """One requirement of the user's.

    `requirement` is None only for a direct link that does not say its project (a path, a bare
    URL); `extras` and `marker` are then those that stand with the link. `link` is set for direct
    requirements (URL, path). `origin` is None for a word of the command line, a group or a script.
    `digests` are the user's `--hash` values. `text` is what the user wrote, for messages.
    """

    text: str
    requirement: Requirement | None
    link: Link | None = None
    editable: bool = False
    origin: FileLine | LockFile | None = None
    digests: tuple[Digest, ...] = ()
    config_settings: Mapping[str, str | list[str]] = field(
        default_factory=lambda: MappingProxyType({})
    )
    constraint: bool = False
    extras: frozenset[str] = frozenset()
    marker: Marker | None = None

    @property
    def name(self) -> NormalizedName | None:
        """The project's normalised name, where it is known without reading the link."""
        return canonicalize_name(self.requirement.name) if self.requirement else None
