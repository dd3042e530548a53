"""Shared objects in S3, Google Cloud Storage and Azure, through the library obstore.

It is imported when the first object is asked for (decision 0012).
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

from pipfast.remote_store.engine import Chunks, EngineFailed, LibraryMissing, Take

_LIBRARY = ("obstore", "obstore.store", "obstore.exceptions")
_ONE_PART = 8 << 20  # bytes


class CloudEngine:
    """The objects below the address `base`; the provider's own settings give the credentials.

    `limit` is the time without an answer in seconds.
    """

    def __init__(self, base: str, limit: float) -> None:
        try:
            obstore, store, exceptions = map(import_module, _LIBRARY)
        except ImportError:
            raise LibraryMissing("obstore") from None
        self._obstore: Any = obstore
        self._missing = (exceptions.NotFoundError, FileNotFoundError)
        self._failures = (exceptions.BaseError, OSError, ValueError)
        limits: Any = {"timeout": "10 minutes", "connect_timeout": f"{int(limit * 1000)} ms",
                       "allow_http": True}  # fmt: skip
        try:
            self._store: Any = store.from_url(
                base, client_options=limits, retry_config={"max_retries": 0}
            )
        except self._failures as error:
            raise EngineFailed(_told(error)) from None

    def get(self, name: str, take: Take) -> bool:
        """Get an object."""
        try:
            for chunk in self._obstore.get(self._store, name).stream(min_chunk_size=1 << 18):
                take(bytes(chunk))
        except self._missing:
            return False
        except self._failures as error:
            raise EngineFailed(_told(error)) from None
        return True

    def has(self, name: str) -> bool:
        """Ask for the head of an object."""
        try:
            self._obstore.head(self._store, name)
        except self._missing:
            return False
        except self._failures as error:
            raise EngineFailed(_told(error)) from None
        return True

    def put(self, name: str, size: int, chunks: Chunks) -> None:
        """Put an object; one that is large goes in parts, which become visible together."""
        try:
            if size <= _ONE_PART:  # a third of the requests
                self._obstore.put(self._store, name, b"".join(chunks()), use_multipart=False)
            else:
                self._obstore.put(self._store, name, chunks())
        except self._failures as error:
            raise EngineFailed(_told(error)) from None

    def close(self) -> None:
        """The library closes its connections itself."""


def _told(error: BaseException) -> str:
    """Return the first line of a failure; the others repeat it for programmers."""
    return str(error).partition("\n")[0][:200]
