"""Build environments are filled by a smaller run of our own, over the same indexes and store."""

from __future__ import annotations

import os
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

from packaging.utils import NormalizedName

from pipfast.builds.errors import FillingFailed
from pipfast.builds.virtual_env import is_virtual, python_of
from pipfast.environment.discovery import installed
from pipfast.environment.interpreter import Interpreter
from pipfast.environment.tags import supported_tags
from pipfast.errors import Interrupted, PipfastError
from pipfast.model.distribution import Wheel
from pipfast.model.events import Event, Level, Said, Work
from pipfast.model.frozen_dataclass import replace
from pipfast.plan.diff import Arrival, Surroundings, arrivals, in_install_order
from pipfast.plan.steps import Incoming, Install, Plan, Replace, Step
from pipfast.policy.selection import Existing, SelectionPolicy, Upgrade
from pipfast.policy.target import ForeignTarget, LinkMode
from pipfast.report import install_lines
from pipfast.report.console import prefixed
from pipfast.report.failure import told
from pipfast.report.spinner import Steps
from pipfast.requirements.collect import Asked, Collected, Policies, check_constraints, collect
from pipfast.resolve.solve import Chosen
from pipfast.session.port_adapters import Environment
from pipfast.session.resolution import Ground, Resolved, resolution
from pipfast.session.unpacked_wheels import Bench, gathered
from pipfast.sources.shutdown import is_ending
from pipfast.store.build_cache.build_envs import Prefixes
from pipfast.store.filesystem.rmtree import remove_trees
from pipfast.store.wheels.manifest import Archive
from pipfast.store.wheels.unpacked import Archives
from pipfast.store.workers.inline import Alone
from pipfast.store.workers.pool import Workshop
from pipfast.transaction.apply import apply
from pipfast.transaction.populate import furnish
from pipfast.transaction.staging import StaleArchives
from pipfast.transaction.target_environment import Site


