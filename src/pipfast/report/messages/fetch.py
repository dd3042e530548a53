"""Texts of messages about downloads and repositories; all are pip's."""

from __future__ import annotations

from pipfast.fetch.downloads.descriptions import human_size, progress_of
from pipfast.fetch.events import (
    DownloadContinued,
    DownloadInterrupted,
    DownloadResumed,
    FileAnnounced,
    FileDownloaded,
    FileInDestination,
    FileInDestinationReplaced,
    MetadataFileUnused,
    MetadataRequested,
)
from pipfast.fetch.vcs.events import (
    ExecutionFailed,
    FolderBackedUp,
    FolderChecked,
    FolderDeleted,
    GitCommitResolved,
    GitRevisionAssumed,
    GitRevisionFound,
    GitVersionUnknown,
    InstallationPlanned,
    MercurialNotSwitched,
    NotAWorkingCopy,
    ProjectNotFound,
    RepositoryCheckedOut,
    RepositoryCloned,
    UpdateUnneeded,
    WorkingCopyConfirmed,
    WorkingCopyOfOtherUrl,
    WorkingCopySwitched,
    WorkingCopyUpdated,
)
from pipfast.model.link import redact
from pipfast.report.render import renders


@renders(FileAnnounced)
def _file_announced(message: FileAnnounced) -> str:
    # the name is the last part of the URL, not unquoted
    name = redact(message.url).partition("#")[0].partition("?")[0].rpartition("/")[2]
    shown = f"{name} ({human_size(message.size)})" if message.size else name
    return f"{'Using cached' if message.cached else 'Downloading'} {shown}"


@renders(MetadataRequested)
def _metadata_requested(message: MetadataRequested) -> str:
    return f"Obtaining dependency information for {message.requirement} from {message.url}"


@renders(MetadataFileUnused)
def _metadata_file_unused(_: MetadataFileUnused) -> str:
    return "Metadata-only fetching is not used as hash checking is required"


@renders(FileDownloaded)
def _file_downloaded(message: FileDownloaded) -> str:
    return f"Downloading link {message.link} to {message.path}"


@renders(DownloadInterrupted)
def _download_interrupted(_: DownloadInterrupted) -> str:
    return "Connection interrupted while downloading."


@renders(DownloadResumed)
def _download_resumed(message: DownloadResumed) -> str:
    progress = progress_of(message.done, message.total)
    return f"Attempting to resume incomplete download ({progress}, attempt {message.attempt})"


@renders(DownloadContinued)
def _download_continued(message: DownloadContinued) -> str:
    return (
        f"pip would have failed here: Download failed after {message.attempts + 1} attempts "
        "because not enough bytes were received "
        f"({progress_of(message.done, message.total)}); continuing because these attempts brought "
        "some of them"
    )


@renders(FileInDestination)
def _file_in_destination(message: FileInDestination) -> str:
    return f"File was already downloaded {message.path}"


@renders(FileInDestinationReplaced)
def _file_in_destination_replaced(message: FileInDestinationReplaced) -> str:
    return f"Previously-downloaded file {message.path} has bad hash. Re-downloading."


def _to(revision: str | None) -> str:
    """Return pip's addition about a requested revision, empty if there is none."""
    return f" (to revision {revision})" if revision else ""


@renders(RepositoryCloned)
def _repository_cloned(message: RepositoryCloned) -> str:
    return f"Cloning {message.url}{_to(message.revision)} to {message.place}"


@renders(RepositoryCheckedOut)
def _repository_checked_out(message: RepositoryCheckedOut) -> str:
    return f"Checking out {message.url}{_to(message.revision)} to {message.place}"


@renders(GitRevisionFound)
def _git_revision_found(message: GitRevisionFound) -> str:
    return f"Rev options <RevOptions git: rev={message.name!r}>, branch_name {message.branch}"


@renders(GitCommitResolved)
def _git_commit_resolved(message: GitCommitResolved) -> str:
    return f"Resolved {message.url} to commit {message.commit}"


@renders(GitRevisionAssumed)
def _git_revision_assumed(message: GitRevisionAssumed) -> str:
    return f"Did not find branch or tag '{message.name}', assuming revision or ref."


@renders(GitVersionUnknown)
def _git_version_unknown(message: GitVersionUnknown) -> str:
    return f"Can't parse git version: {message.output}"


@renders(MercurialNotSwitched)
def _mercurial_not_switched(message: MercurialNotSwitched) -> str:
    return f"Could not switch Mercurial repository to {message.url}: {message.fault}"


@renders(ProjectNotFound)
def _project_not_found(message: ProjectNotFound) -> str:
    project = "Python project" if message.in_subversion else "a Python project"
    return f"Could not find {project} for directory {message.folder} (tried all parent directories)"


@renders(ExecutionFailed)
def _execution_failed(message: ExecutionFailed) -> str:
    return f"Error {message.fault} while executing command {message.command}"


@renders(FolderChecked)
def _folder_checked(message: FolderChecked) -> str:
    return f"Checking in {message.place} for {message.folder} ({message.system})..."


@renders(WorkingCopyOfOtherUrl)
def _working_copy_of_other_url(message: WorkingCopyOfOtherUrl) -> str:
    return f"{message.system} {message.noun} in {message.place} exists with URL {message.url}"


@renders(NotAWorkingCopy)
def _not_a_working_copy(message: NotAWorkingCopy) -> str:
    return (
        f"Directory {message.place} already exists, and is not a {message.system} {message.noun}."
    )


@renders(InstallationPlanned)
def _installation_planned(message: InstallationPlanned) -> str:
    return f"The plan is to install the {message.system} repository {message.url}"


@renders(WorkingCopyConfirmed)
def _working_copy_confirmed(message: WorkingCopyConfirmed) -> str:
    return f"{message.noun.title()} in {message.place} exists, and has correct URL ({message.url})"


@renders(UpdateUnneeded)
def _update_unneeded(_: UpdateUnneeded) -> str:
    return "Skipping because already up-to-date."


@renders(WorkingCopyUpdated)
def _working_copy_updated(message: WorkingCopyUpdated) -> str:
    return f"Updating {message.place} {message.noun}{_to(message.revision)}"


@renders(WorkingCopySwitched)
def _working_copy_switched(message: WorkingCopySwitched) -> str:
    return f"Switching {message.noun} {message.place} to {message.url}{_to(message.revision)}"


@renders(FolderDeleted)
def _folder_deleted(message: FolderDeleted) -> str:
    return f"Deleting {message.place}"


@renders(FolderBackedUp)
def _folder_backed_up(message: FolderBackedUp) -> str:
    return f"Backing up {message.place} to {message.backup}"
