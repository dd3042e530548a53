"""Install build requirements: a smaller run in this process, with the same indexes and store."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path

from pipfast.builds.errors import BuildRequirementsFailed
from pipfast.builds.isolation import FilledPrefix
from pipfast.builds.virtual_env import is_virtual, python_of
from pipfast.concurrency.interrupts import held, interruptible
from pipfast.environment.discovery import installed
from pipfast.environment.events import SiteChosen, SiteReason
from pipfast.environment.interpreter import Interpreter
from pipfast.environment.tags import supported_tags
from pipfast.errors import Interrupted, PipfastError
from pipfast.model.events import Event, Level, Listener, Message, Work
from pipfast.model.frozen_dataclass import replace
from pipfast.net.client import Client
from pipfast.plan.diff import PlannedInstall, TargetEnvironment
from pipfast.plan.steps import Plan, WheelToInstall
from pipfast.policy.detail import Detail
from pipfast.policy.selection import Existing, SelectionPolicy, Upgrade
from pipfast.policy.target import ForeignTarget, LinkMode
from pipfast.report import install_lines
from pipfast.report.failure import error_lines, traceback_lines
from pipfast.report.render import Line, line_of
from pipfast.report.spinner import SpinnerLines
from pipfast.requirements.collect import (
    CollectedRequirements,
    Policies,
    RequirementSources,
    check_constraints,
    collect,
)
from pipfast.resolve.solve import PinnedCandidate
from pipfast.session.install_stage import ArchiveByName, InstallStage, step_of
from pipfast.session.planned_installs import plan_installs
from pipfast.session.port_adapters import Environment
from pipfast.session.resolution import Resolved, resolution
from pipfast.session.resolution_context import ResolutionContext
from pipfast.session.unpacked_wheels import Unpacking, installed_version
from pipfast.session.version_line import version_line
from pipfast.sources.shutdown import is_ending
from pipfast.store.build_cache.build_envs import BuildEnvironmentCache
from pipfast.store.filesystem.rmtree import remove_trees
from pipfast.store.wheels.manifest import StaleArchives
from pipfast.store.wheels.unpacked import Archives, Compilation
from pipfast.store.workers.inline import InlineWorker
from pipfast.store.workers.pool import WorkerPool
from pipfast.transaction.apply import apply
from pipfast.transaction.install_environment import InstallEnvironment
from pipfast.transaction.populate import populate


class BuildEnvInstaller:
    """Installs build requirements into folders, as pip does with a subprocess of its own.

    It uses the indexes and the selection rules of the run. What is installed, hashes and the user's
    constraints do not count; build constraints do (pip behaviour).
    """

    def __init__(
        self, context: ResolutionContext, run: CollectedRequirements, link_mode: LinkMode
    ) -> None:
        version = context.python.version_info
        tags = supported_tags(context.python, ForeignTarget())
        policy = replace(context.build.policy, verify=True, reuse=True)
        build = replace(context.build, policy=policy)
        self._context = replace(context, tags=tags, version=version, build=build)
        self._run = run
        self._link_mode = link_mode
        self._detail = context.client.policy.detail
        self._lock = threading.Lock()
        self._wheel_lock = threading.Lock()
        self._stored_prefixes = BuildEnvironmentCache(context.store)
        self._shared_prefixes: dict[tuple[object, ...], _SharedPrefix] = {}

    def __call__(self, requirements: Sequence[str], prefix: Path, project: str) -> FilledPrefix:
        """Install `requirements` into the folder `prefix`, or find another with the same.

        Raises BuildRequirementsFailed with the lines that an install would print, including the
        error.
        """
        del project  # the caller's message names it
        output = self._output()
        try:
            folder = self._install_requirements(requirements, prefix, output)
        except PipfastError as error:
            if isinstance(error, Interrupted) or is_ending():
                raise Interrupted from None
            lines = [*output.lines, *error_lines(error)]
            if self._detail is Detail.EVERYTHING:
                lines += traceback_lines(error)
            raise BuildRequirementsFailed(lines, error.exit_code) from error
        except OSError as error:
            text = f"ERROR: Could not install packages due to an OSError: {error}"
            raise BuildRequirementsFailed([*output.lines, text]) from error
        return FilledPrefix(folder, tuple(output.lines) if self._detail.explains else ())

    def install_pins(
        self, pins: Sequence[PinnedCandidate], resolved: Resolved, prefix: Path
    ) -> Path:
        """Install distributions of a resolution into `prefix`; return it or another with the same.

        Raises what downloads and builds raise.
        """
        found = tuple(PlannedInstall(each, None) for each in pins)
        return self._install(found, resolved, prefix, self._output())

    def _output(self) -> _OutputLines:
        return _OutputLines(self._detail)

    # Resolve

    def _install_requirements(
        self, requirements: Sequence[str], prefix: Path, output: _OutputLines
    ) -> Path:
        surroundings = self._surroundings(prefix)
        own = version_line(self._context.python.version, as_pip=self._context.mode.pip_compat)
        output.add(Line(Level.VERBOSE, f"Using {own}"))
        output(SiteChosen(SiteReason.NOT_REQUESTED))
        collected = self._collected(requirements, surroundings.existing, output)
        for line in install_lines.search_locations(collected.network):
            output.add(line)
        check_constraints(collected.constraints, output)
        environment = Environment(surroundings.installed)
        with (
            held(),
            self._own_context() as context,
            resolution(context, collected, environment, lambda: self, output) as resolved,
            interruptible(),
        ):
            found = plan_installs(resolved, surroundings, output)
            if not found:
                return prefix
            if is_virtual(prefix):
                return self._install(found, resolved, prefix, output)
            shared = self._shared_prefix(found, prefix)
            with shared.lock:
                if shared.path is None:
                    shared.path = self._install(found, resolved, prefix, output)
                return shared.path

    @contextmanager
    def _own_context(self) -> Iterator[ResolutionContext]:
        """Yield the context of an install; connections that are reported are its own, as in pip."""
        context = self._context
        if self._detail is not Detail.EVERYTHING:
            yield context
            return
        client = Client(context.client.policy)
        try:
            yield replace(context, client=client)
        finally:
            client.close()

    def _surroundings(self, prefix: Path) -> TargetEnvironment:
        """Return what is installed in a virtual environment; for another folder, nothing."""
        if not is_virtual(prefix):
            return TargetEnvironment(installed={}, existing=Existing.IGNORE)
        scheme = self._context.python.prefix_scheme.below(str(prefix))
        present = installed((scheme.purelib, scheme.platlib), self._context.python)
        by_name = {each.name: each for each in present}
        return TargetEnvironment(installed=by_name, existing=Existing.KEEP, virtual=True)

    def _collected(
        self, requirements: Sequence[str], existing: Existing, output: _OutputLines
    ) -> CollectedRequirements:
        requested = RequirementSources(
            arguments=tuple(requirements),
            constraint_files=self._context.build.policy.constraint_files,
            python=self._context.version,
        )
        network = replace(self._run.network, refresh=frozenset())
        selection = replace(_selection_for_builds(self._run.selection), existing=existing)
        policies = Policies(network=network, selection=selection)
        return collect(requested, policies, self._context.client.text, os.environ, output)

    def _shared_prefix(self, found: Sequence[PlannedInstall], prefix: Path) -> _SharedPrefix:
        """Return the prefix that all builds of this run with exactly these distributions use."""
        links = (each.pin.node.distribution.link for each in found)
        distributions = frozenset((link.url, link.fragment) for link in links)
        key = prefix.parents[1], prefix.name, distributions
        with self._lock:
            return self._shared_prefixes.setdefault(key, _SharedPrefix())

    # Install

    def _install(
        self,
        found: tuple[PlannedInstall, ...],
        resolved: Resolved,
        prefix: Path,
        output: _OutputLines,
    ) -> Path:
        """Install `found` and return where: a stored prefix, else `prefix` itself."""
        site = _site(self._context.python, prefix, self._link_mode)
        with held(), WorkerPool(self._context.python.executable) as workers, interruptible():
            compilation = Compilation(site.bytecode_key, only_pure=True)
            unpacking = Unpacking(Archives(self._context.store), workers, compilation)
            stage = InstallStage(
                resolved=resolved, unpacking=unpacking, emit=output, wheel_lock=self._wheel_lock
            )
            wheels = stage.gather(found)
            spellings = [each.spelling for each in wheels.planned_installs]
            output.append(install_lines.collected(spellings))
            summary = install_lines.installed(
                (each.spelling, installed_version(each.pin, wheels.archives[each.pin.name]))
                for each in wheels.planned_installs
            )
            write = self._write_into_virtual_env if is_virtual(prefix) else self._write_into_prefix
            folder = stage.apply(
                wheels, lambda archives: write(wheels.planned_installs, archives, prefix, output)
            )
        output.append(summary)
        return folder

    def _write_into_virtual_env(
        self, found: Sequence[PlannedInstall], archives: ArchiveByName, prefix: Path, emit: Listener
    ) -> Path:
        """Install into a virtual environment and remove what the new distributions replace."""
        site = _site(self._context.python, prefix, self._link_mode)
        plan = Plan(tuple(step_of(each, _incoming(each)) for each in found))
        with InlineWorker(site.executable) as workers:
            apply(plan, archives, site, workers, emit)
        return prefix

    def _write_into_prefix(
        self, found: Sequence[PlannedInstall], archives: ArchiveByName, prefix: Path, emit: Listener
    ) -> Path:
        """Return a stored prefix with these distributions; write it, or `prefix`, if none is."""

        def write(folder: Path) -> None:
            site = _site(self._context.python, folder, self._link_mode)
            populate([_incoming(each) for each in found], archives, site, emit)

        key = _prefix_key(self._context.python, prefix.name, archives)
        stored = self._stored_prefixes.find(key, prefix.name)
        if stored is None:
            with suppress(OSError):  # the cache may not be writable
                stored = self._stored_prefixes.made(key, prefix.name, write)
        if stored is None:
            try:
                write(prefix)
            except StaleArchives:
                remove_trees(str(prefix))  # half written; the next attempt starts anew
                raise
        return stored or prefix


def _prefix_key(python: Interpreter, name: str, archives: ArchiveByName) -> str:
    """Return a key for the contents of the prefix `name` with these archives, for `python`."""
    wheels = sorted(f"{os.path.basename(one.folder)} {one.umask}" for one in archives.values())  # noqa: PTH119
    parts = [python.executable, python.bytecode_key(os.environ), python.prefix, name, *wheels]
    return sha256("\n".join(parts).encode()).hexdigest()[:40]


class _SharedPrefix:
    """A prefix that several builds of a run use; `path` is set once it is installed."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.path: Path | None = None


