"""Text of the messages of `transaction`; pip's lines."""

from __future__ import annotations

from collections.abc import Sequence

from pipfast.report.render import renders
from pipfast.transaction.events import (
    AttemptingUninstall,
    FoundInstallation,
    InStandardLibrary,
    LongRecordRow,
    NothingToUninstall,
    NotInstalledSkipped,
    OutsideEnvironment,
    PathFileMissing,
    RemovingPath,
    RemovingPathEntries,
    RemovingPathEntry,
    ScriptsNotOnPath,
    TargetExists,
    Uninstalled,
    Uninstalling,
)


@renders(LongRecordRow)
def _long_record_row(message: LongRecordRow) -> str:
    return f"RECORD line has more than three elements: {list(message.fields)}"


@renders(AttemptingUninstall)
def _attempting_uninstall(message: AttemptingUninstall) -> str:
    return f"Attempting uninstall: {message.name}"


@renders(NotInstalledSkipped)
def _not_installed_skipped(message: NotInstalledSkipped) -> str:
    return f"Skipping {message.name} as it is not installed."


@renders(FoundInstallation)
def _found_installation(message: FoundInstallation) -> str:
    return f"Found existing installation: {message.name} {message.version}"


@renders(Uninstalling)
def _uninstalling(message: Uninstalling) -> str:
    return f"Uninstalling {message.name}-{message.version}:"


@renders(RemovingPath)
def _removing_path(message: RemovingPath) -> str:
    return f"Removing file or directory {message.path}"


@renders(RemovingPathEntries)
def _removing_path_entries(message: RemovingPathEntries) -> str:
    return f"Removing pth entries from {message.file}:"


@renders(RemovingPathEntry)
def _removing_path_entry(message: RemovingPathEntry) -> str:
    return f"Removing entry: {message.entry}"


@renders(Uninstalled)
def _uninstalled(message: Uninstalled) -> str:
    return f"Successfully uninstalled {message.name}-{message.version}"


@renders(NothingToUninstall)
def _nothing_to_uninstall(message: NothingToUninstall) -> str:
    return f"Can't uninstall '{message.name}'. No files were found to uninstall."


@renders(OutsideEnvironment)
def _outside_environment(message: OutsideEnvironment) -> str:
    where = f"outside environment {message.prefix}"
    return f"Not uninstalling {message.name} at {message.location}, {where}"


@renders(InStandardLibrary)
def _in_standard_library(message: InStandardLibrary) -> str:
    where = "as it is in the standard library."
    return f"Not uninstalling {message.name} at {message.location}, {where}"


@renders(PathFileMissing)
def _path_file_missing(message: PathFileMissing) -> str:
    return f"Cannot remove entries from nonexistent file {message.file}"


@renders(TargetExists)
def _target_exists(message: TargetExists) -> str:
    text = f"Target directory {message.path} already exists"
    if message.is_link:
        return (
            f"{text} and is a link. pip will not automatically replace links, please remove if "
            "replacement is desired."
        )
    return f"{text}. Specify --upgrade to force replacement."


@renders(ScriptsNotOnPath)
def _scripts_not_on_path(message: ScriptsNotOnPath) -> str:
    lines = [_scripts_in(folder, names) for folder, names in message.folders]
    which = "this directory" if len(lines) == 1 else "these directories"
    lines.append(
        f"Consider adding {which} to PATH or, if you prefer to suppress this warning, "
        "use --no-warn-script-location."
    )
    if message.path_has_tilde:
        lines.append(
            "NOTE: The current PATH contains path(s) starting with `~`, which may not be "
            "expanded by all applications."
        )
    return "\n".join(lines)


def _scripts_in(folder: str, names: Sequence[str]) -> str:
    if len(names) == 1:
        return f"The script {names[0]} is installed in '{folder}' which is not on PATH."
    listing = f"{', '.join(names[:-1])} and {names[-1]}"
    return f"The scripts {listing} are installed in '{folder}' which is not on PATH."
