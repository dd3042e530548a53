"""Which distributions may be chosen, and which of two is better."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum, auto

from packaging.utils import NormalizedName

from pipfast.config.settings import Settings
from pipfast.errors import CommandError


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


def formats(settings: Settings) -> FormatControl:
    """What ``--no-binary`` and ``--only-binary`` come to, in the order they were given."""
    no_binary, only_binary = _pair(settings, "format_control")
    return FormatControl(no_binary=no_binary, only_binary=only_binary)


def releases(settings: Settings) -> ReleaseControl:
    """What ``--all-releases`` and ``--only-final`` come to, ``--pre`` being all of all.

    Raises CommandError for ``--pre`` beside one of the others.
    """
    all_releases, only_final = _pair(settings, "release_control")
    if not settings.flag("pre"):
        return ReleaseControl(all_releases=all_releases, only_final=only_final)
    if all_releases or only_final:
        raise CommandError("--pre cannot be used with --all-releases or --only-final.")
    return ReleaseControl(all_releases=frozenset({ALL}))


def selection_policy(settings: Settings) -> SelectionPolicy:
    """The rules that the options of `settings` set.

    Commands that install nothing look at nothing installed. Raises CommandError as `releases`.
    """
    moment = settings.values.get("uploaded_prior_to")
    upgrade = settings.text("upgrade_strategy") if settings.flag("upgrade") else None
    return SelectionPolicy(
        formats=formats(settings),
        releases=releases(settings),
        prefer_binary=settings.flag("prefer_binary"),
        ignore_requires_python=settings.flag("ignore_requires_python"),
        uploaded_prior_to=moment if isinstance(moment, datetime) else None,
        require_hashes=settings.flag("require_hashes"),
        upgrade=Upgrade(upgrade) if upgrade else Upgrade.NOTHING,
        existing=_existing(settings),
        dependencies=not settings.flag("ignore_dependencies"),
        only_dependencies=settings.flag("only_dependencies"),
    )


def _existing(settings: Settings) -> Existing:
    elsewhere = settings.command != "install" or settings.flag("target_dir")
    if elsewhere or settings.flag("ignore_installed"):
        return Existing.IGNORE
    return Existing.REINSTALL if settings.flag("force_reinstall") else Existing.KEEP


def _pair(settings: Settings, dest: str) -> tuple[frozenset[str], frozenset[str]]:
    match settings.values.get(dest):
        case (frozenset() as first, frozenset() as second):
            return first, second
        case _:
            return frozenset(), frozenset()
