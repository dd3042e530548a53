"""Packs: the bytecode of one wheel in one file, as machines share it.

Blocks of compressed code come first, then the index as compressed JSON, then the length of that in
eight bytes. Code is what follows the header of a ``.pyc``: headers state time, size or hash of the
source on a machine, so each makes its own. The index names all modules of the wheel, so a pack fits
one list of modules and no other, and names of a pack are never used as paths.
"""

from __future__ import annotations

import json
import os
import zlib
from collections.abc import Iterator, Sequence
from typing import Any, BinaryIO

from pipfast.store.wheels.bytecode_packs import Block, PackedModule, UnusablePack
from pipfast.store.wheels.manifest import Archive, Bytecode

_FORMAT = 1
_HEADER = 16  # bytes before the code (PEP 552)
_LENGTH = 8  # bytes of the length of the index
_INDEX_SIZE = 32 << 20  # bytes of an index, unpacked; a module takes about 60
_LEVEL = 4  # of compression: 3 % more bytes than with zlib's 6, in half of the time
_BLOCK = 1 << 20  # bytes of code after which a block ends
_BLOCK_SIZE = 1 << 28  # bytes of code in a block, which a worker has in memory


def read_pack(path: str, archive: Archive, magic: str) -> list[Block]:
    """Return the blocks of a pack for `archive`, for bytecode with the number `magic`.

    `magic` is in hexadecimal. Nothing is returned of a pack that lacks a module of the archive, has
    another one, or was made for a source of another size. Raises UnusablePack, OSError.
    """
    with open(path, "rb") as file:
        index, end = _index(file)
    try:
        if index["format"] != _FORMAT or index["magic"] != magic:
            raise UnusablePack
        sizes = [(name, size, code) for name, size, code in index["modules"]]
        blocks = [(count, packed) for count, packed in index["blocks"]]
    except (KeyError, TypeError, ValueError):
        raise UnusablePack from None
    own = _modules(archive)
    if [(name, size) for name, size, _ in sizes] != [(name, size) for _, name, size in own]:
        raise UnusablePack
    numbers = [*(code for _, _, code in sizes), *(one for block in blocks for one in block)]
    if any(type(one) is not int or one < 0 for one in numbers):
        raise UnusablePack
    modules = [(number, size, sizes[at][2]) for at, (number, _, size) in enumerate(own)]
    return list(_blocks(blocks, modules, end))


def _blocks(
    stated: Sequence[tuple[int, int]], modules: Sequence[PackedModule], end: int
) -> Iterator[Block]:
    """Yield blocks, which must have all modules and end at the offset `end`."""
    at = offset = 0
    for count, packed in stated:
        part = tuple(modules[at : at + count])
        if len(part) != count or sum(code for _, _, code in part) > _BLOCK_SIZE:
            raise UnusablePack
        yield Block(offset, packed, part)
        at, offset = at + count, offset + packed
    if at != len(modules) or offset != end:
        raise UnusablePack


def _index(file: BinaryIO) -> tuple[Any, int]:
    """Return the index of a pack, and the offset at which its blocks end."""
    size = file.seek(0, os.SEEK_END)
    file.seek(max(0, size - _LENGTH))
    length = int.from_bytes(file.read(_LENGTH), "little")
    begin = size - _LENGTH - length
    if begin < 0 or length > _INDEX_SIZE:
        raise UnusablePack
    file.seek(begin)
    unpacker = zlib.decompressobj()
    try:
        text = unpacker.decompress(file.read(length), _INDEX_SIZE)
        if not unpacker.eof or unpacker.unused_data:
            raise UnusablePack
        return json.loads(text), begin
    except (zlib.error, ValueError, RecursionError):
        raise UnusablePack from None


def write_pack(file: BinaryIO, archive: Archive, key: str, known: Bytecode, magic: str) -> None:
    """Write a pack of the bytecode of `archive` for the interpreter `key`.

    Raises UnusablePack if the bytecode is no longer as it was compiled (`known`), and OSError.
    """
    sizes = {number: (size, checksum) for number, size, checksum in known.modules}
    rows: list[tuple[str, int, int]] = []
    blocks: list[tuple[int, int]] = []
    waiting: list[bytes] = []
    total = 0
    for number, name, size in _modules(archive):
        code = b""
        if number in sizes:
            code = _code(os.path.join(archive.bytecode_folder(key), str(number)), *sizes[number])
        rows.append((name, size, len(code)))
        waiting.append(code)
        total += len(code)
        if total > _BLOCK:
            blocks.append(_written(file, waiting))
            total = 0
    if waiting:
        blocks.append(_written(file, waiting))
    index = {"format": _FORMAT, "magic": magic, "modules": rows, "blocks": blocks}
    packed = zlib.compress(json.dumps(index, separators=(",", ":")).encode())
    file.write(packed + len(packed).to_bytes(_LENGTH, "little"))


def _written(file: BinaryIO, waiting: list[bytes]) -> tuple[int, int]:
    """Write a block of the code that is waiting; return its modules and bytes."""
    packed = zlib.compress(b"".join(waiting), _LEVEL)
    count = len(waiting)
    waiting.clear()
    file.write(packed)
    return count, len(packed)


def _code(path: str, size: int, checksum: int) -> bytes:
    """Return a file of bytecode without its header."""
    with open(path, "rb") as file:
        data = file.read(size + 1)
    if len(data) != size or zlib.crc32(data) != checksum:
        raise UnusablePack
    return data[_HEADER:]


def _modules(archive: Archive) -> list[tuple[int, str, int]]:
    """Return numbers, names and sizes of all modules of an archive."""
    return [
        (number, name, archive.sizes[number])
        for number, name in enumerate(archive.names)
        if name.endswith(".py")
    ]
