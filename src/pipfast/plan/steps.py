"""What will be done to an environment, as values."""

from __future__ import annotations

from packaging.utils import NormalizedName

from pipfast.model.frozen_dataclass import dataclass
from pipfast.model.installed_distribution import Installed
from pipfast.model.link import Link


@dataclass(frozen=True, slots=True, kw_only=True)
class WheelToInstall:
    """A wheel on its way in.

    `link` is the wheel's. `direct_url` is the text of ``direct_url.json`` for a direct
    requirement, else None (PEP 610). `requested` is whether the user named it (PEP 376).
    `spelling` is the name as it was asked for, which pip's lines use, and `asked` the whole
    requirement, which its errors name.
    """

    name: NormalizedName
    spelling: str
    asked: str
    version: str
    link: Link
    requested: bool = False
    direct_url: str | None = None


@dataclass(frozen=True, slots=True)
class Install:
    """Put in a distribution where there was none (or write over it unasked)."""

    incoming: WheelToInstall


@dataclass(frozen=True, slots=True)
class Replace:
    """Put in a distribution in the place of another release, or of the same one anew."""

    incoming: WheelToInstall
    outgoing: Installed


@dataclass(frozen=True, slots=True)
class Remove:
    """Take out a distribution."""

    outgoing: Installed


Step = Install | Replace | Remove


@dataclass(frozen=True, slots=True)
class Plan:
    """The steps in the order they are told to the user."""

    steps: tuple[Step, ...]