class Provision:
    """Installs build requirements into folders: as pip's own subprocess does, in this process.

    The indexes and the rules for candidates are those of the run; what is installed, hashes and
    the user's constraints do not count, build constraints do (pip behaviour).
    """

    def __init__(self, ground: Ground, around: Collected, link_mode: LinkMode) -> None:
        version = ground.python.version_info
        tags = supported_tags(ground.python, ForeignTarget())
        policy = replace(ground.building.policy, verify=True, reuse=True)
        building = replace(ground.building, policy=policy)
        self._ground = replace(ground, tags=tags, version=version, building=building)
        self._around = around
        self._link_mode = link_mode
        self._lock = threading.Lock()
        self._fetching = threading.Lock()
        self._prefixes = Prefixes(ground.store)
        self._fillings: dict[tuple[object, ...], _Filling] = {}

    def __call__(self, requirements: Sequence[str], prefix: Path, whose: str) -> Path:
        """Install `requirements` into the folder `prefix`, or find another with the same in it.

        Raises FillingFailed with what an install would say, and with the reason.
        """
        del whose  # it stands in the message of whoever asked for this
        heard = self._listening()
        try:
            return self._fill(requirements, prefix, heard)
        except PipfastError as error:
            if isinstance(error, Interrupted) or is_ending():
                raise Interrupted from None
            raise FillingFailed([*heard.lines, *told(error)], error.exit_code) from error
        except OSError as error:
            text = f"ERROR: Could not install packages due to an OSError: {error}"
            raise FillingFailed([*heard.lines, text]) from error

    def _listening(self) -> _Heard:
        return _Heard(verbose=self._ground.building.verbosity > 0)

    def _fill(self, requirements: Sequence[str], prefix: Path, heard: _Heard) -> Path:
        ground = self._ground
        around = self._around_at(prefix)
        collected = self._collected(requirements, around.existing, heard)
        install_lines.tell_where(collected.network, heard)
        check_constraints(collected.constraints, heard)
        environment = Environment(around.installed)
        with resolution(ground, collected, environment, self, heard) as found:
            coming, said = arrivals(found.resolution, around)
            for event in said:
                heard(event)
            if not coming:
                return prefix
            if is_virtual(prefix):
                return self._installed(coming, found, prefix, heard)
            filling = self._filling(coming, prefix)
            with filling.lock:
                if filling.prefix is None:
                    filling.prefix = self._installed(coming, found, prefix, heard)
                return filling.prefix

    def _filling(self, coming: Sequence[Arrival], prefix: Path) -> _Filling:
        """The one place beside `prefix` where exactly these distributions are put."""
        links = (one.chosen.node.distribution.link for one in coming)
        named = frozenset((link.url, link.fragment) for link in links)
        key = prefix.parents[1], prefix.name, named
        with self._lock:
            return self._fillings.setdefault(key, _Filling())

    def _around_at(self, prefix: Path) -> Surroundings:
        """What is in a virtual environment; of another folder nothing counts."""
        if not is_virtual(prefix):
            return Surroundings(installed={}, existing=Existing.IGNORE)
        scheme = self._ground.python.prefix_scheme.below(str(prefix))
        present = installed((scheme.purelib, scheme.platlib), self._ground.python)
        there = {one.name: one for one in present}
        return Surroundings(installed=there, existing=Existing.KEEP, virtual=True)

    def _collected(
        self, requirements: Sequence[str], existing: Existing, heard: _Heard
    ) -> Collected:
        asked = Asked(
            words=tuple(requirements),
            constraint_files=self._ground.building.policy.constraint_files,
            python=self._ground.version,
        )
        network = replace(self._around.network, refresh=frozenset())
        selection = replace(_for_builds(self._around.selection), existing=existing)
        policies = Policies(network=network, selection=selection)
        return collect(asked, policies, self._ground.client.text, os.environ, heard)

    def put(self, chosen: Sequence[Chosen], found: Resolved, prefix: Path) -> Path:
        """Put distributions of a run into the folder `prefix`, or find another with the same in it.

        Raises what downloads and builds raise.
        """
        coming = [Arrival(one, None) for one in chosen]
        return self._installed(coming, found, prefix, self._listening())

    def _installed(
        self, coming: Sequence[Arrival], found: Resolved, prefix: Path, heard: _Heard
    ) -> Path:
        """A prefix with these distributions: one that is kept, else `prefix` itself."""
        python = self._ground.python
        with Workshop(python.executable) as workshop:
            key = _site(python, prefix, self._link_mode).bytecode_key
            bench = Bench(Archives(self._ground.store), workshop, key)
            chosen = [one.chosen for one in coming]
            archives = self._gathered(chosen, found, bench, heard)
            coming = in_install_order(coming)
            heard.say(install_lines.collected([one.spelling for one in coming]))
            put = self._applied if is_virtual(prefix) else self._furnished
            try:
                return put(coming, archives, prefix, heard)
            except StaleArchives as stale:
                for archive in stale.archives:
                    bench.shelf.discard(archive)
                if prefix.exists() and not is_virtual(prefix):
                    remove_trees(str(prefix))
                archives = self._gathered(chosen, found, bench, heard)
                return put(coming, archives, prefix, heard)

    def _applied(
        self,
        coming: Sequence[Arrival],
        archives: Mapping[NormalizedName, Archive],
        prefix: Path,
        heard: _Heard,
    ) -> Path:
        """Put distributions into a virtual environment, in the place of what has to go."""
        site = _site(self._ground.python, prefix, self._link_mode)
        plan = Plan(tuple(_step(one) for one in coming))
        with Alone(site.executable) as workshop:
            apply(plan, archives, site, workshop, heard)
        return prefix

    def _furnished(
        self,
        coming: Sequence[Arrival],
        archives: Mapping[NormalizedName, Archive],
        prefix: Path,
        heard: _Heard,
    ) -> Path:
        def make(place: Path) -> None:
            site = _site(self._ground.python, place, self._link_mode)
            furnish([_incoming(one) for one in coming], archives, site, heard)

        key = _key(self._ground.python, prefix.name, archives)
        kept = self._prefixes.find(key, prefix.name)
        if kept is None:
            with suppress(OSError):  # a cache that cannot be written is done without
                kept = self._prefixes.made(key, prefix.name, make)
        if kept is None:
            make(prefix)
        return kept or prefix

    def _gathered(
        self, chosen: Sequence[Chosen], found: Resolved, bench: Bench, heard: _Heard
    ) -> Mapping[NormalizedName, Archive]:
        """The wheels of what was chosen, fetched by one after the other where nothing is built.

        What several environments need would be fetched and compiled for each of them otherwise.
        """
        if all(isinstance(one.node.distribution, Wheel) for one in chosen):
            with self._fetching:
                return gathered(chosen, found, bench, heard)
        return gathered(chosen, found, bench, heard)


