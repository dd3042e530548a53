"""Messages about building wheels."""

from __future__ import annotations

from pathlib import Path

from pipfast.model.events import Level, Message
from pipfast.model.frozen_dataclass import dataclass, field


@dataclass(frozen=True, slots=True)
class WheelCreated(Message):
    """The backend built the wheel `filename` of `size` bytes."""

    name: str
    filename: str
    size: int
    sha256: str
    depth: int = field(default=1, kw_only=True)


@dataclass(frozen=True, slots=True)
class WheelStored(Message):
    """A wheel was stored in `folder`."""

    folder: Path
    depth: int = field(default=1, kw_only=True)


@dataclass(frozen=True, slots=True)
class BuiltWheelInvalid(Message):
    """A wheel that was built is invalid. `kind` is ``wheel`` or ``editable``."""

    kind: str
    name: str
    fault: str
    level: Level = field(default=Level.WARNING, kw_only=True)
    depth: int = field(default=1, kw_only=True)


@dataclass(frozen=True, slots=True)
class WheelBuildFailed(Message):
    """A wheel could not be built. `kind` is ``wheel`` or ``editable``."""

    kind: str
    name: str
    level: Level = field(default=Level.ERROR, kw_only=True)
    depth: int = field(default=1, kw_only=True)


@dataclass(frozen=True, slots=True)
class EditableHookMissing(Message):
    """The backend does not have the hook `hook`, which an editable wheel needs."""

    name: str
    hook: str
    level: Level = field(default=Level.ERROR, kw_only=True)
    depth: int = field(default=1, kw_only=True)


@dataclass(frozen=True, slots=True)
class NoWheelReturned(Message):
    """The backend returned no file name, or one that does not exist."""

    filename: str | None
    level: Level = field(default=Level.ERROR, kw_only=True)
    depth: int = field(default=1, kw_only=True)
