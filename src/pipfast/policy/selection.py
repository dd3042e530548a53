"""Which distributions may be chosen, and how they are ranked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from enum import Enum, auto
from types import MappingProxyType

from packaging.utils import NormalizedName, canonicalize_name

from pipfast.config.settings import Settings
from pipfast.errors import CommandError, InstallationError
from pipfast.model.frozen_dataclass import dataclass, field, replace
from pipfast.model.link import Link
from pipfast.policy.option_conflicts import check_releases


class Format(Enum):
    """The two kinds of distribution."""

    WHEEL = auto()
    SDIST = auto()


ALL = ":all:"
NONE = ":none:"
BOTH_FORMATS = frozenset(Format)


class Rule(Enum):
    """Options that name projects, separated by commas, with ``:all:`` and ``:none:``."""

    NO_BINARY = "no_binary"
    ONLY_BINARY = "only_binary"
    ALL_RELEASES = "all_releases"
    ONLY_FINAL = "only_final"


def _ruled(
    text: str, of: frozenset[str], other: frozenset[str], flags: str
) -> tuple[frozenset[str], frozenset[str]]:
    """Return a rule's set and its opposite's after `text`; a name is in at most one of them.

    ``:all:`` discards what precedes it; ``:none:`` clears the rule's own set. Raises
    CommandError, like pip, for a value that is another option.
    """
    if text.startswith("-"):
        raise CommandError(f"{flags} option requires 1 argument.")
    names = text.split(",")
    while ALL in names:
        of, other = frozenset({ALL}), frozenset()
        names = names[names.index(ALL) + 1 :]
        if NONE not in names:
            return of, other
    for name in names:
        if name == NONE:
            of = frozenset()
        else:
            of, other = of | {canonicalize_name(name)}, other - {canonicalize_name(name)}
    return of, other


@dataclass(frozen=True, slots=True)
class FormatControl:
    """`--no-binary` and `--only-binary`: normalised names, or ``:all:``."""

    no_binary: frozenset[str] = frozenset()
    only_binary: frozenset[str] = frozenset()

    def allowed(self, project: NormalizedName) -> frozenset[Format]:
        """Return the allowed formats for `project`; its own name overrides ``:all:``."""
        if project in self.only_binary:
            return frozenset({Format.WHEEL})
        if project in self.no_binary:
            return frozenset({Format.SDIST})
        if ALL in self.only_binary:
            return frozenset({Format.WHEEL})
        if ALL in self.no_binary:
            return frozenset({Format.SDIST})
        return BOTH_FORMATS

    def after(self, rule: Rule, text: str) -> FormatControl:
        """Return the rules after another format option. Raises CommandError."""
        flags = "--no-binary / --only-binary"
        if rule is Rule.NO_BINARY:
            return FormatControl(*_ruled(text, self.no_binary, self.only_binary, flags))
        return FormatControl(*_ruled(text, self.only_binary, self.no_binary, flags)[::-1])


@dataclass(frozen=True, slots=True)
class ReleaseControl:
    """`--all-releases` and `--only-final`: normalised names, or ``:all:``; `pre` is ``--pre``."""

    all_releases: frozenset[str] = frozenset()
    only_final: frozenset[str] = frozenset()
    pre: bool = False

    def prereleases(self, project: NormalizedName) -> bool | None:
        """Return True if pre-releases are allowed, False if not, None for PEP 440's default."""
        if project in self.all_releases:
            return True
        if project in self.only_final:
            return False
        if self.pre or ALL in self.all_releases:
            return True
        return False if ALL in self.only_final else None

    def after(self, rule: Rule, text: str) -> ReleaseControl:
        """Return the rules after another release option. Raises CommandError."""
        flags = "--all-releases / --only-final"
        if rule is Rule.ALL_RELEASES:
            named = _ruled(text, self.all_releases, self.only_final, flags)
        else:
            named = _ruled(text, self.only_final, self.all_releases, flags)[::-1]
        return ReleaseControl(*named, pre=self.pre)


class Upgrade(Enum):
    """What may replace an installed distribution that satisfies the requirement."""

    NOTHING = "to-satisfy-only"
    REQUESTED = "only-if-needed"
    EVERYTHING = "eager"


class Existing(Enum):
    """How installed distributions are treated."""

    KEEP = auto()
    REINSTALL = auto()  # --force-reinstall
    IGNORE = auto()  # --ignore-installed: overwrite, uninstall nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class SelectionPolicy:
    """Rules for accepting and ranking candidates, and the extent of a resolution.

    `lax_locals` accepts metadata with a local segment that the link does not have,
    `lax_requirements` invalid requirements in metadata whose meaning is plain.
    `without_sources` are projects for which only an index's wheels are used. `locked` are the
    files that lock files name; no other file of these projects is considered.
    """

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
    lax_locals: bool = False
    lax_requirements: bool = False
    without_sources: frozenset[NormalizedName] = frozenset()
    locked: Mapping[NormalizedName, Link] = field(default_factory=lambda: MappingProxyType({}))

    def merged(
        self,
        *,
        rules: Iterable[tuple[Rule, str]] = (),
        prereleases: bool = False,
        prefer_binary: bool = False,
        require_hashes: bool = False,
    ) -> SelectionPolicy:
        """Return the policy with a requirements file's options; `prereleases` is its ``--pre``.

        Raises CommandError for a rule that names another option.
        """
        formats, releases = self.formats, self.releases
        for rule, text in rules:
            if rule in (Rule.NO_BINARY, Rule.ONLY_BINARY):
                formats = formats.after(rule, text)
            else:
                releases = releases.after(rule, text)
        if prereleases:
            releases = replace(releases, pre=True)
        return replace(
            self,
            formats=formats,
            releases=releases,
            prefer_binary=self.prefer_binary or prefer_binary,
            require_hashes=self.require_hashes or require_hashes,
        )

    def locking(self, project: NormalizedName, link: Link) -> SelectionPolicy:
        """Return the policy with `link` as the only file of `project`.

        Raises InstallationError if another lock file names a different one.
        """
        known = self.locked.get(project)
        if known is not None:
            raise InstallationError(
                f"Multiple locked links provided for {project}: "
                f"{known.described()} and {link.described()}"
            )
        return replace(self, locked=MappingProxyType({**self.locked, project: link}))


def formats(settings: Settings) -> FormatControl:
    """Return the result of ``--no-binary`` and ``--only-binary`` in the order given."""
    no_binary, only_binary = _pair(settings, "format_control")
    return FormatControl(no_binary=no_binary, only_binary=only_binary)


def releases(settings: Settings) -> ReleaseControl:
    """Return the result of ``--all-releases`` and ``--only-final``; ``--pre`` means all of all.

    Raises CommandError for ``--pre`` with one of the others.
    """
    check_releases(settings)
    if settings.flag("pre"):
        return ReleaseControl(pre=True)
    all_releases, only_final = _pair(settings, "release_control")
    return ReleaseControl(all_releases=all_releases, only_final=only_final)


def selection_policy(settings: Settings) -> SelectionPolicy:
    """Return the selection policy of `settings`.

    Commands that do not install ignore installed distributions. Raises CommandError like
    `releases`.
    """
    moment = settings.values.get("uploaded_prior_to")
    upgrade = settings.text("upgrade_strategy") if settings.flag("upgrade") else None
    return SelectionPolicy(
        formats=formats(settings),
        releases=releases(settings),
        prefer_binary=settings.flag("prefer_binary"),
        # `wheel` has the option and does not use it (pip behaviour)
        ignore_requires_python=(
            settings.flag("ignore_requires_python") and settings.command != "wheel"
        ),
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
