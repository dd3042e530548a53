"""Compile a module as pip does; a script in Python 3.7 imports this module."""

from __future__ import annotations

import os
from importlib import _bootstrap_external

from pipfast.model.optimization import optimization

_to_pyc = _bootstrap_external._code_to_timestamp_pyc  # type: ignore[attr-defined]  # noqa: SLF001
_to_hashed = _bootstrap_external._code_to_hash_pyc  # type: ignore[attr-defined]  # noqa: SLF001
HASHED = bool(os.environ.get("SOURCE_DATE_EPOCH"))
"""Whether bytecode is validated by the source's hash instead of its time, as in py_compile."""
if HASHED:  # its import takes longer than everything else
    from importlib.util import source_hash

_HEADER = 16  # bytes
_OPTIMIZATION = min(optimization(os.environ.get("PYTHONOPTIMIZE")), 2)


def bytecode(source: bytes, name: str, mtime: int) -> bytes | None:
    """Return the content of a module's ``.pyc``, None if pip would not create one.

    `name` is shown in tracebacks until the module is imported, which replaces it with the real
    path.
    """
    if b"coding" in source[:400] and not _is_compiled_by_pip(_coding(source)):
        return None
    try:
        code = compile(source, name, "exec", dont_inherit=True, optimize=_OPTIMIZATION)
        if HASHED:
            return bytes(_to_hashed(code, source_hash(source)))
        return bytes(_to_pyc(code, mtime, len(source)))
    except Exception:  # noqa: BLE001 - whatever is wrong with it, it is installed as source
        return None


def header(source: bytes, size: int, mtime: int) -> bytes:
    """Return what stands before the code in a ``.pyc`` (PEP 552).

    `size` bytes of source have the time `mtime`; the `source` itself matters only if HASHED.
    """
    whole = _to_hashed(None, source_hash(source)) if HASHED else _to_pyc(None, mtime, size)
    return bytes(whole)[:_HEADER]


def _coding(source: bytes) -> str:
    """Return the encoding declared in a module's first two lines (PEP 263), or UTF-8.

    The second line does not count if the first one is code.
    """
    first, second = (*source[:400].split(b"\n", 2), b"")[:2]
    is_code = not first.strip(b" \t\f\r").startswith(b"#") and bool(first.strip())
    for line in (first,) if is_code else (first, second):
        comment, sign, rest = line.partition(b"coding")
        if sign and comment.lstrip().startswith(b"#") and rest[:1] in (b":", b"="):
            words = rest[1:].split()
            return words[0].decode("latin-1") if words else "utf-8"
    return "utf-8"


def _is_compiled_by_pip(coding: str) -> bool:
    """Return whether pip compiles modules with this encoding.

    pip imports nothing after it has started to install, not even codecs, and does not compile a
    module that needs one. These encodings need none, or one that pip has imported.
    """
    coding = coding.lower().replace("_", "-")
    return coding.startswith(("utf-8", "latin-1", "iso-latin-1")) or coding in (
        *("utf8", "u8", "utf", "cp65001", "ascii", "us-ascii", "646"),
        *("latin1", "iso8859-1", "iso-8859-1", "cp437", "437", "ibm437"),
    )
