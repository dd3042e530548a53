"""Texts of messages about the store that machines share."""

from __future__ import annotations

from pipfast.fetch.downloads.descriptions import human_size
from pipfast.remote_store.events import (
    Found,
    RemoteObjectAnswered,
    RemoteObjectAsked,
    RemoteObjectRefused,
    RemoteStoreFailed,
    RemoteStoreTooSlow,
    RemoteStoreUnusable,
    RemoteUploadsDone,
    RemoteUploadsLeft,
    RemoteWheelOrigin,
    RemoteWheelUsed,
    Unusable,
)
from pipfast.report.render import renders

_WHY = {
    Unusable.NO_KEY: "remote-store-key is not set, and nothing is shared without signatures",
    Unusable.SHORT_KEY: "remote-store-key has fewer than 16 characters",
    Unusable.UNREADABLE_KEY: "the file that remote-store-key names cannot be read",
    Unusable.UNKNOWN_SCHEME: "its URL begins with none of file:, http:, https:, s3:, gs:, az:",
    Unusable.LIBRARY_MISSING: "it needs the library obstore (pip install 'pipfast[remote]')",
}


@renders(RemoteStoreUnusable)
def _remote_store_unusable(message: RemoteStoreUnusable) -> str:
    return f"The remote store {message.url} is not used: {_WHY[message.why]}"


@renders(RemoteStoreFailed)
def _remote_store_failed(message: RemoteStoreFailed) -> str:
    status = message.status
    fault = message.fault if status is None else f"it answered with status {status}"
    return f"This run continues without the remote store {message.url}: {fault}"


@renders(RemoteStoreTooSlow)
def _remote_store_too_slow(message: RemoteStoreTooSlow) -> str:
    return f"This run continues without the remote store {message.url}: it answers too slowly"


@renders(RemoteObjectRefused)
def _remote_object_refused(message: RemoteObjectRefused) -> str:
    what = f"What the remote store has for {message.project} is not used"
    return f"{what}: {message.fault.value}"


@renders(RemoteObjectAsked)
def _remote_object_asked(message: RemoteObjectAsked) -> str:
    return f"Looking in the remote store for {message.project}: {message.url}"


@renders(RemoteObjectAnswered)
def _remote_object_answered(message: RemoteObjectAnswered) -> str:
    match message.found:
        case Found.HIT:
            return f"Found ({human_size(message.size)})"
        case Found.MISS:
            return "Not there"
        case Found.REFUSED:
            assert message.fault is not None
            return f"Refused: {message.fault.value}"
        case Found.GIVEN_UP:
            return "No answer that is worth waiting for"


@renders(RemoteWheelUsed)
def _remote_wheel_used(message: RemoteWheelUsed) -> str:
    return f"Using cached {message.filename}"  # pip's line for a wheel that is not built again


@renders(RemoteWheelOrigin)
def _remote_wheel_origin(message: RemoteWheelOrigin) -> str:
    spared = f" (its build took {message.seconds:.0f} s)" if message.seconds >= 1 else ""
    return f"From the remote store {message.url}{spared}"


@renders(RemoteUploadsDone)
def _remote_uploads_done(message: RemoteUploadsDone) -> str:
    return f"Uploaded {message.count} objects to the remote store ({human_size(message.size)})"


@renders(RemoteUploadsLeft)
def _remote_uploads_left(message: RemoteUploadsLeft) -> str:
    return (
        f"{message.count} objects are not in the remote store yet; 'pipfast cache push' uploads "
        "them"
    )
