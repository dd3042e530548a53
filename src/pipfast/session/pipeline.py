"""The stages of a run in order.

run context → target → requirements → resolution → installation

Each stage is a module of this package. Commands open a run context, find a target, resolve, and
then install, download or report what was resolved.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from pipfast.fetch.downloads.destination import Destination
from pipfast.model.events import Event
from pipfast.model.frozen_dataclass import replace
from pipfast.net.client import Client
from pipfast.policy.build import build_policy
from pipfast.policy.selection import Existing
from pipfast.policy.storage import cache_policy
from pipfast.report.console import shows_hints
from pipfast.requirements.collect import CollectedRequirements
from pipfast.resolve.old_version_notice import ResolutionHistory
from pipfast.session.port_adapters import Environment
from pipfast.session.requirements_stage import collected_requirements
from pipfast.session.resolution import PrefixInstaller, Resolved, resolution
from pipfast.session.resolution_context import BuildSettings, ResolutionContext
from pipfast.session.run_context import RunContext
from pipfast.session.targets import ResolutionTarget


class Observer(Protocol):
    """Gets the events of a resolution in place of the console, and what it rejects."""

    def __call__(self, event: Event, /) -> None:
        """Handle an event, from any thread."""
        ...

    def follow(self, history: ResolutionHistory, /) -> None:
        """Handle the record of a resolution that begins; it grows while that runs."""
        ...


@contextmanager
def resolved_requirements(
    run: RunContext,
    target: ResolutionTarget,
    destination: Destination | None = None,
    observer: Observer | None = None,
) -> Iterator[Resolved]:
    """Yield the resolution of what the user requests; its files live as long as the with block.

    Files that lie in `destination`, the folder of downloads, are used as they are. With `observer`
    the requirements are resolved even if the result is stored, and nothing is printed. The caller
    holds signals back around it, and is `interruptible` in the block.

    Raises NotNative before anything was printed, and PipfastError.
    """
    with collected_requirements(run, target) as (collected, client):
        environment = _environment(target, collected)
        context = _resolution_context(run, target, client)
        if observer is not None:
            context = replace(context, history=observer.follow)

        def installer() -> PrefixInstaller:
            from pipfast.session.build_env_installer import BuildEnvInstaller  # builds need it

            return BuildEnvInstaller(context, collected, target.policy.link_mode)

        emit = run.console if observer is None else observer
        with resolution(context, collected, environment, installer, emit, destination) as resolved:
            yield resolved


def _environment(target: ResolutionTarget, collected: CollectedRequirements) -> Environment:
    """Return what is installed as far as the resolution considers it."""
    if collected.selection.existing is Existing.IGNORE:
        return Environment({})
    target.leftovers.repeat()
    return Environment(target.installed)


def _resolution_context(
    run: RunContext, target: ResolutionTarget, client: Client
) -> ResolutionContext:
    settings = run.settings
    build = BuildSettings(
        policy=build_policy(settings, os.environ),
        cache_dir=cache_policy(settings).directory,
        src=Path(settings.text("src_dir") or "src"),
        exists_action=" ".join(settings.texts("exists_action")),
        verbosity=settings.verbosity,
        editables=settings.command in ("install", "lock"),
    )
    return ResolutionContext(
        store=run.store,
        client=client,
        python=target.python,
        tags=target.tags,
        version=target.version,
        build=build,
        mode=run.mode,
        hints=shows_hints(pip_compat=run.mode.pip_compat),
        remote=run.remote,
    )
