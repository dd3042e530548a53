"""Digests of files, in the two spellings that packaging uses."""

from __future__ import annotations

from pipfast.model.frozen_dataclass import dataclass

KNOWN = ("sha512", "sha384", "sha256", "sha224", "sha1", "md5")
"""Every algorithm that pip reads from links and index pages, strongest first.

This is the only list of hash algorithms; a test checks that no other module has one.
"""
WEAK = frozenset({"sha224", "sha1", "md5"})
STRONG = tuple(sorted(frozenset(KNOWN) - WEAK))
"""The algorithms that `--hash` and hash-checking mode accept (pip behaviour)."""

DEFAULT = "sha256"
"""The algorithm of digests that pipfast computes itself."""


@dataclass(frozen=True, slots=True, order=True)
class Digest:
    """A file's digest: `algorithm` as hashlib names it, `value` in lower-case hexadecimal."""

    algorithm: str
    value: str

    @classmethod
    def parse(cls, text: str) -> Digest:
        """Parse ``sha256=0a1b…`` or ``sha256:0a1b…``.

        Raises ValueError without a separator.
        """
        algorithm, separator, value = text.partition("=" if "=" in text else ":")
        if not separator:
            raise ValueError(f"not a digest: {text!r}")
        return cls(algorithm.lower(), value.lower())

    def __str__(self) -> str:
        return f"{self.algorithm}:{self.value}"
