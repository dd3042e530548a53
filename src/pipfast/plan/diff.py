"""The door: a resolution against what is installed → what to take in, and what makes room.

Source: pip 26.3's behaviour (PARITY 3, 8).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from packaging.utils import NormalizedName
from packaging.version import InvalidVersion, Version

from pipfast.errors import InstallationError
from pipfast.model.events import Level, Said
from pipfast.model.frozen_dataclass import dataclass
from pipfast.model.installed_distribution import Installed
from pipfast.policy.selection import Existing
from pipfast.resolve.solve import PinnedCandidate, Resolution

_NOTHING: Mapping[NormalizedName, frozenset[NormalizedName]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class PlannedInstall:
    """A chosen distribution that will be put in, and the installed one it replaces, if any."""

    pin: PinnedCandidate
    replaced: Installed | None

    @property
    def spelling(self) -> str:
        """The project's name as it was asked for first; pip's lines use it."""
        requirement = self.pin.install_req.requirement
        return requirement.name if requirement else self.pin.node.metadata.name


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetEnvironment:
    """What is installed, and how far it counts.

    `into_user_site` is whether distributions go to the user's site; `virtual` is whether the
    target is a virtual environment.
    """

    installed: Mapping[NormalizedName, Installed]
    existing: Existing
    into_user_site: bool = False
    virtual: bool = False


def planned_installs(
    resolution: Resolution, around: TargetEnvironment
) -> tuple[tuple[PlannedInstall, ...], tuple[Said, ...]]:
    """What of `resolution` has to be put in, in its order, and what is said on the way.

    Raises InstallationError where the user's site would be shadowed by the environment's.
    """
    found: list[PlannedInstall] = []
    said: list[Said] = []
    for pin in resolution.pins:
        replaced = _in_the_way(pin, around)
        if replaced is not None and around.existing is not Existing.REINSTALL:
            stays = _may_stay(pin, replaced)
            said += stays.said
            if stays.yes:
                continue
        link = pin.node.distribution.link
        if link.yanked is not None:
            said.append(_yanked(pin, link.yanked))
        found.append(PlannedInstall(pin, replaced))
    return tuple(found), tuple(said)


def in_install_order(
    found: Iterable[PlannedInstall],
    behind: Mapping[NormalizedName, frozenset[NormalizedName]] = _NOTHING,
) -> tuple[PlannedInstall, ...]:
    """Dependencies before those that need them; ties by name, the last first (pip).

    `behind` has for some the projects that are to come before them in any case: those that they
    were built against.
    """
    key = lambda one: (one.pin.weight, one.pin.name)  # noqa: E731 - used once, here
    waiting = {one.pin.name: one for one in sorted(found, key=key, reverse=True)}
    ordered: list[PlannedInstall] = []

    def take(name: NormalizedName) -> None:
        one = waiting.pop(name, None)
        if one is not None:
            for other in [each for each in waiting if each in behind.get(name, ())]:
                take(other)
            ordered.append(one)

    for name in [*waiting]:
        take(name)
    return tuple(ordered)


def _in_the_way(pin: PinnedCandidate, around: TargetEnvironment) -> Installed | None:
    """The installed distribution that has to go if `pin` comes."""
    if around.existing is Existing.IGNORE:
        return None
    installed = around.installed.get(pin.name)
    if installed is None or not around.into_user_site or installed.in_user_site:
        return installed
    if around.virtual and installed.local:
        raise InstallationError(
            "Will not install to the user site because it will lack sys.path precedence to "
            f"{installed.raw_name} in {installed.location}"
        )
    return None


@dataclass(frozen=True, slots=True)
class _Stays:
    yes: bool
    said: tuple[Said, ...] = ()


def _may_stay(pin: PinnedCandidate, installed: Installed) -> _Stays:
    editable = pin.install_req.editable or installed.editable is not None
    if editable or _version(installed) != pin.node.version:
        return _Stays(yes=False)
    link = pin.node.distribution.link
    if not link.is_file:
        return _Stays(yes=True)
    if not link.is_wheel:
        return _Stays(yes=False)
    requirement = pin.install_req.requirement
    text = (
        f"{requirement.name if requirement else pin.name} is already installed with the same "
        "version as the provided wheel. Use --force-reinstall to force an installation of the "
        "wheel."
    )
    return _Stays(yes=True, said=(Said(Level.INFO, text),))


def _version(installed: Installed) -> Version | None:
    try:
        return Version(installed.version)
    except InvalidVersion:
        return None


def _yanked(pin: PinnedCandidate, reason: str) -> Said:
    link = pin.node.distribution.link
    return Said(
        Level.WARNING,
        "The candidate selected for download or install is a yanked version: "
        f"{pin.name!r} candidate (version {pin.node.version} at {link.described()})\n"
        f"Reason for being yanked: {reason or '<none given>'}",
    )
