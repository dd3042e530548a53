"""Compare a resolution with the installed distributions: what to install and what it replaces.

Source: pip 26.3's behaviour.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from packaging.utils import NormalizedName
from packaging.version import InvalidVersion, Version

from pipfast.errors import InstallationError
from pipfast.model.events import Message
from pipfast.model.frozen_dataclass import dataclass
from pipfast.model.installed_distribution import Installed
from pipfast.model.link import Link
from pipfast.model.requirement import parsed_version
from pipfast.plan.events import WheelAlreadyInstalled, YankedCandidateChosen
from pipfast.policy.selection import Existing
from pipfast.resolve.solve import PinnedCandidate, Resolution

_NO_ORDER: Mapping[NormalizedName, frozenset[NormalizedName]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class PlannedInstall:
    """A distribution to install, and the installed one that it replaces, if any."""

    pin: PinnedCandidate
    replaced: Installed | None

    @property
    def spelling(self) -> str:
        """The project's name as in the requirement that chose it; pip's lines use it."""
        requirement = self.pin.install_req.requirement
        return requirement.name if requirement else self.pin.node.metadata.name


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetEnvironment:
    """The installed distributions, and how they are treated.

    `into_user_site` is whether distributions are installed to the user site; `virtual` is whether
    the target is a virtual environment.
    """

    installed: Mapping[NormalizedName, Installed]
    existing: Existing
    into_user_site: bool = False
    virtual: bool = False


def planned_installs(
    resolution: Resolution, target: TargetEnvironment
) -> tuple[tuple[PlannedInstall, ...], tuple[Message, ...]]:
    """Return what has to be installed, in the order of `resolution`, and messages about it.

    Raises InstallationError if the environment's site would shadow a distribution in the user site.
    """
    planned: list[PlannedInstall] = []
    messages: list[Message] = []
    for pin in resolution.pins:
        replaced = _replaced_by(pin, target)
        if replaced is not None and target.existing is not Existing.REINSTALL:
            if _is_installed_wheel(pin, replaced):
                messages.append(WheelAlreadyInstalled(_requested_name(pin)))
            if _is_satisfied(pin, replaced):
                continue
        if pin.node.distribution.link.yanked is not None:
            messages.append(_yanked(pin, pin.node.distribution.link))
        planned.append(PlannedInstall(pin, replaced))
    return tuple(planned), tuple(messages)


def in_install_order(
    planned: Iterable[PlannedInstall],
    built_against: Mapping[NormalizedName, frozenset[NormalizedName]] = _NO_ORDER,
) -> tuple[PlannedInstall, ...]:
    """Sort dependencies before their dependents; ties by name, descending (pip behaviour).

    `built_against` has the projects that a project was built against; they precede it in any case.
    """
    key = lambda one: (one.pin.weight, one.pin.name)  # noqa: E731 - used once, here
    remaining = {one.pin.name: one for one in sorted(planned, key=key, reverse=True)}
    ordered: list[PlannedInstall] = []

    def append(name: NormalizedName) -> None:
        one = remaining.pop(name, None)
        if one is not None:
            for other in [each for each in remaining if each in built_against.get(name, ())]:
                append(other)
            ordered.append(one)

    for name in [*remaining]:
        append(name)
    return tuple(ordered)


def _replaced_by(pin: PinnedCandidate, target: TargetEnvironment) -> Installed | None:
    """Return the installed distribution that is uninstalled if `pin` is installed."""
    if target.existing is Existing.IGNORE:
        return None
    installed = target.installed.get(pin.name)
    if installed is None or not target.into_user_site or installed.in_user_site:
        return installed
    if target.virtual and installed.local:
        raise InstallationError(
            "Will not install to the user site because it will lack sys.path precedence to "
            f"{installed.raw_name} in {installed.location}"
        )
    return None


def _is_satisfied(pin: PinnedCandidate, installed: Installed) -> bool:
    """Return whether `installed` is kept; local sources are always installed anew."""
    editable = pin.install_req.editable or installed.editable is not None
    if editable or _version(installed) != pin.node.version:
        return False
    link = pin.node.distribution.link
    return link.is_wheel or not link.is_file


def _is_installed_wheel(pin: PinnedCandidate, installed: Installed) -> bool:
    """Return whether `installed` is kept in place of a local wheel of the same version."""
    return pin.node.distribution.link.is_file and _is_satisfied(pin, installed)


def _requested_name(pin: PinnedCandidate) -> str:
    requirement = pin.install_req.requirement
    return requirement.name if requirement else pin.name


def _version(installed: Installed) -> Version | None:
    try:
        return parsed_version(installed.version)
    except InvalidVersion:
        return None


def _yanked(pin: PinnedCandidate, link: Link) -> YankedCandidateChosen:
    return YankedCandidateChosen(
        pin.name, str(pin.node.version), link.described(), link.yanked or ""
    )
