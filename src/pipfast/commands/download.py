"""`pip download`: the files of a resolution, put into a folder as they are."""

from __future__ import annotations

from pipfast.commands.pipeline import aim_of, opened_run, python_of, resolved
from pipfast.commands.whole import all_of, destination, fetched, save
from pipfast.config.settings import Settings
from pipfast.report import lines
from pipfast.report.console import Console


def command(settings: Settings, console: Console) -> int:
    """Download what the settings ask for into ``--dest``.

    Raises PipfastError; then nothing was put into the folder.
    """
    with opened_run(settings, console) as run:
        aim = aim_of(run, python_of(run))
        folder = destination(settings, "download_dir", console)
        with resolved(run, aim, folder) as found:
            coming = all_of(found, console)
            files = fetched([one.chosen for one in coming], found, console)
            save(files, found, folder, console)
            if coming:
                console.say(lines.downloaded([one.spelling for one in coming]))
    return 0
