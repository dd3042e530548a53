"""Shared objects: a signed manifest, then the content. Nothing of one is used unverified.

An object is three lines of text and the content: what it is, with the number of its kind of
signature, the manifest as JSON, and the signature of both. It is one file, so that no storage can
show half of a change.
"""

from __future__ import annotations

import hashlib
import json
import time
from enum import Enum
from typing import BinaryIO, Protocol

from pipfast.model.frozen_dataclass import dataclass

_MAGIC = b"pipfast-object "
_SCHEMES = (1, 2)
_HEADER_SIZE = 16 << 10  # bytes; longer headers are not ours

LONGEST = 90 * 86_400.0
"""The seconds for which an object is used: who keeps an old one can offer it no longer."""

_AHEAD = 86_400.0  # seconds that the clock of another machine may be ahead


class Fault(Enum):
    """Why an object is refused."""

    NOT_AN_OBJECT = "it is not an object of pipfast"
    BAD_SIGNATURE = "it was not signed with a key that is trusted here"
    OTHER_SCHEME = "it was signed in another way than is required here"
    OTHER_KEY = "it was made for something else"
    TOO_OLD = "it is too old"
    FROM_FUTURE = "it was made in the future"
    TRUNCATED = "it is incomplete"
    TOO_LONG = "it is longer than its manifest says"
    OTHER_CONTENT = "its content was changed"
    UNUSABLE = "its content cannot be used"


class Refused(Exception):
    """An object must not be used."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.value)
        self.fault = fault


class Canceled(Exception):
    """Nobody waits for the object any more."""


class Signer(Protocol):
    """Signs manifests, and decides whose signatures count."""

    @property
    def scheme(self) -> int:
        """Return the number of the kind of signature; no other kind counts."""
        ...

    @property
    def can_sign(self) -> bool:
        """Return whether this machine may sign."""
        ...

    def prepare(self) -> None:
        """Import what is needed. Raises LibraryMissing."""
        ...

    def signature(self, document: bytes) -> str:
        """Return the signature of a document."""
        ...

    def signs(self, document: bytes, signature: bytes) -> bool:
        """Return whether `signature` is one of the document by somebody who is trusted."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What an object is: the `key` that it was made for, and `sha256` and `size` of its content.

    `made` is the time in seconds since 1970, `seconds` how long the work took that it spares.
    `file` is the name of a file, empty for other content.
    """

    key: str
    sha256: str
    size: int
    made: float
    seconds: float
    file: str = ""


def sealed(manifest: Manifest, signer: Signer) -> bytes:
    """Return what stands before the content of an object."""
    fields = {name: getattr(manifest, name) for name in _FIELDS}
    document = _first_line(signer.scheme) + json.dumps(fields, sort_keys=True).encode() + b"\n"
    return document + signer.signature(document).encode() + b"\n"


def _first_line(scheme: int) -> bytes:
    return _MAGIC + str(scheme).encode() + b"\n"


_FIELDS = {"key": str, "sha256": str, "size": int, "made": (int, float), "seconds": (int, float),
           "file": str}  # fmt: skip


class Receiver:
    """Takes the bytes of the object for `key` as they come, and writes its content to `file`.

    `write` and `finish` raise Refused as soon as the object is known to be wrong: nothing is read
    of an object that is not signed. After `cancel`, `write` raises Canceled.
    """

    def __init__(self, key: str, signer: Signer, file: BinaryIO) -> None:
        self.manifest: Manifest | None = None
        self.received = 0
        """Bytes of the content so far."""
        self._key = key
        self._signer = signer
        self._file = file
        self._head = b""
        self._digest = hashlib.sha256()
        self._is_canceled = False

    def cancel(self) -> None:
        """Let the sender fail."""
        self._is_canceled = True

    def write(self, chunk: bytes) -> None:
        """Take the next bytes."""
        if self._is_canceled:
            raise Canceled
        if self.manifest is None:
            self._head += chunk
            lines = self._head.split(b"\n", 3)
            if len(lines) < 4:
                wrong = len(self._head) > _HEADER_SIZE or not _may_begin(self._head)
                if wrong:
                    raise Refused(Fault.NOT_AN_OBJECT)
                return
            if sum(map(len, lines[:3])) > _HEADER_SIZE:
                raise Refused(Fault.NOT_AN_OBJECT)
            self.manifest = _verified(lines[:3], self._key, self._signer)
            chunk, self._head = lines[3], b""
        self.received += len(chunk)
        if self.received > self.manifest.size:
            raise Refused(Fault.TOO_LONG)
        self._digest.update(chunk)
        self._file.write(chunk)

    def finish(self) -> Manifest:
        """Return the manifest of the whole object, which is verified now."""
        if self.manifest is None or self.received < self.manifest.size:
            raise Refused(Fault.TRUNCATED)
        if self._digest.hexdigest() != self.manifest.sha256:
            raise Refused(Fault.OTHER_CONTENT)
        return self.manifest


def _may_begin(head: bytes) -> bool:
    return head[: len(_MAGIC)] == _MAGIC[: len(head)]


def _verified(lines: list[bytes], key: str, signer: Signer) -> Manifest:
    """Return the manifest of the first three lines of an object. Raises Refused.

    The signature is checked before anything is parsed.
    """
    first, document, signature = lines
    first_line = _first_line(signer.scheme)
    if first + b"\n" != first_line:
        is_known = first + b"\n" in map(_first_line, _SCHEMES)
        raise Refused(Fault.OTHER_SCHEME if is_known else Fault.NOT_AN_OBJECT)
    if not signer.signs(first_line + document + b"\n", signature):
        raise Refused(Fault.BAD_SIGNATURE)
    try:
        fields = json.loads(document)
        for name, kind in _FIELDS.items():
            if not isinstance(fields[name], kind):  # type: ignore[arg-type]
                raise Refused(Fault.NOT_AN_OBJECT)
        manifest = Manifest(**{name: fields[name] for name in _FIELDS})
    except (ValueError, KeyError, TypeError, RecursionError):
        raise Refused(Fault.NOT_AN_OBJECT) from None
    if manifest.key != key:
        raise Refused(Fault.OTHER_KEY)
    age = time.time() - manifest.made
    if age > LONGEST:
        raise Refused(Fault.TOO_OLD)
    if age < -_AHEAD:
        raise Refused(Fault.FROM_FUTURE)
    return manifest
