"""Packs of bytecode taken apart and put together, to alter them."""

from __future__ import annotations

import json
import zlib
from dataclasses import dataclass
from typing import Any

CODE = 0x63
"""Type of a code object in marshalled data."""


@dataclass
class Pack:
    """A pack: its index, and the code of each module, in one block."""

    index: dict[str, Any]
    codes: list[bytes]

    @classmethod
    def of(cls, content: bytes) -> Pack:
        """Take a pack apart."""
        end = len(content) - 8
        begin = end - int.from_bytes(content[end:], "little")
        index = json.loads(zlib.decompress(content[begin:end]))
        code, at = b"", 0
        for _, packed in index["blocks"]:
            code += zlib.decompress(content[at : at + packed])
            at += packed
        codes = []
        for _, _, size in index["modules"]:
            codes.append(code[:size])
            code = code[size:]
        return cls(index, codes)

    def content(self, **changes: Any) -> bytes:
        """Put the pack together, with changes of its index."""
        block = zlib.compress(b"".join(self.codes))
        self.index["blocks"] = [(len(self.codes), len(block))]
        packed = zlib.compress(json.dumps({**self.index, **changes}).encode())
        return block + packed + len(packed).to_bytes(8, "little")

    def replace(self, name: str, code: bytes) -> None:
        """Give a module other code."""
        rows = self.index["modules"]
        at = next(at for at, row in enumerate(rows) if row[0] == name)
        self.codes[at] = code
        rows[at] = [name, rows[at][1], len(code)]
