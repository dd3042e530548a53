"""The text of events, as a user reads it."""

from __future__ import annotations

from collections.abc import Iterable

from pipfast.model.events import Event, Message
from pipfast.report.render import text_of


def texts(events: Iterable[Event]) -> list[str]:
    """Return the text of each event that is printed as a line."""
    return [text_of(event) for event in events if isinstance(event, Message)]
