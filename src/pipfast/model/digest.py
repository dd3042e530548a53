"""Digests of files, in the two spellings that packaging uses."""

from __future__ import annotations

from pipfast.model.frozen_dataclass import dataclass

STRONG = ("sha256", "sha384", "sha512")
"""The algorithms that `--hash` and hash-checking mode accept (pip behaviour)."""


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
