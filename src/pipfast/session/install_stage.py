"""Install what a resolution chose: gather wheels, put them in order, apply them.

`pip install` and the installer of build environments share this sequence. They differ in what they
print in between and in how the wheels are written to disk.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TypeVar

from packaging.utils import NormalizedName

from pipfast.model.distribution import Wheel
from pipfast.model.events import Listener
from pipfast.model.frozen_dataclass import dataclass
from pipfast.plan.diff import PlannedInstall, in_install_order
from pipfast.plan.steps import Install, Replace, Step, WheelToInstall
from pipfast.report.render import load_renderers
from pipfast.session.resolution import Resolved
from pipfast.session.unpacked_wheels import Unpacking, gather_wheels
from pipfast.store.wheels.manifest import Archive
from pipfast.transaction.errors import StaleArchives
from pipfast.transaction.events import UnpackedAgain

T = TypeVar("T")

ArchiveByName = Mapping[NormalizedName, Archive]


@dataclass(frozen=True, slots=True)
class GatheredWheels:
    """An unpacked wheel for each planned install, by project name.

    `planned_installs` are in installation order, `found` in the order of the resolution.
    """

    found: tuple[PlannedInstall, ...]
    planned_installs: tuple[PlannedInstall, ...]
    archives: ArchiveByName


@dataclass(frozen=True, slots=True, kw_only=True)
class InstallStage:
    """Installs arrivals of a resolution from unpacked wheels.

    `wheel_lock` is held while wheels are gathered if none of them has to be built. Environments
    that are installed at the same time then do not download and compile the same wheels twice.
    """

    resolved: Resolved
    unpacking: Unpacking
    emit: Listener
    wheel_lock: threading.Lock | None = None

    def gather(self, found: tuple[PlannedInstall, ...]) -> GatheredWheels:
        """Download, build and unpack the wheels of `found` and put the arrivals in order.

        Raises what `gather_wheels` raises.
        """
        archives = self._unpacked(found)
        ordered = in_install_order(found, self.resolved.distributions.behind)
        return GatheredWheels(found, ordered, archives)

    def apply(self, gathered: GatheredWheels, change: Callable[[ArchiveByName], T]) -> T:
        """Return what `change` returns for the unpacked wheels.

        If files of unpacked wheels were changed in the store, unpack those wheels anew and call
        `change` a second time. Raises what `change` and `gather_wheels` raise.
        """
        load_renderers("transaction")
        try:
            return change(gathered.archives)
        except StaleArchives as stale:
            self.emit(UnpackedAgain(tuple(Path(each.wheel).name for each in stale.archives)))
            for archive in stale.archives:
                self.unpacking.archives.discard(archive)
            return change(self._unpacked(gathered.found))

    def _unpacked(self, found: tuple[PlannedInstall, ...]) -> ArchiveByName:
        pins = [arrival.pin for arrival in found]
        with self._wheel_lock_of(found):
            return gather_wheels(pins, self.resolved, self.unpacking, self.emit)

    def _wheel_lock_of(self, found: tuple[PlannedInstall, ...]) -> AbstractContextManager[object]:
        are_wheels = all(isinstance(each.pin.node.distribution, Wheel) for each in found)
        return self.wheel_lock if self.wheel_lock and are_wheels else nullcontext()


def step_of(arrival: PlannedInstall, incoming: WheelToInstall) -> Step:
    """Return the step that installs `incoming` and removes what it replaces."""
    return Replace(incoming, arrival.replaced) if arrival.replaced else Install(incoming)
