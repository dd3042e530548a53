"""A message with any text, for tests of what handles messages of all kinds."""

from __future__ import annotations

from pipfast.model.events import Level, RepeatedMessage


def message(text: str, level: Level = Level.INFO, *, of_program: bool = False) -> RepeatedMessage:
    """Return a message that is rendered as `text`."""
    return RepeatedMessage(text, level=level, of_program=of_program)
