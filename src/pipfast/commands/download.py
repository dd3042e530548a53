"""`pip download`: the files of a resolution, put into a folder as they are."""

from __future__ import annotations

import shutil
from pathlib import Path

from pipfast.config.settings import Settings
from pipfast.errors import InstallationError
from pipfast.fetch.downloads.destination import Destination
from pipfast.fetch.exists_action import Questions, backup_of
from pipfast.fetch.vcs.checkout import is_repository
from pipfast.fetch.zip_folder import zip_folder
from pipfast.model.distribution import Source
from pipfast.model.events import Level
from pipfast.model.frozen_dataclass import dataclass
from pipfast.model.metadata import parse_metadata
from pipfast.plan.diff import Arrival
from pipfast.report import install_lines
from pipfast.report.console import Console
from pipfast.session.pipeline import resolved_requirements
from pipfast.session.plain_files import all_of, destination, fetched, is_file, save
from pipfast.session.port_adapters import shown
from pipfast.session.resolution import Resolved
from pipfast.session.run_context import run_context
from pipfast.session.targets import resolution_target, target_python


def command(settings: Settings, console: Console) -> int:
    """Download what the settings ask for into ``--dest``.

    Nothing is put there before all is here. Raises PipfastError and OSError.
    """
    with run_context(settings, console) as run:
        target = resolution_target(run, target_python(run))
        folder = destination(settings, "download_dir")
        questions = Questions(
            settings.texts("exists_action"), None if settings.flag("no_input") else input
        )
        with resolved_requirements(run, target, folder) as found:
            coming = all_of(found, console)
            files = fetched([one.chosen for one in coming], found, console)
            zips = _Zips(found, folder, questions, console)
            for one in coming:
                if is_file(one.chosen):
                    save(files[one.chosen.name], found, folder, console)
                else:
                    zips.save(one)
            if coming:
                console.say(install_lines.downloaded([one.spelling for one in coming]))
    return 0


@dataclass(frozen=True, slots=True)
class _Zips:
    """Saves what is no file: repositories, and folders of ``-e``, as ZIP files of their trees."""

    found: Resolved
    folder: Destination
    questions: Questions
    console: Console

    def save(self, arrival: Arrival) -> None:
        """Save a repository or a folder; nothing of a folder that is not of ``-e``, as with pip."""
        source, ask = arrival.chosen.node.distribution, arrival.chosen.ask
        assert isinstance(source, Source), "wheels and sdists are files"
        if not (source.editable or is_repository(source.link)):
            return
        sources = self.found.distributions.sources
        # pip has always asked the backend, which may have left its own files in the tree.
        metadata = parse_metadata(sources.document(source, ask))
        self._zip(sources.tree(source, ask).folder, arrival.spelling, metadata.version)

    def _zip(self, tree: Path, spelling: str, version: str) -> None:
        place = self.folder.place(f"{spelling}-{version}.zip")
        if place.exists() and not self._makes_room(place):
            return
        zip_folder(tree, spelling, place)
        self.console.say(install_lines.saved(shown(place)))

    def _makes_room(self, place: Path) -> bool:
        """Whether an older file may be replaced, as the user decides."""
        where = shown(place)
        question = f"The file {where} exists. (i)gnore, (w)ipe, (b)ackup, (a)bort "
        match self.questions.decided(question, "iwba"):
            case "i":
                return False
            case "w":
                self.console.say(f"Deleting {where}", Level.WARNING)
                place.unlink()
            case "b":
                aside = backup_of(str(place))
                self.console.say(f"Backing up {where} to {shown(Path(aside))}", Level.WARNING)
                shutil.move(place, aside)
            case _:
                raise InstallationError(f"{where} exists, and the answer was to abort")
        return True
