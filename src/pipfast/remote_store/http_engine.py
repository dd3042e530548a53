"""Shared objects on a web server that knows GET, HEAD and PUT."""

from __future__ import annotations

from pipfast.model.frozen_dataclass import dataclass
from pipfast.net.client import Client
from pipfast.net.errors import HTTPStatusError, NetworkError, TooManyErrorResponses
from pipfast.remote_store.engine import Chunks, EngineFailed, StatusFailed, Take

_MISSING = (404, 410)


@dataclass(frozen=True, slots=True)
class HttpEngine:
    """The objects below the address `base`, with the client's credentials for it."""

    base: str
    client: Client

    def get(self, name: str, take: Take) -> bool:
        """Send GET."""
        try:
            with self.client.stream(self._address(name)) as stream:
                for chunk in stream.chunks:
                    take(chunk)
        except HTTPStatusError as error:
            if error.status in _MISSING:
                return False
            raise _failure(error) from None
        except NetworkError as error:
            raise _failure(error) from None
        return True

    def has(self, name: str) -> bool:
        """Send HEAD."""
        try:
            response = self.client.head(self._address(name))
            if response.status in _MISSING:
                return False
            response.raise_for_status()
        except NetworkError as error:
            raise _failure(error) from None
        return True

    def put(self, name: str, size: int, chunks: Chunks) -> None:
        """Send PUT."""
        try:
            self.client.put(self._address(name), size, chunks).raise_for_status()
        except NetworkError as error:
            raise _failure(error) from None

    def close(self) -> None:
        """Close the connections."""
        self.client.close()

    def _address(self, name: str) -> str:
        return f"{self.base.rstrip('/')}/{name}"


def _failure(error: NetworkError) -> EngineFailed:
    """Return why a request failed, without the name of the object."""
    if isinstance(error, HTTPStatusError | TooManyErrorResponses):
        return StatusFailed(error.status)
    return EngineFailed(error.why)
