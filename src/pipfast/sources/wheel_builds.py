"""From sources to wheels: prepare, build, cache."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial

from packaging.utils import NormalizedName, canonicalize_name

from pipfast.builds.build_result import Built, Failed, MissingModule
from pipfast.builds.errors import WheelNotBuilt
from pipfast.builds.missing_module import MissingDependency
from pipfast.errors import Remedy
from pipfast.model import wheel_name
from pipfast.model.distribution import Wheel
from pipfast.model.events import Listener
from pipfast.model.frozen_dataclass import replace
from pipfast.model.remedies import UseKeptWheel
from pipfast.policy.mode import LocalVersions
from pipfast.resolve.solve import Resolution
from pipfast.sources.build_tracker import being_built
from pipfast.sources.events import (
    KeptWheelUsed,
    WheelBuildsFailed,
    WheelsBuilt,
    WheelsRequested,
)
from pipfast.sources.ordered_output import OrderedTasks
from pipfast.sources.prepared_source import (
    CompletedSource,
    IncompleteSource,
    Key,
    Prepared,
    key_of,
)
from pipfast.sources.retry_with_modules import FailedSource, IncompleteBuild, Visible
from pipfast.sources.shared_wheels import (
    Lookup,
    NotFound,
    SharedWheels,
    lookup_key,
    not_reported_yet,
)
from pipfast.sources.source_reader import Tools
from pipfast.sources.source_state import (
    BuildWheel,
    Completed,
    FindWheel,
    UseWheel,
    WheelBuilt,
    completed_source,
    next_step,
)
from pipfast.sources.wheel_request import OtherVersionBuilt, WheelRequest
from pipfast.store.build_cache.built_wheel_cache import CachedWheel

WheelBuild = CachedWheel | MissingModule | Failed
"""The result of building a wheel and storing it."""

PATIENCE = 2.0
"""How long to wait for threads that were told to stop, in seconds."""


class Sources(SharedWheels):
    """Prepares and builds sources, each once."""

    def __init__(self, tools: Tools, emit: Listener) -> None:
        super().__init__(tools, emit)
        self._building = OrderedTasks(emit, tools.at_once)
        self._spared: set[str] = set()
        self._further_remedies: list[Remedy] = []

    # wheels

    def wheels(self, wished: Sequence[WheelRequest]) -> list[CachedWheel | None]:
        """Return a wheel of each source; missing ones are built in parallel.

        None stands for a failed build, which was reported when it happened.
        """
        missing = [one for one in wished if self._have(one) is None]
        if missing:
            self._build(missing)
        found: list[CachedWheel | None] = []
        for one in wished:
            kept = self._have(one)
            if kept is not None:
                self._check_version(one, kept)
            found.append(kept)
        return found

    def pulled(self, wished: Sequence[WheelRequest]) -> list[bool]:
        """Return whether there is a wheel of each source, cached or on another machine.

        Nothing is built but what is needed to know. Raises the errors of `metadata`.
        """
        return [self._have(one) is not None or self._pull(one) for one in wished]

    def _pull(self, wished: WheelRequest) -> bool:
        return isinstance(self._look(wished, self._emit), CachedWheel)

    def _check_version(self, wished: WheelRequest, kept: CachedWheel) -> None:
        """Check that a wheel is the resolved one, as far as the mode requires it.

        Raises OtherVersionBuilt.
        """
        found, mode = wheel_name.parse(kept.path.name).version, self._tools.mode
        if found == wished.version or mode.pip_compat:
            return
        lax = mode.local_versions is LocalVersions.LAX
        if not (lax and found.public == str(wished.version)):
            raise OtherVersionBuilt(wished, found)

    def _have(self, wished: WheelRequest) -> CachedWheel | None:
        """Return a cached wheel that was built with the same visible modules."""
        distribution, install_req = wished.distribution, wished.install_req
        match next_step(self._state(distribution, install_req)):
            case UseWheel(wheel):
                return wheel
            case FindWheel(source):
                kept = self._reader.cached_wheel(distribution, source.prepared.question)
                if kept is not None:
                    self._set_built(key_of(distribution, install_req), kept)
                return kept
            case BuildWheel():
                return None

    def _set_built(self, key: Key, wheel: CachedWheel) -> None:
        source = completed_source(self._states.get(key))
        self._states[key] = WheelBuilt(wheel, source)

    def _build(self, wished: Sequence[WheelRequest]) -> None:
        found = self._take(wished)
        if not found:
            return
        self._emit(WheelsRequested(tuple(one.spelling for one, _ in found)))
        for one, lookup in found:
            self._begin(one, lookup)
        failed: list[str] = []
        lacking: list[tuple[WheelRequest, IncompleteBuild]] = []
        for one, lookup in found:
            key = key_of(one.distribution, one.install_req)
            result = self._building.result(key, self._work(one, lookup))
            match result:
                case MissingModule():
                    incomplete = IncompleteBuild(result)
                    if self._tools.remedy.helps:
                        lacking.append((one, incomplete))
                    else:  # messages are emitted in order
                        failed.append(self._given_up(one, incomplete))
                case Failed(failure):
                    if not isinstance(failure, WheelNotBuilt):
                        raise failure
                    failed.append(one.spelling)
                case _:
                    self._set_built(key, result)
        failed += self._build_seeing(lacking)
        requests = [one for one, _ in found]
        failed = [
            one.spelling for one in requests if one.spelling in failed and not self._spare(one)
        ]
        not_built = self._spared.union(failed)
        succeeded = [one.spelling for one in requests if one.spelling not in not_built]
        if succeeded:
            self._emit(WheelsBuilt(tuple(succeeded)))
        if failed:
            self._emit(WheelBuildsFailed(tuple(failed)))

    def _spare(self, wished: WheelRequest) -> bool:
        """Use the wheel in pip's cache for a failed build, if pip would have used it at once.

        Its build read other settings or modules. Returns whether there is one and the mode allows
        it; if only the mode does not, the failure gets a remedy.
        """
        wheel = self._wheel_of_pip(wished.distribution, wished.install_req)
        if wheel is None:
            return False
        if not self._tools.mode.pip_compat:
            self._further_remedies.append(UseKeptWheel(wished.spelling))
            return False
        self._emit(KeptWheelUsed(wished.spelling, wheel.path.name))
        self._spared.add(wished.spelling)
        self._set_built(key_of(wished.distribution, wished.install_req), wheel)
        return True

    def _take(self, wished: Sequence[WheelRequest]) -> list[tuple[WheelRequest, Lookup]]:
        """Take the wheels that other machines built; return the others with their lookups.

        All are looked up before the first build begins to say so, and builds begin meanwhile.
        """
        if self._tools.shared is None:
            return [(one, NotFound()) for one in wished]
        looks = [
            (one, lookup_key(key_of(one.distribution, one.install_req)), partial(self._look, one))
            for one in wished
        ]
        for one, key, look in looks:
            self._building.begin(key, look, partial(self._begin, one))
        left: list[tuple[WheelRequest, Lookup]] = []
        for one, key, look in looks:
            found = self._building.result(key, look)
            if isinstance(found, CachedWheel):
                self._set_built(key_of(one.distribution, one.install_req), found)
            else:
                left.append((one, found))
        return left

    def _begin(self, wished: WheelRequest, found: Lookup) -> None:
        if not isinstance(found, CachedWheel):
            key = key_of(wished.distribution, wished.install_req)
            self._building.begin(key, self._work(wished, found))

    def _work(self, wished: WheelRequest, found: Lookup) -> Callable[[Listener], WheelBuild]:
        return lambda listen: self._build_one(wished, found, listen)

    def _build_one(self, wished: WheelRequest, found: Lookup, listen: Listener) -> WheelBuild:
        """Return the wheel of a source that was looked up elsewhere, built unless it was found."""
        if not isinstance(found, NotFound):
            return found
        tools, distribution = self._tools, wished.distribution
        prepared = self._prepared(distribution, wished.install_req)
        if not isinstance(prepared, Prepared):
            return prepared
        project = replace(prepared.project, name=wished.spelling)
        link = distribution.link
        folder = tools.shelf.temporary_folder(link, prepared.question)
        receiver = not_reported_yet(prepared, listen)
        began = time.monotonic()
        with being_built(link, wished.install_req.described(link)):
            # Backends generate files while they prepare the metadata, so a wheel would differ from
            # pip's if this was left out because the metadata was known from elsewhere.
            described = tools.builder.metadata(project, receiver)
            if not isinstance(described, Built):
                return described
            result = tools.builder.wheel(project, folder, receiver)
        if not isinstance(result, Built):
            return result
        kept = self._kept(wished, prepared, project, result.value, listen)
        if found.build is not None and tools.shared is not None:
            tools.shared.offer_wheel(found.build, kept.path, time.monotonic() - began)
        return kept

    # builds that see more than they declare

    def _build_seeing(self, lacking: Sequence[tuple[WheelRequest, IncompleteBuild]]) -> list[str]:
        """Build again what lacked modules; return the spellings of what cannot be built.

        One source may provide what another one lacks, so all are tried until none can be built.
        """
        waiting = [*lacking]
        while waiting:
            left: list[tuple[WheelRequest, IncompleteBuild]] = []
            for at, (one, incomplete) in enumerate(waiting):
                pending = [other for other, _ in (*waiting[at:], *left)]
                still = self._build_open(one, incomplete, pending)
                if still is not None:
                    left.append((one, still))
            if len(left) == len(waiting):
                break
            waiting = left
        return [self._given_up(one, incomplete) for one, incomplete in waiting]

    def _given_up(self, wished: WheelRequest, incomplete: IncompleteBuild) -> str:
        """Report why a source cannot be built; return its spelling. May raise to end the run."""
        try:
            self._tools.remedy.give_up(
                incomplete, self._failing(wished.distribution, wished.install_req)
            )
        except WheelNotBuilt:
            return wished.spelling

    def _build_open(
        self, wished: WheelRequest, incomplete: IncompleteBuild, pending: Sequence[WheelRequest]
    ) -> IncompleteBuild | None:
        """Build a source that sees everything to be installed except `pending` ones.

        Return what is still incomplete, None if the wheel was built.
        """
        distribution, install_req = wished.distribution, wished.install_req
        opening = IncompleteSource(
            distribution, install_req, (), incomplete, self._failing(distribution, install_req)
        )
        names = frozenset(canonicalize_name(one.spelling) for one in pending)

        def find(failing: FailedSource, wanted: Sequence[MissingDependency]) -> Visible | None:
            return self._tools.visibility.beside(failing, wanted, names)

        def retry(visible: Visible) -> WheelBuild:
            preparation = self._show(opening, visible)
            if not isinstance(preparation, Prepared):
                return preparation
            kept = self._have(wished)
            return kept or self._build_one(wished, self._look(wished, self._emit), self._emit)

        result = self._tools.remedy.overcome(incomplete, opening.failing, find, retry)
        if isinstance(result, IncompleteBuild):
            return result
        self._set_built(opening.key, result)
        return None

    def settle(self, answer: Resolution) -> bool:
        """Prepare again the sources that saw other distributions than will be installed.

        Return whether the metadata of any source changed. Raises the errors of `metadata`.
        """
        stale = self._stale(answer)
        providing = self._tools.visibility
        changed = False
        if stale:
            providing.forget()
        with providing.resting_on(answer):
            for one in stale:
                self._states[one.opening.key] = Completed(one)
                self._building.forget(one.opening.key)
                self._building.forget(lookup_key(one.opening.key))
                changed |= self._anew(one.opening).metadata != one.prepared.metadata
        return changed

    def _anew(self, opening: IncompleteSource) -> Prepared:
        def find(failing: FailedSource, wanted: Sequence[MissingDependency]) -> Visible | None:
            return self._tools.visibility.beside(failing, wanted, frozenset())

        remedy = self._tools.remedy
        show = partial(self._show, opening)
        result = remedy.overcome(opening.incomplete, opening.failing, find, show)
        if isinstance(result, IncompleteBuild):
            remedy.give_up(result, opening.failing)
        return result

    def _stale(self, answer: Resolution) -> list[CompletedSource]:
        """Yield the outdated sources of the resolution, after everything that they see."""
        versions = {one.name: one.node.version for one in answer.pins}
        keys = [
            key_of(one.node.distribution, one.install_req)
            for one in answer.pins
            if not isinstance(one.node.distribution, Wheel)
        ]
        found = (completed_source(self._states.get(key)) for key in keys)
        opened = [source for source in found if source is not None]
        stale: list[CompletedSource] = []
        while True:
            names = {one.name for one in stale}
            more = [
                one
                for one in opened
                if one not in stale
                and (one.visible.is_stale(versions) or not names.isdisjoint(one.visible.coming))
            ]
            if not more:
                return stale
            free = [one for one in more if not {two.name for two in more} & {*one.visible.coming}]
            stale += free or more

    @property
    def behind(self) -> Mapping[NormalizedName, frozenset[NormalizedName]]:
        """Return the projects that sources with additional visible modules were built against."""
        return {one.name: frozenset(one.visible.coming) for one in self._completed()}

    @property
    def remedies(self) -> tuple[Remedy, ...]:
        """Return remedies for failed builds."""
        return (*self._tools.remedy.remedies, *self._further_remedies)

    def stop(self) -> None:
        """Stop all work without waiting."""
        self._preparing.close()
        self._building.close()
        self._tools.trees.close()
        self._tools.builder.close()

    def close(self) -> None:
        """Stop all work, and remove temporary files."""
        self.stop()
        self._preparing.join(PATIENCE)
        self._building.join(PATIENCE)
        self._tools.shelf.close()
