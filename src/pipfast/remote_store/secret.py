"""What the shared secret is used for: signatures, and names of objects that reveal nothing."""

from __future__ import annotations

import hmac

from pipfast.model.frozen_dataclass import dataclass, field

SHORTEST = 16
"""The least number of characters of a secret."""


@dataclass(frozen=True, slots=True)
class Secret:
    """The secret of a team. Each use has a key of its own, so that one tells nothing of another."""

    text: str = field(repr=False)

    @property
    def scheme(self) -> int:
        """Return the number of the kind of signature."""
        return 1

    @property
    def can_sign(self) -> bool:
        """Return True: who can verify can sign."""
        return True

    def prepare(self) -> None:
        """Python has what is needed."""

    def signature(self, document: bytes) -> str:
        """Return the HMAC-SHA256 of a manifest, in hexadecimal."""
        return self._derived(b"manifests", document)

    def signs(self, document: bytes, signature: bytes) -> bool:
        """Return whether `signature` is that of the document; takes the same time for any."""
        return hmac.compare_digest(self.signature(document).encode(), signature)

    def name_of(self, key: str) -> str:
        """Return the name of the object for `key`, which only who has the secret can compute."""
        digest = self._derived(b"names", key.encode())
        return f"v1/{digest[:2]}/{digest[2:]}"

    def _derived(self, purpose: bytes, message: bytes) -> str:
        own = hmac.digest(self.text.encode(), b"pipfast remote store: " + purpose, "sha256")
        return hmac.new(own, message, "sha256").hexdigest()
