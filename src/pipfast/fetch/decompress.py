"""Decompress tar files, with limits on the size of the result and on memory."""

from __future__ import annotations

import tarfile
from collections.abc import Iterator
from importlib import import_module
from typing import IO, Any
from zlib import error as ZlibError  # noqa: N812 - zlib calls it "error"

from pipfast.fetch.archive_limits import DICTIONARY_SIZE, UnpackedSizes
from pipfast.model.input_limits import LimitExceeded, Unit

BZIP = (".tar.bz2", ".tbz")
LZMA = (".tar.xz", ".txz", ".tlz", ".tar.lz", ".tar.lzma")

_MARKS = {b"\x1f\x8b": "gz", b"BZh": "bz2", b"\xfd7zXZ\0": "xz", b"\x5d\0\0": "xz"}
"""The first bytes of compressed files."""

IN_MEMORY = 32 << 20
"""Archives up to this size are decompressed in memory."""

_CHUNK = 256 * 1024

_HEAD = 4096
"""Bytes that contain the first header of an LZMA stream, which says how much memory it takes."""


def compression_of(archive: str) -> str:
    """Return the compression of the tar file in tarfile's notation, by its name or first bytes."""
    lower = archive.lower()
    if lower.endswith((".gz", ".tgz")):
        return "gz"
    if lower.endswith(BZIP):
        return "bz2"
    if lower.endswith(LZMA):
        return "xz"
    if lower.endswith(".tar"):
        return ""
    with open(archive, "rb") as file:
        head = file.read(6)
    return next((kind for mark, kind in _MARKS.items() if head.startswith(mark)), "*")


def is_lzma(archive: str) -> bool:
    """Return whether the file begins like LZMA data, which need not have a mark.

    tarfile tries this for a file of unknown compression, without a limit on memory. Raises
    LimitExceeded.
    """
    try:
        lzma = import_module("lzma")
    except ImportError:
        return False
    with open(archive, "rb") as file:
        head = file.read(_HEAD)
    try:
        lzma.LZMADecompressor(memlimit=DICTIONARY_SIZE).decompress(head, 1)
    except lzma.LZMAError as error:
        _check_memory(archive, error)
        return False
    return bool(head)


def _check_memory(archive: str, error: Exception) -> None:
    """Raise LimitExceeded if `error`, an LZMAError, says that too much memory was needed."""
    if "limit" in str(error):
        raise LimitExceeded(archive, DICTIONARY_SIZE >> 20, Unit.DICTIONARY) from None


def decompressed_into(archive: str, kind: str, space: IO[bytes]) -> bool:
    """Decompress the archive into `space`; return False if it is truncated."""
    sizes = UnpackedSizes(archive)
    try:
        for piece in _pieces(archive, kind):
            sizes.add(len(piece))
            space.write(piece)
    except (EOFError, OSError, ValueError, ZlibError, tarfile.TarError):
        return False
    except Exception as error:
        if type(error).__name__ != "LZMAError":  # a Python may lack the module
            raise
        _check_memory(archive, error)
        return False
    space.seek(0)
    return True


def _pieces(archive: str, kind: str) -> Iterator[bytes]:
    """Yield the decompressed archive. Raises what the decompressor raises."""
    name = {"gz": "gzip", "bz2": "bz2", "xz": "lzma"}[kind]
    try:
        module = import_module(name)
    except ImportError:
        raise tarfile.CompressionError(f"{name} module is not available") from None
    if kind == "xz":
        yield from _unpacked_lzma(archive, module)
        return
    with module.open(archive) as source:
        while chunk := source.read(_CHUNK):
            yield chunk


def _unpacked_lzma(archive: str, lzma: Any) -> Iterator[bytes]:
    """Yield the content of all streams, like `lzma.open`, with a limit on memory.

    What follows the first stream and is none is ignored. Raises LZMAError and EOFError.
    """
    with open(archive, "rb") as file:
        data, streams = file.read(_CHUNK), 0
        while data:
            unpacker = lzma.LZMADecompressor(memlimit=DICTIONARY_SIZE)
            try:
                while not unpacker.eof:
                    yield unpacker.decompress(data, _CHUNK)
                    data = b""
                    if unpacker.needs_input and not unpacker.eof:
                        data = file.read(_CHUNK)
                        if not data:
                            raise EOFError
            except lzma.LZMAError as error:
                if streams and "limit" not in str(error):
                    return
                raise
            streams += 1
            data = unpacker.unused_data.lstrip(b"\0") or file.read(_CHUNK).lstrip(b"\0")
