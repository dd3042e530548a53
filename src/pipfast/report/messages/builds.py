"""Texts of messages about building wheels."""

from __future__ import annotations

from pipfast.builds.events import (
    BuiltWheelInvalid,
    EditableHookMissing,
    NoWheelReturned,
    WheelBuildFailed,
    WheelCreated,
    WheelStored,
)
from pipfast.report.render import renders


@renders(WheelCreated)
def _wheel_created(message: WheelCreated) -> str:
    return (
        f"Created wheel for {message.name}: filename={message.filename} size={message.size} "
        f"sha256={message.sha256}"
    )


@renders(WheelStored)
def _wheel_stored(message: WheelStored) -> str:
    return f"Stored in directory: {message.folder}"


@renders(BuiltWheelInvalid)
def _built_wheel_invalid(message: BuiltWheelInvalid) -> str:
    return f"Built {message.kind} for {message.name} is invalid: {message.fault}"


@renders(WheelBuildFailed)
def _wheel_build_failed(message: WheelBuildFailed) -> str:
    return f"Failed building {message.kind} for {message.name}"


@renders(EditableHookMissing)
def _editable_hook_missing(message: EditableHookMissing) -> str:
    return (
        f"Cannot build editable {message.name} because the build backend does not have the "
        f"{message.hook} hook"
    )


@renders(NoWheelReturned)
def _no_wheel_returned(message: NoWheelReturned) -> str:
    return f"The build backend returned no wheel {message.filename or ''}".rstrip()
