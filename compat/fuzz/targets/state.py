"""pipfast's own files and messages: journal, manifest, traces, stored pages, workers' answers."""

from __future__ import annotations

import hmac
import json
import marshal
import os
from contextlib import suppress
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from compat.fuzz.target import Disagreement, Target
from compat.fuzz.targets.files import scratch
from pipfast.model.file_row import FileRow
from pipfast.store.filesystem.root import Store
from pipfast.store.page_cache import CorruptEntry, Validity, compose, parse_entry
from pipfast.store.wheels.manifest import seal, unseal
from pipfast.store.workers.protocol import answer_in, job_in
from pipfast.trace import resolution_trace, satisfied_install
from pipfast.transaction.errors import JournalRefused
from pipfast.transaction.journal import Journal
from pipfast.transaction.journal_file import JournalFile
from pipfast.transaction.journal_keys import JournalKeys
from pipfast.transaction.journal_paths import EnvironmentFolders
from pipfast.transaction.reserved_names import TRANSACTION_FOLDER


@cache
def _environment() -> tuple[Path, JournalKeys, EnvironmentFolders]:
    root = scratch() / "environment"
    (root / "lib" / TRANSACTION_FOLDER).mkdir(parents=True, mode=0o700)
    (root / "bin").mkdir()
    keys = JournalKeys(str(scratch() / "keys"))
    folders = EnvironmentFolders({"lib": str(root / "lib"), "scripts": str(root / "bin")})
    return root, keys, folders


def _journal(data: bytes) -> None:
    """Read records with valid signatures; every path must be in the environment."""
    root, keys, folders = _environment()
    folder = root / "lib" / TRANSACTION_FOLDER
    secret = keys.signing_key("0" * 16).secret
    signature, lines = b"", []
    for text in (b'{"identity":"0000000000000000"}', *data.split(b"\n")):
        signature = hmac.digest(secret, signature + text, "sha256").hex().encode()
        lines.append(signature + b" " + text + b"\n")
    journal = _read(folder, b"".join(lines), keys, folders)
    if journal is not None:
        for change in journal.content.changes:
            for path in (*change.copies, *(each for move in change.moves for each in move)):
                if not os.path.realpath(path).startswith(str(root) + os.sep):
                    raise Disagreement(f"{path} is outside {root}")


def _journal_file(data: bytes) -> None:
    root, keys, folders = _environment()
    if _read(root / "lib" / TRANSACTION_FOLDER, data, keys, folders) is not None:
        raise Disagreement("a journal without a signature is obeyed")


def _read(
    folder: Path, content: bytes, keys: JournalKeys, folders: EnvironmentFolders
) -> Journal | None:
    path = folder / "journal"
    path.write_bytes(content)
    path.chmod(0o600)
    try:
        file, records = JournalFile.open(str(folder), keys, writable=False)
    except (JournalRefused, FileNotFoundError):
        return None
    try:
        return Journal.read(file, records, folders)
    except JournalRefused:
        return None
    finally:
        file.close()


def _manifest(data: bytes) -> None:
    """Damage is found by a checksum, which is no secret: what it belongs to is our own."""
    mark = len(_SEALED[0]) - len(_SEALED[0].partition(b"\n")[2])
    is_sealed = data[mark : mark + 32] == sha256(data[mark + 32 :]).digest()
    try:
        if data in _SEALED or not is_sealed:
            unseal(data)
    except ValueError:
        if data in _SEALED:
            raise
    else:
        if data not in _SEALED and not is_sealed:
            raise Disagreement("a damaged manifest is accepted")


def _satisfied(data: bytes) -> None:
    store = _store("traces", satisfied_install.key_of("asked"), data)
    lines = satisfied_install.recall(store, "asked")
    if lines is not None and not all(isinstance(line, str) for line in lines):
        raise Disagreement(repr(lines))


def _resolution(data: bytes) -> None:
    store = _store("traces", satisfied_install.key_of("asked"), data)
    resolution_trace.recall(store, "asked", lambda _: False)


def _store(area: str, key: str, data: bytes) -> Store:
    store = Store(scratch() / "store")
    path = store.path(area, key)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return store


def _page(data: bytes) -> None:
    try:
        page = parse_entry(data, 0.0)
        for position in range(len(page.versions)):
            page.rows(position)
    except CorruptEntry:
        return
    if data not in _ENTRIES:
        page.is_fresh(1.0)


