"""The lines of downloads that come side by side, in the order in which pip would say them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence

from pipfast.model.link import Link


class InOrder:
    """Says each file's line once its server has answered and all lines before it are said.

    So nothing is said of a file behind one that cannot be had, as pip would not come to it. `kept`
    are the sizes in bytes, by address, of files that need not come.
    """

    def __init__(
        self, links: Sequence[Link], kept: Mapping[str, int], announce: Callable[..., None]
    ) -> None:
        self._waiting = list(links)
        self._kept = dict(kept)
        self._sizes: dict[str, int | None] = {link.url: None for link in links if link.is_local}
        self._sizes |= self._kept
        self._announce = announce
        self._lock = threading.Lock()

    def begin(self) -> None:
        """Say the lines of kept files up to the first that has to come."""
        with self._lock:
            self._go_on(self._kept)

    def size(self, link: Link, size: int | None, *, kept: bool = False) -> None:
        """Take note of a size; `kept` says that the file need not come after all."""
        with self._lock:
            if kept:
                self._kept[link.url] = size or 0
            self._sizes.setdefault(link.url, size)
            self._go_on(self._sizes)

    def _go_on(self, known: Mapping[str, int | None]) -> None:
        while self._waiting and self._waiting[0].url in known:
            link = self._waiting.pop(0)
            self._announce(link, known[link.url], cached=link.url in self._kept)
