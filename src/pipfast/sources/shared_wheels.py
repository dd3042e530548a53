"""Wheels that other machines built: look for them before anything is built, and store them."""

from __future__ import annotations

from collections.abc import Hashable
from pathlib import Path
from typing import TYPE_CHECKING

from pipfast.builds.build_result import Built, Failed, MissingModule
from pipfast.builds.events import WheelStored
from pipfast.builds.pyproject import Project
from pipfast.model.events import Event, Level, Listener, Message, Purpose, Status, Work
from pipfast.model.frozen_dataclass import dataclass, replace
from pipfast.sources.build_tracker import being_built
from pipfast.sources.preparation import SourcePreparation
from pipfast.sources.prepared_source import Key, MetadataOrigin, Prepared
from pipfast.sources.wheel_request import WheelRequest
from pipfast.store.build_cache.built_wheel_cache import BuildRecord, CachedWheel

if TYPE_CHECKING:
    from pipfast.sources.shared_builds import SharedBuild


@dataclass(frozen=True, slots=True)
class NotFound:
    """No other machine offers the wheel; `build` is None if that is not shared."""

    build: SharedBuild | None = None


Lookup = CachedWheel | NotFound | MissingModule | Failed
"""What became of a lookup; the last two are what filling the build environment failed with."""


class SharedWheels(SourcePreparation):
    """Prepares sources, and looks for their wheels on other machines."""

    def _look(self, wished: WheelRequest, listen: Listener) -> Lookup:
        """Look for the wheel of a source, and store it here; `listen` gets what is to be said.

        Without a remote store nothing is done. Raises the errors of building.
        """
        if self._tools.shared is None:
            return NotFound()
        distribution = wished.distribution
        prepared = self._prepared(distribution, wished.install_req)
        if not isinstance(prepared, Prepared):
            return prepared
        project = replace(prepared.project, name=wished.spelling)
        link = distribution.link
        folder = self._tools.shelf.temporary_folder(link, prepared.question)
        with being_built(link, wished.install_req.described(link)):
            found = self._reader.shared_wheel(
                distribution,
                replace(prepared, project=project),
                folder,
                not_reported_yet(prepared, listen),
                listen,
            )
        if not isinstance(found, Built):
            return found
        build, wheel = found.value
        if wheel is None:
            return NotFound(build)
        return self._kept(wished, prepared, project, wheel, _in_detail(listen))

    def _kept(
        self,
        wished: WheelRequest,
        prepared: Prepared,
        project: Project,
        wheel: Path,
        listen: Listener,
    ) -> CachedWheel:
        """Store a wheel that was built here or elsewhere."""
        tools = self._tools
        kept = tools.shelf.keep(
            wheel,
            wished.distribution.link,
            prepared.tree.origin,
            prepared.question,
            BuildRecord(prepared.metadata.version, tools.builder.requirements(project)),
        )
        listen(WheelStored(kept.folder))
        return kept


def lookup_key(key: Key) -> Hashable:
    """Return the key of the lookup that goes before the build `key`."""
    return "lookup", key


def not_reported_yet(prepared: Prepared, listen: Listener) -> Listener:
    """Return a listener for a build that drops what was reported when the source was prepared.

    The stored answer of a backend repeated the messages of preparing it.
    """
    if prepared.obtained_from is not MetadataOrigin.STORED:
        return listen
    building = False

    def receive(event: Event) -> None:
        nonlocal building
        if isinstance(event, Work):
            building |= event.purpose is Purpose.BUILD or event.status is Status.ERROR
        fine = isinstance(event, Message) and event.level.value < Level.WARNING.value
        if building or not (fine or isinstance(event, Work)):
            listen(event)

    return receive


def _in_detail(listen: Listener) -> Listener:
    """Return a listener for what pip does not say of a wheel that it takes from its cache."""

    def receive(event: Event) -> None:
        listen(replace(event, level=Level.VERBOSE) if isinstance(event, Message) else event)

    return receive