def _worker(data: bytes) -> None:
    """Read a message of these values, whole and cut off.

    marshal itself cannot stand arbitrary bytes; it only gets those of our own processes.
    """
    try:
        values = json.loads(data)
    except (ValueError, RecursionError):
        return
    if not isinstance(values, list):
        return
    try:
        whole = marshal.dumps(tuple(values), 4)
    except ValueError:
        return
    for part in (whole, whole[: len(data) % (len(whole) + 1)]):
        for read in (answer_in, job_in):
            with suppress(ValueError):
                read(part)


def _trace(**fields: Any) -> bytes:
    return json.dumps({"asked": "asked", **fields}).encode()


_CHOSEN = {
    "name": "demo",
    "version": "1.0",
    "link": [
        "https://h.test/demo-1.0-py3-none-any.whl",
        "",
        ["sha256:aa"],
        ">=3.8",
        None,
        [],
        None,
        5,
        "https://h.test/demo/",
    ],
    "metadata": ["demo", "1.0", ["a; extra == 'x'"], None, ["x"], [], "2.1"],
    "ask": ["demo", [], ["sha256:aa"], True],
    "extras": ["x"],
    "weight": 1,
}
_SEALED = [seal((1, 2, ("demo.whl", ("a",), (1,)))), seal([1, 2, 3])]
_ROW = FileRow("https://h.test/demo-1.0-py3-none-any.whl", ["sha256:aa"], ">=3.8")
_ENTRIES = [
    compose("https://h.test/", [("1.0", [_ROW])], Validity(etag="x", lifetime=600.0))[1],
    compose("https://h.test/", [], Validity())[1],
]
_MOVE = {
    "created": [["lib", "demo"]],
    "moves": [[["@0", "1"], ["lib", "demo/x.py"]]],
    "copies": [],
    "emptied": [["scripts", "x"]],
    "cleared": [],
}
_JSON = [
    b"{",
    b"}",
    b"[",
    b"]",
    b",",
    b":",
    b'"',
    b"null",
    b"true",
    b"1",
    b'""',
    b"{}",
    b"[]",
    b"\\u0000",
]

TARGETS = (
    Target(
        "journal",
        _journal,
        [
            json.dumps(_MOVE).encode() + b'\n{"decision":"commit"}',
            json.dumps({"stage": ["scripts", "", TRANSACTION_FOLDER]}).encode(),
            b'{"decision":"undo","since":5,"kept":[["lib","a"]],"dropped":[]}',
        ],
        [
            *_JSON,
            b'"moves":',
            b'"created":',
            b'"@0"',
            b'"@1"',
            b'"lib"',
            b"../",
            b"/",
            b"\n",
            b'"stage":',
            b"-1",
        ],
    ),
    Target(
        "journal-file",
        _journal_file,
        [b'00 {"identity":"0000000000000000"}\n'],
        [*_JSON, b"\n", b" "],
    ),
    Target("manifest", _manifest, _SEALED, [b"pipfast archive 2\n"]),
    Target(
        "trace-satisfied",
        _satisfied,
        [_trace(stamps=[["/nowhere", None, None]], lines=["a"]), _trace(stamps=[], lines=[])],
        [*_JSON, b'"stamps":', b'"lines":', b'"asked":"asked"', b"/"],
    ),
    Target(
        "trace-resolution",
        _resolution,
        [
            _trace(
                names=["demo"],
                pages=[],
                built={},
                chosen=[_CHOSEN],
                requested=["demo"],
                messages=[["INFO", "x"]],
            ),
            _trace(
                names=[],
                pages=[{"path": "/x", "number": 1, "lifetime": 5.0}],
                built={"a": "b"},
                chosen=[],
                requested=[],
                messages=[],
            ),
        ],
        [*_JSON, b'"chosen":', b'"pages":', b'"link":', b'"ask":', b'"messages":', b"demo", b"1.0"],
    ),
    Target("stored-page", _page, _ENTRIES, [*_JSON, b"\n", b" "]),
    Target(
        "worker-messages",
        _worker,
        [
            b'["UnpackWheel", "a.whl", "/f", "key", 1, 0, 1]',
            b'["UnpackedPart", [[0, "a", 1, false]], [0], {"RECORD": "x"}]',
            b'["CompiledModules", [1]]',
            b'["LinkedFiles", []]',
            b'["WorkerFailed", "x"]',
        ],
        [*_JSON, b'"WheelUnreadable"', b'"LinkFiles"', b'"SystemFailed"'],
    ),
)
