"""`pip wheel`: write the wheels of a resolution, downloaded or built, into a folder."""

from __future__ import annotations

from pipfast.concurrency.interrupts import held, interruptible, signals_as_exceptions
from pipfast.config.settings import Settings
from pipfast.errors import CommandError
from pipfast.fetch.downloads.destination import Destination
from pipfast.model.distribution import Wheel
from pipfast.model.events import Level
from pipfast.report import download_lines
from pipfast.report.console import Console
from pipfast.resolve.solve import PinnedCandidate
from pipfast.session.pipeline import resolved_requirements
from pipfast.session.plain_files import destination, fetch, plan_all_installs, save, save_built
from pipfast.session.resolution import Resolved
from pipfast.session.run_context import run_context
from pipfast.session.targets import resolution_target, target_python
from pipfast.session.unpacked_wheels import wheel_request


def command(settings: Settings, console: Console) -> int:
    """Write a wheel of everything that the settings request into ``--wheel-dir``.

    Raises PipfastError; if a wheel cannot be built, only after all others are written.
    """
    with signals_as_exceptions(), held(), run_context(settings, console) as run, interruptible():
        target = resolution_target(run, target_python(run))
        folder = destination(settings, "wheel_dir")
        with held(), resolved_requirements(run, target, folder) as resolved, interruptible():
            pins = [each.pin for each in plan_all_installs(resolved, console)]
            fetched = [each for each in pins if _is_fetched_first(each, resolved)]
            files = fetch(fetched, resolved, console)
            unbuilt: list[PinnedCandidate] = []
            for each in pins:
                built = resolved.distributions.cached_wheel(
                    each.node.distribution, each.install_req
                )
                if isinstance(each.node.distribution, Wheel):
                    save(files[each.name], resolved, folder, console)
                elif built is not None:
                    save_built(built.path, folder, console)
                else:
                    unbuilt.append(each)
            if not _build(unbuilt, resolved, folder, console):
                remedies = resolved.distributions.sources.remedies
                raise CommandError("Failed to build one or more wheels", *remedies)
    return 0


def _is_fetched_first(pin: PinnedCandidate, resolved: Resolved) -> bool:
    """Return whether it is a wheel, or an sdist that so far only a metadata file describes."""
    distribution = pin.node.distribution
    if isinstance(distribution, Wheel):
        return True
    return resolved.distributions.is_described(distribution, pin.install_req)


def _build(
    unbuilt: list[PinnedCandidate], resolved: Resolved, folder: Destination, console: Console
) -> bool:
    """Build wheels and write them into `folder`; return whether that worked for all of them."""
    if not unbuilt:
        return True
    requests = [wheel_request(each) for each in unbuilt]
    complete = True
    for each, built in zip(requests, resolved.distributions.sources.wheels(requests), strict=True):
        if built is None:
            complete = False
            continue
        try:
            folder.put(built.path)
        except OSError as error:
            complete = False
            text = download_lines.not_copied(each.spelling, folder.folder, error)
            console.say(text, Level.WARNING)
    return complete