_LEAST = {
    Detail.RESULTS: Level.INFO,
    Detail.STEPS: Level.VERBOSE,
    Detail.EVERYTHING: Level.DEBUG,
}
"""The lowest level of messages that are recorded."""


class _OutputLines:
    """A listener that records the lines that `pip install` would print in a subprocess.

    They include as much `detail` as the run reports: pip passes its own verbosity on.
    """

    def __init__(self, detail: Detail) -> None:
        self.lines: list[str] = []
        self._steps = SpinnerLines(terminal=False)
        self._least = _LEAST[detail]

    def __call__(self, event: Event) -> None:
        """Record the lines of an event if its level is high enough."""
        match event:
            case Message():
                if event.level.value >= self._least.value:
                    self.add(line_of(event))
            case Work():
                line = self._steps.line(event)
                self.lines += [] if line is None else [line]
            case _:
                return

    def add(self, line: Line) -> None:
        """Record rendered text if its level is high enough."""
        if line.level.value >= self._least.value:
            self.lines += [each.rstrip() for each in line.prefixed.split("\n")]

    def append(self, text: str) -> None:
        """Record a line of the run itself."""
        self.lines.append(text)


def _selection_for_builds(selection: SelectionPolicy) -> SelectionPolicy:
    """Return the rules of the run for build requirements, without those about its result.

    ``--pre`` is one of these, ``--all-releases`` is not (pip behaviour).
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


def _site(python: Interpreter, prefix: Path, link_mode: LinkMode) -> InstallEnvironment:
    """Return where distributions go; scripts of a virtual environment run with its own Python."""
    virtual = is_virtual(prefix)
    scheme = python.prefix_scheme.below(str(prefix))
    return InstallEnvironment(
        scheme=scheme,
        executable=python_of(prefix) if virtual else python.executable,
        prefix=str(prefix) if virtual else python.prefix,
        scripts=scheme.scripts,
        compile_bytecode=not virtual,
        python=python.version_info[:2],
        cache_tag=python.bytecode_tag(os.environ),
        bytecode=python.bytecode_key(os.environ),
        warn_script_location=False,
        link_mode=link_mode,
    )


def _incoming(item: PlannedInstall) -> WheelToInstall:
    pin = item.pin
    return WheelToInstall(
        name=pin.name,
        spelling=item.spelling,
        requirement=pin.install_req.text or item.spelling,
        version=str(pin.node.version),
        link=pin.node.distribution.link,
    )
