"""Install what a resolution chose: gather wheels, put them in order, apply them.

`pip install` and the installer of build environments share this sequence. They differ in what they
print in between and in how the wheels are written to disk.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TypeVar

from packaging.utils import NormalizedName

from pipfast.model.distribution import Wheel
from pipfast.model.events import Level, Listener
from pipfast.model.frozen_dataclass import dataclass
from pipfast.plan.diff import PlannedInstall, in_install_order
from pipfast.plan.steps import Install, Replace, Step, WheelToInstall
from pipfast.report.render import load_renderers
from pipfast.session.resolution import Resolved
from pipfast.session.unpacked_wheels import Unpacking, gather_wheels
from pipfast.store.wheels.manifest import Archive, StaleArchives
from pipfast.transaction.events import CompiledAgain, UnpackedAgain

T = TypeVar("T")

_ATTEMPTS = 3
"""How often wheels are unpacked again while other programs change or remove them."""

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
    """Performs the planned installs of a resolution from unpacked wheels.

    `wheel_lock` is held while wheels are gathered if none of them has to be built. Environments
    that are installed at the same time then do not download and compile the same wheels twice.
    """

    resolved: Resolved
    unpacking: Unpacking
    emit: Listener
    wheel_lock: threading.Lock | None = None

    def gather(self, found: tuple[PlannedInstall, ...]) -> GatheredWheels:
        """Download, build and unpack the wheels of `found` and sort the installs.

        Raises what `gather_wheels` raises.
        """
        archives = self._unpacked(found)
        ordered = in_install_order(found, self.resolved.distributions.behind)
        return GatheredWheels(found, ordered, archives)

    def apply(self, gathered: GatheredWheels, change: Callable[[ArchiveByName], T]) -> T:
        """Return what `change` returns for the unpacked wheels.

        If files of unpacked wheels were changed in the store or removed, unpack those wheels anew
        and call `change` again. Raises what `change` and `gather_wheels` raise.
        """
        load_renderers("transaction", "store")
        archives = gathered.archives
        for attempt in range(_ATTEMPTS):
            try:
                return change(archives)
            except StaleArchives as stale:
                self._discard(stale, attempt)
            archives = self._unpacked(gathered.found)
        return change(archives)

    def _unpacked(self, found: tuple[PlannedInstall, ...]) -> ArchiveByName:
        pins = [each.pin for each in found]
        with self._wheel_lock_of(found):
            for attempt in range(_ATTEMPTS):
                try:
                    return gather_wheels(pins, self.resolved, self.unpacking, self.emit)
                except StaleArchives as stale:  # noqa: PERF203
                    self._discard(stale, attempt)
            return gather_wheels(pins, self.resolved, self.unpacking, self.emit)

    def _discard(self, stale: StaleArchives, attempt: int) -> None:
        """Remove from the store what has changed; at last, use a store that nobody else knows."""
        gone = [each for each in stale.archives if not Path(each.folder).exists()]
        changed = [each for each in stale.archives if each not in gone]
        if gone:
            self.emit(UnpackedAgain(_names(gone), were_removed=True, level=Level.VERBOSE))
        if changed:
            self.emit(UnpackedAgain(_names(changed)))
        if stale.bytecode:
            self.emit(CompiledAgain(_names(stale.bytecode)))
        for archive in changed:
            self.unpacking.archives.discard(archive)
        key = self.unpacking.compilation.key
        if key is not None:
            for archive in stale.bytecode:
                self.unpacking.archives.discard_bytecode(archive, key)
        if attempt == _ATTEMPTS - 1:
            self.unpacking.archives.leave_store()

    def _wheel_lock_of(self, found: tuple[PlannedInstall, ...]) -> AbstractContextManager[object]:
        are_wheels = all(isinstance(each.pin.node.distribution, Wheel) for each in found)
        return self.wheel_lock if self.wheel_lock and are_wheels else nullcontext()


def _names(archives: Sequence[Archive]) -> tuple[str, ...]:
    return tuple(Path(each.wheel).name for each in archives)


def step_of(item: PlannedInstall, incoming: WheelToInstall) -> Step:
    """Return the step that installs `incoming` and removes what it replaces."""
    return Replace(incoming, item.replaced) if item.replaced else Install(incoming)
