"""Report concurrent downloads in the order in which pip would download them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence

from pipfast.model.link import Link


class OrderedReports:
    """Reports each file once its server has answered and all earlier files were reported.

    Nothing is reported after a file that fails, because pip would not reach it. `kept` are the
    sizes in bytes, by address, of files that need no download.
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
        """Report cached files up to the first that needs a download."""
        with self._lock:
            self._go_on(self._kept)

    def size(self, link: Link, size: int | None, *, kept: bool = False) -> None:
        """Record a size; `kept` means that the file needs no download after all."""
        with self._lock:
            if kept:
                self._kept[link.url] = size or 0
            self._sizes.setdefault(link.url, size)
            self._go_on(self._sizes)

    def _go_on(self, known: Mapping[str, int | None]) -> None:
        while self._waiting and self._waiting[0].url in known:
            link = self._waiting.pop(0)
            self._announce(link, known[link.url], cached=link.url in self._kept)
