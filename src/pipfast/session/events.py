"""Messages of the session."""

from __future__ import annotations

from pipfast.model.events import Level, Message
from pipfast.model.frozen_dataclass import dataclass, field


@dataclass(frozen=True, slots=True)
class IndexChosen(Message):
    """A project is on several indexes; `page` is where its release is from."""

    project: str
    version: str
    page: str
    other_pages: tuple[str, ...]
    level: Level = field(default=Level.VERBOSE, kw_only=True)
