"""Collect the requirements of the command line and of files, and the policies that they change."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

from pipfast.concurrency.interrupts import interruptible
from pipfast.config.pip_names import is_pip_name
from pipfast.config.settings import Settings
from pipfast.model.events import Level
from pipfast.net.client import Client
from pipfast.policy.network import network_policy
from pipfast.policy.option_conflicts import check_hash_options, feature_notices
from pipfast.policy.selection import selection_policy
from pipfast.report.install_lines import search_locations
from pipfast.requirements.collect import (
    CollectedRequirements,
    Policies,
    RequirementSources,
    check_constraints,
    collect,
)
from pipfast.requirements.requirements_file import Reader, check_readable
from pipfast.session.run_context import RunContext
from pipfast.session.targets import ResolutionTarget


@contextmanager
def collected_requirements(
    context: RunContext, target: ResolutionTarget
) -> Iterator[tuple[CollectedRequirements, Client]]:
    """Yield all requirements, and the client of the indexes that options and files name.

    The caller holds signals back around it, and is `interruptible` in the block. Raises NotNative
    before anything was printed, and PipfastError.
    """
    settings, console = context.settings, context.console
    with interruptible():
        network = network_policy(settings, target.python.executable)
        client = Client(network, console)
        reader = Reader(remote=client.text, environ=os.environ, emit=console)
        check_readable(settings.texts("build_constraints"), reader)
        policies = Policies(network=network, selection=selection_policy(settings))
        collected = collect(_request(settings, target), policies, client.text, os.environ, console)
        check_hash_options(settings)
        if collected.network != network:
            client = Client(collected.network, console)
        for text in feature_notices(settings, collected.features):
            console.say(text, Level.WARNING)
        for line in search_locations(collected.network):
            console.say(line.text, line.level)
        check_constraints(collected.constraints, console)
    try:
        yield collected, client
    finally:
        client.close()


def _request(settings: Settings, target: ResolutionTarget) -> RequirementSources:
    groups = settings.values.get("dependency_groups")
    config_settings = settings.values.get("config_settings")
    return RequirementSources(
        arguments=settings.words,
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
        program=_program_in_errors(settings),
    )


def _program_in_errors(settings: Settings) -> str:
    """Return how pip calls itself in an error about the options of a file: the running script.

    With ``--python`` that is pip's package, run by the other interpreter.
    """
    if settings.python is not None or settings.program == "__main__.py":
        return "__main__.py"
    return settings.program if is_pip_name(settings.program) else "pip"
