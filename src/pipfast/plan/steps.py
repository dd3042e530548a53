"""The steps that change an environment, as values."""

from __future__ import annotations

from packaging.utils import NormalizedName

from pipfast.model.frozen_dataclass import dataclass
from pipfast.model.installed_distribution import Installed
from pipfast.model.link import Link


@dataclass(frozen=True, slots=True, kw_only=True)
class WheelToInstall:
    """A wheel to install.

    `direct_url` is the text of ``direct_url.json`` for a direct requirement, else None (PEP 610).
    `requested` is whether the user requested it (PEP 376). `spelling` is the name as in the
    requirement, which pip's lines use; `requirement` is its full text, which pip's errors contain.
    """

    name: NormalizedName
    spelling: str
    requirement: str
    version: str
    link: Link
    requested: bool = False
    direct_url: str | None = None


@dataclass(frozen=True, slots=True)
class Install:
    """Install a distribution and uninstall nothing."""

    incoming: WheelToInstall


@dataclass(frozen=True, slots=True)
class Replace:
    """Install a distribution in place of an installed one of the same project."""

    incoming: WheelToInstall
    outgoing: Installed


@dataclass(frozen=True, slots=True)
class Remove:
    """Uninstall a distribution."""

    outgoing: Installed


Step = Install | Replace | Remove


@dataclass(frozen=True, slots=True)
class Plan:
    """The steps in the order in which they are performed and reported."""

    steps: tuple[Step, ...]
