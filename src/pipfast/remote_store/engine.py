"""The storage of shared objects: get, look for, and put whole objects under a name."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Protocol

Take = Callable[[bytes], object]
"""Takes the next bytes of an object."""

Chunks = Callable[[], Iterator[bytes]]
"""Begins to yield the bytes of an object, each time from the start."""


class EngineFailed(Exception):
    """The storage did not do what was asked; the text is what system, server or library say."""


class StatusFailed(EngineFailed):
    """A web server answered with an error status."""

    def __init__(self, status: int) -> None:
        super().__init__(str(status))
        self.status = status


class LibraryMissing(Exception):
    """The library `name` is not installed, which the storage or the signatures need."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


class Engine(Protocol):
    """A storage. Names are ``v1/aa/<rest>``. Used by several threads.

    All methods raise EngineFailed, and nothing else of their own.
    """

    def get(self, name: str, take: Take) -> bool:
        """Pass the bytes of an object to `take`; return False if there is no such object."""
        ...

    def has(self, name: str) -> bool:
        """Return whether there is such an object."""
        ...

    def put(self, name: str, size: int, chunks: Chunks) -> None:
        """Store an object of `size` bytes, all of it or nothing; another one is replaced."""
        ...

    def close(self) -> None:
        """Release connections."""
        ...
