"""Detect sources that need themselves to be built, which would not end."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from types import MappingProxyType

from pipfast.errors import InstallationError
from pipfast.model.link import Link

_UNDER_WAY: ContextVar[Mapping[str, str]] = ContextVar(
    "the sources that are being built around this run", default=MappingProxyType({})
)


class AlreadyBeingBuilt(InstallationError):
    """A source is needed to build itself; pip exits with a traceback here."""

    def __init__(self, link: Link, described: str) -> None:
        super().__init__(f"LookupError: {link.redacted} is already being built: {described}")


@contextmanager
def being_built(link: Link, described: str) -> Iterator[None]:
    """Mark that the source at `link` is built, for the requirement `described`.

    Raises AlreadyBeingBuilt if the same source is being built in this context.
    """
    around = _UNDER_WAY.get()
    if link.url in around:
        raise AlreadyBeingBuilt(link, around[link.url])
    token = _UNDER_WAY.set({**around, link.url: described})
    try:
        yield
    finally:
        _UNDER_WAY.reset(token)
