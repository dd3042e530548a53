"""Messages arrive as they were sent, and the worker's modules suit old Pythons."""

from __future__ import annotations

import ast
import marshal
import subprocess
import sys
from pathlib import Path

import pytest

from pipfast.store.filesystem import umask
from pipfast.store.workers import protocol, wheel_limits, worker, zip_directory, zip_reader
from pipfast.store.workers.protocol import (
    CheckedModules,
    CheckModules,
    CompiledModules,
    CompileModules,
    LinkedFiles,
    LinkFiles,
    UnpackedPart,
    UnpackWheel,
    WorkerFailed,
    WriteModules,
    WrittenModules,
    answer_in,
    encoded,
    job_in,
    length,
)

JOBS = [
    UnpackWheel("a.whl", "folder", "", 1_600_000_000, 0, 1),
    CompileModules("folder", "target", 1_600_000_000, [(1, "a.py", 4)]),
    WriteModules("pack", 1, 90, "folder", "target", 1_600_000_000, [(1, 4, 384)]),
    CheckModules("folder", [(1, 400, 0xFFFFFFFF)]),
    LinkFiles(
        ["copy"], [("source", 2, [("target", [("a", 0, 4, 0o644)])])], [("b", b"", 0o555, "")]
    ),
]
ANSWERS = [
    UnpackedPart([(0, "a.py", 4, False)], [(0, 400, 7)], {"a.dist-info/RECORD": b"\xff"}, 0.1),
    CompiledModules([(0, 400, 7)], changed=False, seconds=0.1),
    WrittenModules([(0, 400, 7)], sound=True, changed=False),
    CheckedModules(sound=True),
    LinkedFiles(["source"]),
    WorkerFailed("KeyError: 'x'"),
]


@pytest.mark.parametrize("job", JOBS)
def test_a_job_arrives_as_it_was_sent(job: protocol.Job) -> None:
    sent = encoded(job)
    assert length(sent[:4]) == len(sent[4:])
    received = job_in(sent[4:])
    assert (received, type(received)) == (job, type(job))


@pytest.mark.parametrize("answer", ANSWERS)
def test_an_answer_arrives_as_it_was_sent(answer: protocol.Answer) -> None:
    received = answer_in(encoded(answer)[4:])
    assert (received, type(received)) == (answer, type(answer))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"no marshalled value",
        marshal.dumps(7),
        marshal.dumps(()),
        marshal.dumps(("WorkerFailed",)),
        marshal.dumps(("LinkFiles", [], [], [])),
    ],
)
def test_anything_else_is_no_answer(data: bytes) -> None:
    with pytest.raises(ValueError, match="not a message"):
        answer_in(data)


@pytest.mark.parametrize(
    "module", [protocol, umask, wheel_limits, worker, zip_directory, zip_reader]
)
def test_the_modules_of_a_worker_have_the_syntax_of_python_3_7(module: object) -> None:
    path = Path(str(vars(module)["__file__"]))
    ast.parse(path.read_text(encoding="utf-8"), feature_version=(3, 7))


def test_a_worker_does_without_slow_modules() -> None:
    program = (
        f"import sys; sys.path.append({str(Path(worker.__file__).parents[3])!r});"
        "import pipfast.store.workers.worker; print(*sys.modules)"
    )
    command = [sys.executable, "-I", "-S", "-c", program]
    loaded = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    assert {"typing", "inspect", "dataclasses", "pathlib", "subprocess"}.isdisjoint(loaded)
    ours = {name for name in loaded if name.startswith("pipfast.") and name.count(".") == 3}
    assert ours == {
        "pipfast.store.workers.worker", "pipfast.store.workers.protocol",
        "pipfast.store.workers.zip_reader", "pipfast.store.workers.zip_directory",
        "pipfast.store.workers.zip_faults", "pipfast.store.workers.wheel_limits",
        "pipfast.store.workers.file_writer", "pipfast.store.workers.linker",
        "pipfast.store.workers.module_compiler", "pipfast.store.filesystem.umask",
    }  # fmt: skip
