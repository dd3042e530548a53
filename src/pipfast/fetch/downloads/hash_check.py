"""Verify files against expected digests, with pip's messages."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from pipfast.errors import InstallationError
from pipfast.model.digest import DEFAULT, Digest

if TYPE_CHECKING:
    from hashlib import _Hash


_CHUNK = 1024 * 1024


class HashError(InstallationError):
    """A file cannot be verified."""


class HashMismatch(HashError):
    """A file matches none of the expected digests; `requirement` is the one it is for."""

    def __init__(
        self, requirement: str, expected: Sequence[Digest], received: Iterable[Digest]
    ) -> None:
        got = {digest.algorithm: digest.value for digest in received}
        super().__init__(
            "THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE. If you have "
            "updated the package versions, please update the hashes. Otherwise, examine the "
            "package contents carefully; someone may have tampered with them.\n"
            f"    {requirement}:\n{_comparison(expected, got)}"
        )
        self.requirement = requirement
        self.expected = tuple(expected)


class HashMissing(HashError):
    """A digest is required and none was given; `received` is the file's."""

    def __init__(self, requirement: str, received: Digest) -> None:
        super().__init__(
            "Hashes are required in --require-hashes mode, but they are missing from some "
            "requirements. Here is a list of those requirements along with the hashes their "
            "downloaded archives actually had. Add lines like these to your requirements files "
            "to prevent tampering. (If you did not enable --require-hashes manually, note that "
            "it turns on automatically when any package has a hash.)\n"
            f"    {requirement} --hash={received.algorithm}:{received.value}"
        )


class StreamDigests:
    """Computes digests of a stream: `DEFAULT` and those of `expected`.

    Raises InstallationError for an algorithm that hashlib does not have.
    """

    def __init__(self, expected: Iterable[Digest] = ()) -> None:
        self._hashes: dict[str, _Hash] = {DEFAULT: hashlib.new(DEFAULT)}
        for digest in expected:
            if digest.algorithm not in self._hashes:
                try:
                    self._hashes[digest.algorithm] = hashlib.new(digest.algorithm)
                except ValueError:
                    raise InstallationError(f"Unknown hash name: {digest.algorithm}") from None

    def update(self, data: bytes) -> None:
        """Add `data`."""
        for one in self._hashes.values():
            one.update(data)

    def digests(self) -> tuple[Digest, ...]:
        """Return the digests of everything added, `DEFAULT` first."""
        return tuple(Digest(name, one.hexdigest()) for name, one in self._hashes.items())


def digests_of(path: Path, expected: Iterable[Digest] = ()) -> tuple[Digest, ...]:
    """Return the digests of a file.

    Raises OSError.
    """
    digester = StreamDigests(expected)
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digester.update(chunk)
    return digester.digests()


def check(requirement: str, expected: Sequence[Digest], received: Sequence[Digest]) -> None:
    """Check that one of `expected` is in `received`; without expected ones any file is valid.

    Raises HashMismatch.
    """
    if expected and not set(expected) & set(received):
        raise HashMismatch(requirement, expected, received)


def _comparison(expected: Sequence[Digest], got: dict[str, str]) -> str:
    lines: list[str] = []
    for algorithm in dict.fromkeys(digest.algorithm for digest in expected):
        values = sorted(digest.value for digest in expected if digest.algorithm == algorithm)
        prefixes = [algorithm, *["    or"] * (len(values) - 1)]
        lines += [
            f"        Expected {prefix} {value}"
            for prefix, value in zip(prefixes, values, strict=True)
        ]
        lines.append(f"             Got        {got.get(algorithm, '')}\n")
    return "\n".join(lines)
