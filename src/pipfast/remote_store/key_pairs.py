"""Ed25519: who has the private key signs, who has the public key only verifies.

The library cryptography is imported when a signature is made or checked (decision 0012).
"""

from __future__ import annotations

import re
from base64 import b64decode
from importlib import import_module
from typing import Any

from pipfast.model.frozen_dataclass import dataclass, field
from pipfast.remote_store.engine import LibraryMissing

_LIBRARY = ("cryptography.hazmat.primitives.asymmetric.ed25519", "cryptography.exceptions")
_MARKS = re.compile(r"-----[A-Z ]+-----")
_PRIVATE = bytes.fromhex("302e020100300506032b657004220420")
"""What stands before the 32 bytes of a private key (RFC 8410 section 7)."""

_PUBLIC = bytes.fromhex("302a300506032b6570032100")
"""What stands before the 32 bytes of a public key (RFC 8410 section 4)."""


def private_keys(text: str) -> list[bytes]:
    """Return the private keys of a text: PEM, or what stands between its marks.

    Raises ValueError if there is anything else.
    """
    return _decoded(text, _PRIVATE)


def public_keys(text: str) -> list[bytes]:
    """Return the public keys of a text, in the form of `private_keys`. Raises ValueError."""
    return _decoded(text, _PUBLIC)


def _decoded(text: str, prefix: bytes) -> list[bytes]:
    """A key is so short that PEM has it in one line."""
    keys = [b64decode(word, validate=True) for word in _MARKS.sub(" ", text).split()]
    if not all(len(key) == len(prefix) + 32 and key.startswith(prefix) for key in keys):
        raise ValueError
    return [key[len(prefix) :] for key in keys]


@dataclass(frozen=True, slots=True)
class KeyPairs:
    """The private key of this machine, if it may sign, and the public keys that are trusted.

    All are raw. Methods raise LibraryMissing.
    """

    private: bytes | None = field(repr=False)
    trusted: tuple[bytes, ...]

    @property
    def scheme(self) -> int:
        """Return the number of the kind of signature."""
        return 2

    @property
    def can_sign(self) -> bool:
        """Return whether there is a private key."""
        return self.private is not None

    def prepare(self) -> None:
        """Import the library."""
        _library()

    def public_key(self) -> bytes:
        """Return the public key of the private one."""
        found: bytes = self._signing().public_key().public_bytes_raw()
        return found

    def signature(self, document: bytes) -> str:
        """Return the signature of a manifest, in hexadecimal."""
        signature: bytes = self._signing().sign(document)
        return signature.hex()

    def signs(self, document: bytes, signature: bytes) -> bool:
        """Return whether `signature` of the document was made with a trusted key."""
        ed25519, exceptions = _library()
        try:
            raw = bytes.fromhex(signature.decode("ascii"))
        except ValueError:
            return False
        for key in self.trusted:
            try:
                ed25519.Ed25519PublicKey.from_public_bytes(key).verify(raw, document)
            except exceptions.InvalidSignature:
                continue
            return True
        return False

    def _signing(self) -> Any:
        assert self.private is not None, "only a machine that may sign is asked to"
        return _library()[0].Ed25519PrivateKey.from_private_bytes(self.private)


def _library() -> tuple[Any, Any]:
    try:
        ed25519, exceptions = map(import_module, _LIBRARY)
    except ImportError:
        raise LibraryMissing("cryptography") from None
    return ed25519, exceptions
