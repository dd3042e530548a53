"""A worker process: unpack wheels, compile modules, link files.

Run as a script by the target's interpreter (``python -I -S worker.py``), because only that can
write its bytecode. It therefore uses only the standard library of Python 3.7. System calls
dominate the cost: every file takes one open, one write, one utime and one close.
"""

from __future__ import annotations

import gc
import os
import struct
import sys
import zlib
from _signal import (  # type: ignore[import-not-found]  # importing signal itself takes 3 ms
    SIG_IGN,
    SIGINT,
    signal,
)

if __name__ == "__main__":  # in an interpreter whose path does not contain pipfast
    sys.path.append(__file__.rsplit(os.sep, 4)[0])

from pipfast.store.filesystem.umask import current_umask
from pipfast.store.workers import zip_faults
from pipfast.store.workers.file_writer import PARENTS, end_if_orphaned, write, write_executable
from pipfast.store.workers.linker import link
from pipfast.store.workers.module_compiler import bytecode
from pipfast.store.workers.protocol import (
    CheckedModules,
    CheckModules,
    CompiledModules,
    CompileModules,
    SystemFailed,
    UnpackedPart,
    UnpackWheel,
    WheelUnreadable,
    WorkerFailed,
    encoded,
    job_in,
    length,
)
from pipfast.store.workers.wheel_limits import (
    RECORD_SIZE,
    SMALL_SIZE,
)
from pipfast.store.workers.zip_directory import BadWheelError, Member
from pipfast.store.workers.zip_reader import (
    FileSource,
    check_folders,
    content,
    is_large,
    members,
    pieces,
)

TYPE_CHECKING = False  # type checkers know this name; importing typing takes 5 ms
if TYPE_CHECKING:
    from pipfast.store.workers.protocol import (
        Answer,
        CompiledModule,
        Job,
        Result,
    )

_READ_BY_MANIFEST = (".dist-info/RECORD", ".dist-info/WHEEL", ".dist-info/entry_points.txt")


def _members_of_part(everything: list[Member], part: int, parts: int) -> list[tuple[int, Member]]:
    """Return the members of `part` out of `parts`, balanced by cost, with their numbers."""
    numbered = list(enumerate(everything))
    if parts == 1:
        return numbered
    total = sum(member.cost for member in everything)
    mine, so_far = [], 0
    for number, member in numbered:
        if (so_far + member.cost // 2) * parts // total == part:
            mine.append((number, member))
        so_far += member.cost
    return mine


def unpack(job: UnpackWheel) -> UnpackedPart:
    """Unpack a part of a wheel, and compile its modules. Raises OSError, BadWheelError."""
    with open(job.wheel, "rb", buffering=0) as file:
        return _unpack(job, FileSource(file))


def _unpack(job: UnpackWheel, data: FileSource) -> UnpackedPart:
    umask = current_umask()
    files = os.path.join(job.folder, "files", "")
    compiled = os.path.join(job.folder, "pyc", job.key, "")
    rows, modules, texts = [], [], {}
    if job.part == 0:
        check_folders(data)
    for number, member in _members_of_part(members(data), job.part, job.parts):
        end_if_orphaned()
        name = member.name
        raw = b"" if is_large(member) else content(member, data)
        whole = pieces(member, data) if is_large(member) else (raw,)
        if member.executable:
            write_executable(files + str(number), whole, job.mtime, umask)
        else:
            write(files + str(number), whole, 0o666, job.mtime)
        rows.append((number, name, member.size, member.executable))
        if name.count("/") == 1 and name.endswith(_READ_BY_MANIFEST):
            texts[name] = _text(files + str(number), member, raw)
        if job.key and name.endswith(".py") and not is_large(member):
            modules += _compiled(raw, number, name, compiled, job.mtime)
    return UnpackedPart(rows, modules, texts)


def _text(path: str, member: Member, raw: bytes) -> bytes:
    """Return the content of a metadata file. Raises BadWheelError for one that is too large."""
    if member.size > (RECORD_SIZE if member.name.endswith("/RECORD") else SMALL_SIZE):
        raise BadWheelError(zip_faults.TOO_LARGE, repr(member.name))
    if len(raw) == member.size:
        return raw
    with open(path, "rb") as file:
        return file.read()


def _compiled(
    source: bytes, number: int, name: str, folder: str, mtime: int
) -> list[CompiledModule]:
    """Write the bytecode of a module to `folder`, and describe it; empty if there is none."""
    code = bytecode(source, name, mtime)
    if code is None:
        return []
    write(folder + str(number), (code,), 0o666, mtime)
    return [(number, len(code), zlib.crc32(code))]


def compile_modules(job: CompileModules) -> CompiledModules:
    """Compile modules of an unpacked wheel. Raises OSError."""
    done: list[CompiledModule] = []
    target = os.path.join(job.target, "")
    for number, name, size in job.modules:
        end_if_orphaned()
        try:
            with open(os.path.join(job.folder, "files", str(number)), "rb") as file:
                moment = os.fstat(file.fileno()).st_mtime_ns
                source = file.read()
        except FileNotFoundError:
            return CompiledModules(done, changed=True)
        if len(source) != size or moment != job.mtime * 1_000_000_000:
            return CompiledModules(done, changed=True)
        done += _compiled(source, number, name, target, job.mtime)
    return CompiledModules(done, changed=False)


def check_modules(job: CheckModules) -> CheckedModules:
    """Compare bytecode with its checksums."""
    folder = os.path.join(job.folder, "")
    for number, size, checksum in job.modules:
        end_if_orphaned()
        try:
            with open(folder + str(number), "rb", buffering=0) as file:
                code = file.read(size + 1)
        except OSError:
            return CheckedModules(sound=False)
        if len(code) != size or zlib.crc32(code) != checksum:
            return CheckedModules(sound=False)
    return CheckedModules(sound=True)


def _done(job: Job) -> Result:
    """Run a job. Raises OSError; BadWheelError and what a damaged wheel causes."""
    if isinstance(job, UnpackWheel):
        return unpack(job)
    if isinstance(job, CompileModules):
        return compile_modules(job)
    if isinstance(job, CheckModules):
        return check_modules(job)
    return link(job)


def answer(job: Job) -> Answer:
    """Run a job; errors are returned as values."""
    try:
        return _done(job)
    except OSError as error:
        path = str(error.filename2 or error.filename or "")
        return SystemFailed(error.errno, error.strerror, path)
    except BadWheelError as error:
        return WheelUnreadable(error.fault, error.member)
    except (struct.error, ValueError):
        return WheelUnreadable(zip_faults.DAMAGED, "")
    except Exception as error:  # noqa: BLE001 - the main process reports it
        return WorkerFailed("%s: %s" % (type(error).__name__, error))  # noqa: UP031


def _answer_to(data: bytes) -> Answer:
    try:
        job = job_in(data)
    except ValueError as error:
        return WorkerFailed(str(error))
    return answer(job)


def main() -> None:
    """Answer requests until the input is closed."""
    import warnings

    warnings.simplefilter("ignore")  # of the compiled modules
    gc.disable()
    PARENTS.append(int(sys.argv[1]))
    signal(SIGINT, SIG_IGN)  # where it could not be blocked by the main process
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    requests = sys.stdin.buffer
    while True:
        head = requests.read(4)
        if len(head) < 4:
            return
        answer_to_it = encoded(_answer_to(requests.read(length(head))))
        try:
            answers.write(answer_to_it)
            answers.flush()
        except BrokenPipeError:  # the main process was killed
            os._exit(1)


if __name__ == "__main__":
    main()
