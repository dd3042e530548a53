"""The stages of a run in order: the only module that knows it.

settings → policies → target → requirements → resolution → plan → files → transaction
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from packaging.tags import Tag
from packaging.utils import NormalizedName

from pipfast.config.pipfast_settings import is_pip_name
from pipfast.config.settings import Settings
from pipfast.environment.discovery import NEVER_LISTED
from pipfast.environment.interpreter import Interpreter, find, interpreter
from pipfast.environment.placement import Placement, check_permitted, place
from pipfast.environment.tags import supported_tags
from pipfast.fetch.downloads.destination import Destination
from pipfast.model.events import Level
from pipfast.model.frozen_dataclass import dataclass, replace
from pipfast.model.installed_distribution import Installed
from pipfast.net.client import Client
from pipfast.policy.build import build_policy
from pipfast.policy.mode import Mode, mode, provenance
from pipfast.policy.network import network_policy
from pipfast.policy.option_conflicts import (
    build_notices,
    check_hash_options,
    check_options,
    check_served,
    check_virtualenv,
)
from pipfast.policy.selection import Existing, selection_policy
from pipfast.policy.storage import cache_policy
from pipfast.policy.target import TargetPolicy, target_policy
from pipfast.report.console import Console
from pipfast.report.install_lines import tell_where
from pipfast.requirements.collect import Asked, Policies, check_constraints, collect
from pipfast.requirements.requirements_file import Reader, check_readable
from pipfast.session.build_env_installer import BuildEnvInstaller
from pipfast.session.leftover_warnings import Looks, first_look
from pipfast.session.port_adapters import Environment
from pipfast.session.resolution import Building, Ground, Resolved, resolution
from pipfast.session.startup import begin
from pipfast.session.version_line import called
from pipfast.store.filesystem.root import Store, opened
from pipfast.transaction.apply import recover
from pipfast.transaction.environment_lock import signals_as_exceptions
from pipfast.transaction.target_environment import Site, site_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Aim:
    """The Python that distributions are for, and what is installed there, by name."""

    python: Interpreter
    policy: TargetPolicy
    tags: Sequence[Tag]
    installed: Mapping[NormalizedName, Installed]
    looks: Looks

    @property
    def version(self) -> tuple[int, int, int]:
        """The Python version that distributions have to run on."""
        return self.policy.foreign.version(self.python.version_info)


@dataclass(frozen=True, slots=True, kw_only=True)
class Target(Aim):
    """The Python and the place of a run that changes an environment."""

    placement: Placement
    site: Site


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """What every stage needs: the settings, who listens, where things are kept."""

    settings: Settings
    console: Console
    mode: Mode
    store: Store


@contextmanager
def opened_run(settings: Settings, console: Console) -> Iterator[Run]:
    """A run over the store that the settings name."""
    check_served(settings)
    cache = begin(settings, console)
    decided = mode(settings)
    for text in provenance(decided):
        console.say(text, Level.VERBOSE)
    with signals_as_exceptions(), opened(cache) as store:
        yield Run(settings=settings, console=console, mode=decided, store=store)


def python_of(run: Run) -> Interpreter:
    """The Python of a run, if it may be used.

    Raises VirtualenvRequired.
    """
    python = interpreter(find(run.settings.python, os.environ), run.store)
    check_virtualenv(run.settings, is_virtual=python.is_virtual)
    return python


def tell_name(run: Run, python: Interpreter) -> None:
    """Say with ``-v`` who is at work, as pip does."""
    name = called(python.version, as_pip=run.mode.pip_compat)
    run.console.say(f"Using {name}", Level.VERBOSE)


def aim_of(run: Run, python: Interpreter) -> Aim:
    """The aim of a run that changes no environment and looks at nothing installed.

    Raises CommandError for options that exclude each other, NotNative for those of real pip.
    """
    check_options(run.settings)
    policy = target_policy(run.settings)
    _, looks = first_look(python.sys_path, python, run.console)
    tags = supported_tags(python, policy.foreign)
    return Aim(python=python, policy=policy, tags=tags, installed={}, looks=looks)


def target_of(run: Run) -> Target:
    """The target, made whole if an earlier run was killed there."""
    settings = run.settings
    policy = target_policy(settings)
    python = python_of(run)
    reported = settings.flag("dry_run") and settings.text("json_report_file") is not None
    check_permitted(python, policy, only_reported=reported)
    check_options(settings)
    tell_name(run, python)
    placement = place(python, policy, run.console, only_reported=reported)
    site = _site(run, python, policy, placement)
    if not settings.flag("dry_run"):
        recover(site)
    seen = () if policy.target else placement.site_packages
    present, looks = first_look(seen, python, run.console)
    return Target(
        python=python,
        policy=policy,
        placement=placement,
        site=site,
        tags=supported_tags(python, policy.foreign),
        installed={one.name: one for one in present if one.name not in NEVER_LISTED},
        looks=looks,
    )


def _site(run: Run, python: Interpreter, policy: TargetPolicy, placement: Placement) -> Site:
    return replace(
        site_of(python),
        scheme=placement.layout,
        bytecode=python.bytecode_key(os.environ),
        target=placement.folder,
        upgrade=policy.upgrade,
        compile_bytecode=policy.compile_bytecode,
        warn_script_location=placement.warn_script_location,
        link_mode=policy.link_mode,
        installer=run.mode.installer,
        search_path=os.environ.get("PATH", ""),
    )


@contextmanager
def resolved(run: Run, target: Aim, destination: Destination | None = None) -> Iterator[Resolved]:
    """What the user wants, resolved; downloaded files live as long as the with block.

    What lies in `destination`, the folder they are for, is taken as it is.

    Raises NotNative before anything was said, and PipfastError.
    """
    settings, console = run.settings, run.console
    network = network_policy(settings, target.python.executable)
    client = Client(network, console)
    reader = Reader(remote=client.text, environ=os.environ, emit=console)
    check_readable(settings.texts("build_constraints"), reader)
    collected = collect(
        _asked(settings, target),
        Policies(network=network, selection=selection_policy(settings)),
        client.text,
        os.environ,
        console,
    )
    check_hash_options(settings)
    if collected.network != network:
        client = Client(collected.network, console)
    for text in build_notices(settings):
        console.say(text, Level.WARNING)
    tell_where(collected.network, console)
    check_constraints(collected.constraints, console)
    ignoring = collected.selection.existing is Existing.IGNORE
    environment = Environment({} if ignoring else target.installed)
    if not ignoring:
        target.looks.again()
    ground = Ground(
        store=run.store,
        client=client,
        python=target.python,
        tags=target.tags,
        version=target.version,
        building=_building(run),
        mode=run.mode,
    )
    installer = BuildEnvInstaller(ground, collected, target.policy.link_mode)
    try:
        with resolution(ground, collected, environment, installer, console, destination) as found:
            yield found
    finally:
        client.close()


def _building(run: Run) -> Building:
    settings = run.settings
    return Building(
        policy=build_policy(settings, os.environ),
        cache_dir=cache_policy(settings).directory,
        src=Path(settings.text("src_dir") or "src"),
        exists_action=" ".join(settings.texts("exists_action")),
        verbosity=settings.verbosity,
        editables=settings.command in ("install", "lock"),
    )


def _asked(settings: Settings, target: Aim) -> Asked:
    groups = settings.values.get("dependency_groups")
    config_settings = settings.values.get("config_settings")
    return Asked(
        words=settings.words,
        requirement_files=settings.texts("requirements"),
        constraint_files=settings.texts("constraints"),
        build_constraint_files=settings.texts("build_constraints"),
        editables=settings.texts("editables"),
        groups=groups if isinstance(groups, tuple) else (),
        config_settings=config_settings if isinstance(config_settings, dict) else {},
        scripts=settings.texts("requirements_from_scripts"),
        no_require_hashes=settings.flag("no_require_hashes"),
        python=target.version,
        markers=target.python.markers,
        tags=target.tags,
        command=settings.command,
        program=_name_in_files(settings),
    )


def _name_in_files(settings: Settings) -> str:
    """What pip calls itself in an error about the options of a file: the script that runs.

    With ``--python`` that is its package, started by the other interpreter.
    """
    if settings.python is not None or settings.program == "__main__.py":
        return "__main__.py"
    return settings.program if is_pip_name(settings.program) else "pip"
