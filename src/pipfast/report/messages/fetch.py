"""Texts of messages about downloads; all are pip's."""

from __future__ import annotations

from pipfast.fetch.downloads.sizes import human_size, progress_of
from pipfast.fetch.events import (
    DownloadInterrupted,
    DownloadResumed,
    FileAnnounced,
    FileInDestination,
    FileInDestinationReplaced,
)
from pipfast.model.link import redact
from pipfast.report.render import renders


@renders(FileAnnounced)
def _file_announced(message: FileAnnounced) -> str:
    # the name is the last part of the URL, not unquoted
    name = redact(message.url).partition("#")[0].partition("?")[0].rpartition("/")[2]
    shown = f"{name} ({human_size(message.size)})" if message.size else name
    return f"{'Using cached' if message.cached else 'Downloading'} {shown}"


@renders(DownloadInterrupted)
def _download_interrupted(_: DownloadInterrupted) -> str:
    return "Connection interrupted while downloading."


@renders(DownloadResumed)
def _download_resumed(message: DownloadResumed) -> str:
    progress = progress_of(message.done, message.total)
    return f"Attempting to resume incomplete download ({progress}, attempt {message.attempt})"


@renders(FileInDestination)
def _file_in_destination(message: FileInDestination) -> str:
    return f"File was already downloaded {message.path}"


@renders(FileInDestinationReplaced)
def _file_in_destination_replaced(message: FileInDestinationReplaced) -> str:
    return f"Previously-downloaded file {message.path} has bad hash. Re-downloading."
