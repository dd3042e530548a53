"""The keys of the remote store, read from settings or from the files that they name."""

from __future__ import annotations

from pathlib import Path

from pipfast.model.frozen_dataclass import replace
from pipfast.policy.remote_store import RemoteStorePolicy
from pipfast.remote_store.engine import LibraryMissing
from pipfast.remote_store.events import Unusable
from pipfast.remote_store.key_pairs import KeyPairs, private_keys, public_keys
from pipfast.remote_store.objects import Signer
from pipfast.remote_store.secret import SHORTEST, Secret


def secret_of(policy: RemoteStorePolicy) -> Secret | Unusable:
    """Return the secret, which names objects and, without key pairs, signs them."""
    if not policy.key:
        return Unusable.NO_KEY
    text = _content(policy.key)
    if text is None:
        return Unusable.UNREADABLE_KEY
    return Secret(text) if len(text) >= SHORTEST else Unusable.SHORT_KEY


def signer_of(policy: RemoteStorePolicy, secret: Secret) -> Signer | Unusable:
    """Return what signs objects, and decides whose are used: key pairs if any key is set."""
    if not policy.signing_key and not policy.public_keys:
        return secret
    private, public = _content(policy.signing_key), _content(policy.public_keys)
    if private is None:
        return Unusable.UNREADABLE_SIGNING_KEY
    if public is None:
        return Unusable.UNREADABLE_PUBLIC_KEYS
    try:
        signing = private_keys(private)
    except ValueError:
        signing = []
    if len(signing) != bool(policy.signing_key):
        return Unusable.BAD_SIGNING_KEY
    try:
        trusted = tuple(public_keys(public))
    except ValueError:
        trusted = ()
    if bool(trusted) != bool(policy.public_keys):
        return Unusable.BAD_PUBLIC_KEYS
    return _checked(KeyPairs(signing[0] if signing else None, trusted))


def _checked(pairs: KeyPairs) -> KeyPairs | Unusable:
    """Return the key pairs; a machine that signs has to trust its own signatures."""
    if not pairs.can_sign:
        return pairs
    try:
        own = pairs.public_key()
    except LibraryMissing:
        return Unusable.NO_SIGNATURES
    if not pairs.trusted:
        return replace(pairs, trusted=(own,))
    return pairs if own in pairs.trusted else Unusable.OTHER_SIGNING_KEY


def _content(text: str) -> str | None:
    """Return the value of a setting, or what the file has that it names; None if that fails."""
    if not text.startswith("file:"):
        return text
    try:
        path = text.removeprefix("file:").removeprefix("//")
        return Path(path).expanduser().read_text(encoding="utf-8").strip()
    except (OSError, ValueError):
        return None
