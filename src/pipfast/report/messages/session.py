"""Texts of the messages of `session`."""

from __future__ import annotations

from pipfast.report.render import renders
from pipfast.session.events import IndexChosen


@renders(IndexChosen)
def _index_chosen(message: IndexChosen) -> str:
    count = len(message.other_pages) + 1
    return (
        f"{message.project} is on {count} indexes: {message.version} is taken from "
        f"{message.page}, not from {', '.join(message.other_pages)}"
    )
