"""Snapshots of a folder's files, and the differences between two snapshots."""

from __future__ import annotations

import difflib
import io
import marshal
import stat
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from compat.kit.repositories import state

HEADER = 16
"""Bytes before the code object in a ``.pyc`` file (PEP 552)."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A folder, link, git repository or file; `body` is its content, target or state."""

    kind: str
    mode: int
    body: bytes = b""
    fresh: bool = True
    """For bytecode: whether it is valid for the source beside it (mtime and size)."""


Tree = Mapping[str, Entry]


def _walk(folder: Path, skip: frozenset[Path]) -> Iterator[Path]:
    for path in sorted(folder.iterdir()):
        if path in skip:
            continue
        yield path
        if path.is_dir() and not path.is_symlink() and path.name != ".git":
            yield from _walk(path, skip)


def _fresh(path: Path, body: bytes) -> bool:
    source = path.parent.parent / f"{path.name.split('.')[0]}.py"
    if len(body) < HEADER or int.from_bytes(body[4:8], "little") != 0 or not source.is_file():
        return True
    status = source.stat()
    mtime, size = int.from_bytes(body[8:12], "little"), int.from_bytes(body[12:16], "little")
    return (mtime, size) == (int(status.st_mtime) & 0xFFFFFFFF, status.st_size & 0xFFFFFFFF)


def _entry(path: Path) -> Entry:
    status = path.lstat()
    mode = stat.S_IMODE(status.st_mode)
    if path.is_symlink():
        return Entry("link", 0, str(path.readlink()).encode())
    if path.name == ".git" and path.is_dir():  # contains times and packs, which differ in each run
        return Entry("repository", mode, state(path.parent).encode())
    if path.is_dir():
        return Entry("folder", mode)
    body = path.read_bytes()
    if path.suffix == ".pyc":
        return Entry("bytecode", mode, body, _fresh(path, body))
    return Entry("file", mode, body)


def tree(folder: Path, skip: Iterable[Path] = ()) -> Tree:
    """Return everything below `folder` except `skip`, keyed by relative path.

    A file that disappears meanwhile is temporary and left out.
    """
    found = {}
    for path in _walk(folder, frozenset(skip)):
        with suppress(FileNotFoundError):
            found[path.relative_to(folder).as_posix()] = _entry(path)
    return found


def _bytecode_difference(one: bytes, other: bytes) -> str | None:
    """Return how two bytecode files differ, None if Python considers the code objects equal.

    The file name in the code objects is ignored: Python replaces it with the module's real path
    when it loads bytecode from a file.
    """
    if one[:8] != other[:8]:
        return "another magic number or another kind of validation (PEP 552)"
    if one[HEADER:] == other[HEADER:]:
        return None
    try:
        codes = marshal.loads(one[HEADER:]), marshal.loads(other[HEADER:])
    except (EOFError, ValueError, TypeError) as error:
        return f"no bytecode: {error}"
    return None if codes[0] == codes[1] else "another code object"


def _in_zip(body: bytes) -> bytes:
    """Return a ZIP file's content without times; for a repository, whether it needs another one."""
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        rows = [
            f"{one.filename} {one.external_attr >> 16:o} {one.CRC:x}\n"
            for one in archive.infolist()
            if not one.filename.endswith(".pyc")
            and (
                "/.git/" not in one.filename or one.filename.endswith(("/.git/HEAD", "/alternates"))
            )
        ]
    return "".join(sorted(rows)).encode()


def _text_difference(path: str, one: bytes, other: bytes) -> list[str]:
    try:
        old, new = one.decode().splitlines(), other.decode().splitlines()
    except UnicodeDecodeError:
        return [f"{path}: other bytes"]
    rows = [*difflib.unified_diff(old, new, f"pip: {path}", f"pipfast: {path}", n=0, lineterm="")]
    return rows or [f"{path}: other line ends"]


def _entry_differences(path: str, one: Entry, other: Entry) -> list[str]:
    if one.kind != other.kind:
        return [f"{path}: pip has a {one.kind}, pipfast a {other.kind}"]
    found = []
    if one.mode != other.mode:
        found.append(f"{path}: mode {one.mode:o} with pip, {other.mode:o} with pipfast")
    if one.kind == "bytecode":
        if difference := _bytecode_difference(one.body, other.body):
            found.append(f"{path}: {difference}")
        if one.fresh != other.fresh:
            found.append(f"{path}: valid with pip {one.fresh}, with pipfast {other.fresh}")
    elif one.body != other.body and path.endswith(".zip"):
        old, new = (_in_zip(each.body) for each in (one, other))
        found += _text_difference(path, old, new) if old != new else []
    elif one.body != other.body:
        found += _text_difference(path, one.body, other.body)
    return found


def differences(one: Tree, other: Tree) -> list[tuple[str, str]]:
    """Yield pairs of path and description, none if the trees are equal."""
    found: list[tuple[str, str]] = []
    for path in sorted(one.keys() | other.keys()):
        if path not in other:
            found.append((path, f"{path}: only with pip"))
        elif path not in one:
            found.append((path, f"{path}: only with pipfast"))
        else:
            rows = _entry_differences(path, one[path], other[path])
            found += [(path, row) for row in rows]
    return found
