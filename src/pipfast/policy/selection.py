"""Which distributions may be chosen, and which of two is better."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum, auto

from packaging.utils import NormalizedName


class Format(Enum):
    """The two kinds of distribution."""

    WHEEL = auto()
    SDIST = auto()


ALL = ":all:"
NONE = ":none:"
BOTH_FORMATS = frozenset(Format)


@dataclass(frozen=True, slots=True)
class FormatControl:
    """`--no-binary` and `--only-binary`: normalised names, or ``:all:``."""

    no_binary: frozenset[str] = frozenset()
    only_binary: frozenset[str] = frozenset()

    def allowed(self, project: NormalizedName) -> frozenset[Format]:
        """The formats that may be taken for `project`; its own name outranks ``:all:``."""
        if project in self.only_binary:
            return frozenset({Format.WHEEL})
        if project in self.no_binary:
            return frozenset({Format.SDIST})
        if ALL in self.only_binary:
            return frozenset({Format.WHEEL})
        if ALL in self.no_binary:
            return frozenset({Format.SDIST})
        return BOTH_FORMATS


@dataclass(frozen=True, slots=True)
class ReleaseControl:
    """`--all-releases`, `--only-final` and `--pre`: normalised names, or ``:all:``."""

    all_releases: frozenset[str] = frozenset()
    only_final: frozenset[str] = frozenset()

    def prereleases(self, project: NormalizedName) -> bool | None:
        """True for pre-releases too, False for final ones only, None for PEP 440's own rule."""
        if project in self.all_releases:
            return True
        if project in self.only_final:
            return False
        if ALL in self.all_releases:
            return True
        return False if ALL in self.only_final else None


class Upgrade(Enum):
    """What may replace an installed distribution that still fits."""

    NOTHING = "to-satisfy-only"
    REQUESTED = "only-if-needed"
    EVERYTHING = "eager"


class Existing(Enum):
    """What becomes of an installed distribution."""

    KEEP = auto()
    REINSTALL = auto()  # --force-reinstall
    IGNORE = auto()  # --ignore-installed: written over, nothing uninstalled


@dataclass(frozen=True, slots=True, kw_only=True)
class SelectionPolicy:
    """The rules a candidate is judged and ranked by, and how far a resolution reaches."""

    formats: FormatControl = field(default_factory=FormatControl)
    releases: ReleaseControl = field(default_factory=ReleaseControl)
    prefer_binary: bool = False
    ignore_requires_python: bool = False
    uploaded_prior_to: datetime | None = None
    require_hashes: bool = False
    upgrade: Upgrade = Upgrade.NOTHING
    existing: Existing = Existing.KEEP
    dependencies: bool = True  # False: --no-deps
    only_dependencies: bool = False
