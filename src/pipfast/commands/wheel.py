"""`pip wheel`: the wheels of a resolution, downloaded or built, put into a folder."""

from __future__ import annotations

from pipfast.commands.pipeline import aim_of, opened_run, python_of, resolved
from pipfast.commands.whole import all_of, destination, fetched, save
from pipfast.config.settings import Settings
from pipfast.report.console import Console


def command(settings: Settings, console: Console) -> int:
    """Put a wheel of all that the settings ask for into ``--wheel-dir``.

    Raises PipfastError.
    """
    with opened_run(settings, console) as run:
        aim = aim_of(run, python_of(run))
        folder = destination(settings, "wheel_dir", console)
        with resolved(run, aim, folder) as found:
            coming = all_of(found, console)
            files = fetched([one.chosen for one in coming], found, console)
            save(files, found, folder, console)
    return 0
