"""`pip download`: write the files of a resolution into a folder."""

from __future__ import annotations

import shutil
from pathlib import Path

from pipfast.concurrency.interrupts import held, interruptible, signals_as_exceptions
from pipfast.config.settings import Settings
from pipfast.errors import InstallationError
from pipfast.fetch.downloads.destination import Destination
from pipfast.fetch.exists_action import ExistsAction, backup_of
from pipfast.fetch.vcs.checkout import is_repository
from pipfast.fetch.zip_folder import zip_folder
from pipfast.model.distribution import Source
from pipfast.model.events import Level
from pipfast.model.frozen_dataclass import dataclass
from pipfast.model.metadata import parse_metadata
from pipfast.plan.diff import PlannedInstall
from pipfast.report import command_errors, download_lines
from pipfast.report.console import Console
from pipfast.session.pipeline import resolved_requirements
from pipfast.session.plain_files import destination, fetch, is_file, plan_all_installs, save
from pipfast.session.port_adapters import display_path
from pipfast.session.resolution import Resolved
from pipfast.session.run_context import run_context
from pipfast.session.targets import resolution_target, target_python


def command(settings: Settings, console: Console) -> int:
    """Download what the settings request into ``--dest``.

    Nothing is written there until all files are downloaded. Raises PipfastError and OSError.
    """
    with signals_as_exceptions(), held(), run_context(settings, console) as run, interruptible():
        target = resolution_target(run, target_python(run))
        folder = destination(settings, "download_dir")
        questions = ExistsAction(
            settings.texts("exists_action"), None if settings.flag("no_input") else input
        )
        with held(), resolved_requirements(run, target, folder) as resolved, interruptible():
            planned = plan_all_installs(resolved, console)
            files = fetch([each.pin for each in planned], resolved, console)
            trees = _SourceTrees(resolved, folder, questions, console)
            for item in planned:
                if is_file(item.pin):
                    save(files[item.pin.name], resolved, folder, console)
                else:
                    trees.save(item)
            if planned:
                console.say(download_lines.downloaded([each.spelling for each in planned]))
    return 0


@dataclass(frozen=True, slots=True)
class _SourceTrees:
    """Saves repositories and the folders of ``-e`` as ZIP files."""

    resolved: Resolved
    folder: Destination
    questions: ExistsAction
    console: Console

    def save(self, item: PlannedInstall) -> None:
        """Save a repository or an editable folder; other folders are left out (pip behaviour)."""
        source, install_req = item.pin.node.distribution, item.pin.install_req
        assert isinstance(source, Source), "wheels and sdists are files"
        if not (source.editable or is_repository(source.link)):
            return
        sources = self.resolved.distributions.sources
        # pip runs the build backend first, which may leave files of its own in the tree.
        metadata = parse_metadata(sources.document(source, install_req))
        self._zip(sources.tree(source, install_req).folder, item.spelling, metadata.version)

    def _zip(self, tree: Path, spelling: str, version: str) -> None:
        path = self.folder.place(f"{spelling}-{version}.zip")
        if path.exists() and not self._may_replace(path):
            return
        zip_folder(tree, spelling, path)
        self.console.say(download_lines.saved(display_path(path)))

    def _may_replace(self, path: Path) -> bool:
        """Ask the user about an existing file; return whether the new file is to be written.

        Raises InstallationError if the answer is to abort.
        """
        name = display_path(path)
        match self.questions.decided(download_lines.file_exists(name), "iwba"):
            case "i":
                return False
            case "w":
                self.console.say(download_lines.deleting(name), Level.WARNING)
                path.unlink()
            case "b":
                backup = backup_of(str(path))
                text = download_lines.backing_up(name, display_path(Path(backup)))
                self.console.say(text, Level.WARNING)
                shutil.move(path, backup)
            case _:
                raise InstallationError(command_errors.file_exists(name))
        return True
