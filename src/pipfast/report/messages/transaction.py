"""Text of the messages of `transaction`; pip's lines."""

from __future__ import annotations

from collections.abc import Sequence

from pipfast.report.render import renders
from pipfast.transaction.errors import Refusal
from pipfast.transaction.events import (
    AttemptingUninstall,
    BytecodeCompiled,
    CleanUpDelayed,
    CleanUpRefused,
    CompiledAgain,
    FilesOutsideKept,
    FilesReplaced,
    FoundInstallation,
    InStandardLibrary,
    InterpreterReplaced,
    InterruptedRunSeen,
    InterruptedRunUndone,
    JournalIgnored,
    LongRecordRow,
    NothingToUninstall,
    NotInstalledSkipped,
    OldFilesRemain,
    OutsideEnvironment,
    PathFileMissing,
    PlannedAgain,
    RemovingPath,
    RemovingPathEntries,
    RemovingPathEntry,
    ScriptMadeExecutable,
    ScriptsNotOnPath,
    SharedFiles,
    TargetExists,
    Uninstalled,
    Uninstalling,
    UnpackedAgain,
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


@renders(BytecodeCompiled)
def _bytecode_compiled(_: BytecodeCompiled) -> str:
    return ""  # pip prints what the compiler has printed, which is an empty line


@renders(ScriptMadeExecutable)
def _script_made_executable(message: ScriptMadeExecutable) -> str:
    return f"changing mode of {message.path} to {message.mode:o}"


@renders(InterpreterReplaced)
def _interpreter_replaced(message: InterpreterReplaced) -> str:
    return f"The wheel {message.wheel} replaces the interpreter {message.path}"


@renders(UnpackedAgain)
def _unpacked_again(message: UnpackedAgain) -> str:
    if message.were_removed:
        return f"Unpacking {_some(message.wheels)} again, because the store was emptied"
    return (
        f"Unpacking {_some(message.wheels)} again, because unpacked files were changed: check the "
        "environments that share them"
    )


@renders(CompiledAgain)
def _compiled_again(message: CompiledAgain) -> str:
    return (
        f"Compiling {_some(message.wheels)} again, because bytecode was changed: check the "
        "environments that share it"
    )


@renders(FilesOutsideKept)
def _files_outside_kept(message: FilesOutsideKept) -> str:
    return f"Not removing what {message.name} lists but is not its own: {_some(message.paths)}"


@renders(SharedFiles)
def _shared_files(message: SharedFiles) -> str:
    done = "Not removing" if message.is_kept else "Removed"
    owners = ", ".join(map(_owner, message.owners))
    whose = f"files of {message.name} that {owners} lists, too"
    advice = "" if message.is_kept else f"; reinstall {owners} to get them back"
    return f"{done} {whose}: {_some(message.paths)}{advice}"


@renders(FilesReplaced)
def _files_replaced(message: FilesReplaced) -> str:
    owners = ", ".join(map(_owner, message.owners))
    return f"Replaced files that belong to {owners}, too: {_some(message.paths)}"


def _owner(info: str) -> str:
    """Return the name of a project from that of its metadata folder."""
    return info.partition("-")[0]


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


_REFUSALS = {
    Refusal.OWNER: "another user may have written it",
    Refusal.KIND: "it is not a plain file in a plain folder",
    Refusal.LINK: "a folder that it names is a symbolic link",
    Refusal.SIGNATURE: "it is damaged, or you have not written it",
    Refusal.PATH: "it names files outside the environment",
    Refusal.UNREADABLE: "it, or the key of its signature, cannot be read",
}


@renders(JournalIgnored)
def _journal_ignored(message: JournalIgnored) -> str:
    return (
        f"Ignoring {message.folder}, which looks like an interrupted run of pipfast: "
        f"{_REFUSALS[message.why]}. If a run of yours was interrupted here, the folder holds the "
        "files that it moved; otherwise remove it."
    )


@renders(InterruptedRunUndone)
def _interrupted_run_undone(message: InterruptedRunUndone) -> str:
    text = f"An earlier run in {message.root} was interrupted; its changes have been undone"
    if not message.kept:
        return f"{text}."
    return f"{text}, except that what was installed since stays: {', '.join(message.kept)}."


@renders(InterruptedRunSeen)
def _interrupted_run_seen(message: InterruptedRunSeen) -> str:
    return (
        f"An earlier run in {message.root} was interrupted, and its changes cannot be undone "
        "without write access; this is what was installed before it."
    )


@renders(OldFilesRemain)
def _old_files_remain(message: OldFilesRemain) -> str:
    return (
        f"Other files are now where an interrupted run moved files away: {_some(message.paths)}. "
        f"The old files are in {message.folder}; remove it when you do not need them."
    )


@renders(CleanUpDelayed)
def _clean_up_delayed(message: CleanUpDelayed) -> str:
    return (
        f"The change was made, but old files in {message.folder} could not be removed "
        f"({message.error}); the next run removes them."
    )


@renders(CleanUpRefused)
def _clean_up_refused(message: CleanUpRefused) -> str:
    return (
        f"Keeping the old files in {message.folder}, because the new ones are not there any "
        f"more: {_some(message.missing)}. Remove it when you do not need them."
    )


@renders(PlannedAgain)
def _planned_again(_message: PlannedAgain) -> str:
    return "The environment was changed by another program; planning again"


def _some(paths: Sequence[str]) -> str:
    shown = ", ".join(paths[:3])
    return f"{shown} and {len(paths) - 3} more" if len(paths) > 3 else shown
