"""`pip wheel`: the wheels of a resolution, downloaded or built, put into a folder."""

from __future__ import annotations

from pipfast.config.settings import Settings
from pipfast.errors import CommandError
from pipfast.fetch.downloads.destination import Destination
from pipfast.model.distribution import Wheel
from pipfast.model.events import Level
from pipfast.report.console import Console
from pipfast.resolve.solve import Chosen
from pipfast.session.pipeline import resolved_requirements
from pipfast.session.plain_files import all_of, destination, fetched, save, save_kept
from pipfast.session.resolution import Resolved
from pipfast.session.run_context import run_context
from pipfast.session.targets import resolution_target, target_python
from pipfast.session.unpacked_wheels import wish


def command(settings: Settings, console: Console) -> int:
    """Put a wheel of all that the settings ask for into ``--wheel-dir``.

    Raises PipfastError; where a wheel cannot be built, when all others are there.
    """
    with run_context(settings, console) as run:
        target = resolution_target(run, target_python(run))
        folder = destination(settings, "wheel_dir")
        with resolved_requirements(run, target, folder) as found:
            chosen = [one.chosen for one in all_of(found, console)]
            files = fetched([one for one in chosen if _comes(one, found)], found, console)
            missing: list[Chosen] = []
            for one in chosen:
                built = found.distributions.built(one.node.distribution, one.ask)
                if isinstance(one.node.distribution, Wheel):
                    save(files[one.name], found, folder, console)
                elif built is not None:
                    save_kept(built.path, folder, console)
                else:
                    missing.append(one)
            if not _built(missing, found, folder, console):
                way_out = found.distributions.sources.way_out
                raise CommandError("Failed to build one or more wheels", hint=way_out)
    return 0


def _comes(chosen: Chosen, found: Resolved) -> bool:
    """Whether its file is fetched now: a wheel's, or that of an sdist not yet looked into."""
    distribution = chosen.node.distribution
    if isinstance(distribution, Wheel):
        return True
    return found.distributions.is_described(distribution, chosen.ask)


def _built(missing: list[Chosen], found: Resolved, folder: Destination, console: Console) -> bool:
    """Build and put in what is `missing`; whether that went well with all of it."""
    if not missing:
        return True
    wished = [wish(one) for one in missing]
    failed = False
    for one, kept in zip(wished, found.distributions.sources.wheels(wished), strict=True):
        if kept is None:
            failed = True
            continue
        try:
            folder.put(kept.path)
        except OSError as error:
            failed = True
            text = f"Failed to copy built wheel {one.spelling} to {folder.folder}: {error}"
            console.say(text, Level.WARNING)
    return not failed
