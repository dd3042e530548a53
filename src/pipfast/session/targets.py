"""Find the Python and the environment that a run is for."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence

from packaging.tags import Tag
from packaging.utils import NormalizedName

from pipfast.environment.discovery import NEVER_LISTED
from pipfast.environment.find_python import find
from pipfast.environment.interpreter import Interpreter, interpreter
from pipfast.environment.placement import Placement, check_permitted, place
from pipfast.environment.tags import supported_tags
from pipfast.model.events import Level
from pipfast.model.frozen_dataclass import dataclass, replace
from pipfast.model.installed_distribution import Installed
from pipfast.model.metadata import Metadata
from pipfast.policy.detail import detail
from pipfast.policy.option_conflicts import check_options, check_virtualenv
from pipfast.policy.target import TargetPolicy, target_policy
from pipfast.session.journal_secrets import journal_keys
from pipfast.session.leftover_warnings import LeftoverWarnings, scan_installed
from pipfast.session.run_context import RunContext
from pipfast.session.version_line import version_line
from pipfast.transaction.environment_look import EnvironmentLook, look_at
from pipfast.transaction.install_environment import InstallEnvironment, install_environment
from pipfast.transaction.reserved_names import transaction_folders


@dataclass(frozen=True, slots=True, kw_only=True)
class ResolutionTarget:
    """The Python that distributions have to support, and what is installed there, by name."""

    python: Interpreter
    policy: TargetPolicy
    tags: Sequence[Tag]
    installed: Mapping[NormalizedName, Installed]
    leftovers: LeftoverWarnings

    @property
    def version(self) -> tuple[int, int, int]:
        """The Python version that distributions have to support."""
        return self.policy.foreign.version(self.python.version_info)


@dataclass(frozen=True, slots=True, kw_only=True)
class InstallTarget(ResolutionTarget):
    """The Python and the folders of a run that changes an environment.

    `look` is what `installed` was read from. `present` is what the environment contains, which with
    `--target` is not taken into account.
    """

    placement: Placement
    site: InstallEnvironment
    look: EnvironmentLook
    present: Mapping[NormalizedName, Installed]


def target_python(context: RunContext) -> Interpreter:
    """Return the Python of a run.

    Raises VirtualenvRequired if it may not be used.
    """
    python = interpreter(find(context.settings.python, os.environ), context.store)
    check_virtualenv(context.settings, is_virtual=python.is_virtual)
    return python


def emit_version_line(context: RunContext, python: Interpreter) -> None:
    """Print with ``-v`` which program runs, as pip does."""
    line = version_line(python.version, as_pip=context.mode.pip_compat)
    context.console.say(f"Using {line}", Level.VERBOSE)


def resolution_target(context: RunContext, python: Interpreter) -> ResolutionTarget:
    """Return the target of a run that changes no environment; nothing installed there counts.

    Raises CommandError for options that exclude each other, NotNative for those of real pip.
    """
    check_options(context.settings)
    policy = target_policy(context.settings)
    _, leftovers = scan_installed(python.sys_path, python, context.console)
    tags = supported_tags(python, policy.foreign)
    return ResolutionTarget(
        python=python, policy=policy, tags=tags, installed={}, leftovers=leftovers
    )


def install_target(context: RunContext) -> InstallTarget:
    """Return the environment to install into, after the recovery of an interrupted run there.

    Raises what `target_python`, `check_permitted` and `check_options` raise.
    """
    settings = context.settings
    policy = target_policy(settings)
    python = target_python(context)
    reported = settings.flag("dry_run") and settings.text("json_report_file") is not None
    check_permitted(python, policy, only_reported=reported)
    check_options(settings)
    emit_version_line(context, python)
    placement = place(
        python,
        policy,
        context.console,
        only_reported=reported,
        is_dry_run=settings.flag("dry_run"),
    )
    site = _site(context, python, policy, placement)
    if transaction_folders(site.root):
        _recover(context, site)
    look = look_at(() if policy.target else placement.site_packages)
    paths = python.sys_path if policy.target else placement.site_packages
    found, leftovers = scan_installed(paths, python, context.console)
    present = {each.name: each for each in found if each.name not in NEVER_LISTED}
    return InstallTarget(
        python=python,
        policy=policy,
        placement=placement,
        site=site,
        look=look,
        tags=supported_tags(python, policy.foreign),
        installed={} if policy.target else present,
        present=present,
        leftovers=leftovers,
    )


def present_metadata(
    target: InstallTarget, metadata: Callable[[Installed], Metadata]
) -> dict[NormalizedName, Metadata]:
    """Return what pip compares with an installation: with `--target` still the environment.

    The versions are those of the metadata folders, by which pip goes.
    """
    return {
        name: replace(metadata(one), version=one.version) for name, one in target.present.items()
    }


def _recover(context: RunContext, site: InstallEnvironment) -> None:
    """Undo an interrupted run, or if the user may not, emit what was there before it."""
    from pipfast.transaction.recovery import recover, recover_or_read  # seldom needed

    if context.settings.flag("dry_run"):
        recover_or_read(site, context.console)
    else:
        recover(site, context.console)


def _site(
    context: RunContext, python: Interpreter, policy: TargetPolicy, placement: Placement
) -> InstallEnvironment:
    return replace(
        install_environment(python),
        scheme=placement.layout,
        bytecode=python.bytecode_key(os.environ),
        target=placement.folder,
        upgrade=policy.upgrade,
        compile_bytecode=policy.compile_bytecode,
        warn_script_location=placement.warn_script_location,
        link_mode=policy.link_mode,
        is_guarded=not context.mode.pip_compat,
        installer=context.mode.installer,
        explains=detail(context.settings).explains,
        search_path=os.environ.get("PATH", ""),
        keys=journal_keys(context.settings),
    )
