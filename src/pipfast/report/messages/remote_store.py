"""Texts of messages about the store that machines share."""

from __future__ import annotations

from pipfast.fetch.downloads.descriptions import human_size
from pipfast.remote_store.events import (
    Found,
    RemoteBytecodeGivenUp,
    RemoteBytecodeUsed,
    RemoteObjectAnswered,
    RemoteObjectAsked,
    RemoteObjectRefused,
    RemoteStoreFailed,
    RemoteStoreOnlyRead,
    RemoteStoreTooSlow,
    RemoteStoreUnusable,
    RemoteUploadsDone,
    RemoteUploadsLeft,
    RemoteWheelOrigin,
    RemoteWheelUsed,
    Unusable,
)
from pipfast.report.render import renders

_EXTRA = "pip install 'pipfast[remote]'"
_WHY = {
    Unusable.NO_KEY: "remote-store-key is not set, and nothing is shared without signatures",
    Unusable.SHORT_KEY: "remote-store-key has fewer than 16 characters",
    Unusable.UNREADABLE_KEY: "the file that remote-store-key names cannot be read",
    Unusable.UNKNOWN_SCHEME: "its URL begins with none of file:, http:, https:, s3:, gs:, az:",
    Unusable.UNREADABLE_SIGNING_KEY: "the file that remote-store-signing-key names cannot be read",
    Unusable.BAD_SIGNING_KEY: "remote-store-signing-key is not one private Ed25519 key",
    Unusable.UNREADABLE_PUBLIC_KEYS: "the file that remote-store-public-keys names cannot be read",
    Unusable.BAD_PUBLIC_KEYS: "remote-store-public-keys are not public Ed25519 keys",
    Unusable.OTHER_SIGNING_KEY: (
        "the public key of remote-store-signing-key is not among remote-store-public-keys"
    ),
    Unusable.NO_SIGNATURES: f"Ed25519 needs the library cryptography ({_EXTRA})",
    Unusable.NO_ENGINE: f"it needs the library obstore ({_EXTRA})",
}


@renders(RemoteStoreUnusable)
def _remote_store_unusable(message: RemoteStoreUnusable) -> str:
    return f"The remote store {message.url} is not used: {_WHY[message.why]}"


@renders(RemoteStoreOnlyRead)
def _remote_store_only_read(message: RemoteStoreOnlyRead) -> str:
    return (
        f"Nothing is uploaded to the remote store {message.url}: remote-store-public-keys are set, "
        "and remote-store-signing-key is not"
    )


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
    about = _about(message.project, is_bytecode=message.is_bytecode)
    return f"What the remote store has for {about} is not used: {message.fault.value}"


@renders(RemoteObjectAsked)
def _remote_object_asked(message: RemoteObjectAsked) -> str:
    about = _about(message.project, is_bytecode=message.is_bytecode)
    return f"Looking in the remote store for {about}: {message.url}"


def _about(project: str, *, is_bytecode: bool) -> str:
    return f"the bytecode of {project}" if is_bytecode else project


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


@renders(RemoteBytecodeUsed)
def _remote_bytecode_used(message: RemoteBytecodeUsed) -> str:
    spared = f"compiling it took {message.seconds:.1f} s"
    return f"Using bytecode of {message.filename} from the remote store {message.url} ({spared})"


@renders(RemoteBytecodeGivenUp)
def _remote_bytecode_given_up(message: RemoteBytecodeGivenUp) -> str:
    return f"Compiling {message.filename}: waiting for the remote store would take longer"


@renders(RemoteUploadsDone)
def _remote_uploads_done(message: RemoteUploadsDone) -> str:
    return f"Uploaded {message.count} objects to the remote store ({human_size(message.size)})"


@renders(RemoteUploadsLeft)
def _remote_uploads_left(message: RemoteUploadsLeft) -> str:
    return (
        f"{message.count} objects are not in the remote store yet; 'pipfast cache push' uploads "
        "them"
    )
