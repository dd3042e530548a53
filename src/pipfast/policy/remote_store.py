"""Which store is shared with other machines, and how; imported only if one is set."""

from __future__ import annotations

from pipfast.config.pipfast_settings import (
    REMOTE_KEY,
    REMOTE_PUBLIC_KEYS,
    REMOTE_SIGNING_KEY,
    REMOTE_STORE,
    REMOTE_WAIT,
)
from pipfast.config.settings import Settings
from pipfast.model.frozen_dataclass import dataclass, field

_WAIT = 30.0  # seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoteStorePolicy:
    """The URL of the shared store; whether this machine uploads; keys, or ``file:`` with them.

    `key` is the secret; `signing_key` and `public_keys` are of Ed25519, empty if not set.
    `wait` is how long a run may upload at its end, in seconds.
    """

    url: str
    writes: bool
    key: str = field(repr=False)
    signing_key: str = field(default="", repr=False)
    public_keys: str = ""
    wait: float


def remote_store_policy(settings: Settings) -> RemoteStorePolicy | None:
    """Return the policy, None without a remote store."""
    texts = settings.own.texts
    if REMOTE_STORE not in texts:
        return None
    return RemoteStorePolicy(
        url=texts[REMOTE_STORE],
        writes=settings.pipfast.get("remote-store-mode") == "read-write",
        key=texts.get(REMOTE_KEY, ""),
        signing_key=texts.get(REMOTE_SIGNING_KEY, ""),
        public_keys=texts.get(REMOTE_PUBLIC_KEYS, ""),
        wait=float(texts.get(REMOTE_WAIT, _WAIT)),
    )