def _key(python: Interpreter, name: str, archives: Mapping[NormalizedName, Archive]) -> str:
    """What is in a prefix called `name` after these archives were put there for `python`."""
    wheels = sorted(f"{os.path.basename(one.folder)} {one.umask}" for one in archives.values())  # noqa: PTH119
    parts = [python.executable, python.bytecode_key(os.environ), python.prefix, name, *wheels]
    return sha256("\n".join(parts).encode()).hexdigest()[:40]


class _Filling:
    """A place for a set of distributions: the prefix, once they are in it."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.prefix: Path | None = None


class _Heard:
    """A listener that keeps the lines an install would print, programs at work among them.

    With `verbose` it would print more (pip hands its own verbosity on).
    """

    def __init__(self, *, verbose: bool) -> None:
        self.lines: list[str] = []
        self._steps = Steps(terminal=False)
        self._least = Level.VERBOSE if verbose else Level.INFO

    def __call__(self, event: Event) -> None:
        """Keep what is said as loud as it would be said."""
        match event:
            case Said(level=level) if level.value >= self._least.value:
                self.lines += [line.rstrip() for line in prefixed(event).split("\n")]
            case Work():
                line = self._steps.line(event)
                self.lines += [] if line is None else [line]
            case _:
                return

    def say(self, text: str) -> None:
        """Keep a line of the run itself."""
        self.lines.append(text)


def _for_builds(selection: SelectionPolicy) -> SelectionPolicy:
    """The rules for what builds need: those of the run, but nothing that is about its result.

    ``--pre`` is about that too, ``--all-releases`` is not (pip behaviour).
    """
    return replace(
        selection,
        releases=replace(selection.releases, pre=False),
        require_hashes=False,
        upgrade=Upgrade.NOTHING,
        dependencies=True,
        only_dependencies=False,
        ignore_requires_python=False,
        locked={},
    )


def _site(python: Interpreter, prefix: Path, link_mode: LinkMode) -> Site:
    """Where distributions go; the programs of a virtual environment are run by its own Python."""
    virtual = is_virtual(prefix)
    scheme = python.prefix_scheme.below(str(prefix))
    return Site(
        scheme=scheme,
        executable=python_of(prefix) if virtual else python.executable,
        prefix=str(prefix) if virtual else python.prefix,
        scripts=scheme.scripts,
        compile_bytecode=not virtual,
        python=python.version_info[:2],
        cache_tag=python.cache_tag or None,
        bytecode=python.bytecode_key(os.environ),
        warn_script_location=False,
        link_mode=link_mode,
    )


def _step(arrival: Arrival) -> Step:
    coming = _incoming(arrival)
    return Replace(coming, arrival.outgoing) if arrival.outgoing else Install(coming)


def _incoming(arrival: Arrival) -> Incoming:
    chosen = arrival.chosen
    return Incoming(
        name=chosen.name,
        spelling=arrival.spelling,
        asked=chosen.ask.shown or arrival.spelling,
        version=str(chosen.node.version),
        link=chosen.node.distribution.link,
    )
