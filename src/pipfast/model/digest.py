"""Digests of files, in the two spellings that packaging uses."""

from __future__ import annotations

from pipfast.model.frozen_dataclass import dataclass

STRONG = ("sha256", "sha384", "sha512")
"""The algorithms that `--hash` and hash-checking mode accept (pip behaviour)."""


@dataclass(frozen=True, slots=True, order=True)
class Digest:
    """One digest of one file: `algorithm` as hashlib names it, `value` in lower-case hex."""

    algorithm: str
    value: str

    @classmethod
    def parse(cls, text: str) -> Digest:
        """Read ``sha256=0a1b…`` or ``sha256:0a1b…``.

        Raises ValueError when there is no separator.
        """
        algorithm, separator, value = text.partition("=" if "=" in text else ":")
        if not separator:
            raise ValueError(f"not a digest: {text!r}")
        return cls(algorithm.lower(), value.lower())

    def __str__(self) -> str:
        return f"{self.algorithm}:{self.value}"
