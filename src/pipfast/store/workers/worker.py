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
from time import process_time

if __name__ == "__main__":  # in an interpreter whose path does not contain pipfast
    sys.path.append(__file__.rsplit(os.sep, 4)[0])

from pipfast.store.filesystem.umask import current_umask
from pipfast.store.workers import zip_faults
from pipfast.store.workers.file_writer import PARENTS, end_if_orphaned, write, write_executable
from pipfast.store.workers.linker import link
from pipfast.store.workers.module_compiler import HASHED, bytecode, header
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
    WriteModules,
    WrittenModules,
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

_CODE = 0x63  # type of a code object, with which its marshalled form begins (CPython, PyPy)
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
    rows, texts = [], {}
    modules = _Modules(compiled, job.mtime)
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
            modules.compile(raw, number, name)
    return UnpackedPart(rows, modules.done, texts, modules.seconds)


def _text(path: str, member: Member, raw: bytes) -> bytes:
    """Return the content of a metadata file. Raises BadWheelError for one that is too large."""
    if member.size > (RECORD_SIZE if member.name.endswith("/RECORD") else SMALL_SIZE):
        raise BadWheelError(zip_faults.TOO_LARGE, repr(member.name))
    if len(raw) == member.size:
        return raw
    with open(path, "rb") as file:
        return file.read()


class _Modules:
    """Bytecode in `folder`, which ends with a separator, of sources with the time `mtime`.

    `done` describes the files, `seconds` are the processor seconds that compiling took.
    """

    def __init__(self, folder: str, mtime: int) -> None:
        self.done: list[CompiledModule] = []
        self.seconds = 0.0
        self._folder = folder
        self._mtime = mtime

    def compile(self, source: bytes, number: int, name: str) -> None:
        """Write the bytecode of a module, if it can be compiled. Raises OSError."""
        began = process_time()
        code = bytecode(source, name, self._mtime)
        self.seconds += process_time() - began
        if code is not None:
            self.write(number, code)

    def write(self, number: int, code: bytes) -> None:
        """Write the bytecode of a module. Raises OSError."""
        write(self._folder + str(number), (code,), 0o666, self._mtime)
        self.done.append((number, len(code), zlib.crc32(code)))


def _source(folder: str, number: int, size: int, mtime: int) -> bytes | None:
    """Return the source of a module of an unpacked wheel, None if it was changed since."""
    try:
        with open(os.path.join(folder, "files", str(number)), "rb") as file:
            moment = os.fstat(file.fileno()).st_mtime_ns
            source = file.read()
    except FileNotFoundError:
        return None
    if len(source) != size or moment != mtime * 1_000_000_000:
        return None
    return source


def compile_modules(job: CompileModules) -> CompiledModules:
    """Compile modules of an unpacked wheel. Raises OSError."""
    modules = _Modules(os.path.join(job.target, ""), job.mtime)
    for number, name, size in job.modules:
        end_if_orphaned()
        source = _source(job.folder, number, size, job.mtime)
        if source is None:
            return CompiledModules(modules.done, changed=True, seconds=modules.seconds)
        modules.compile(source, number, name)
    return CompiledModules(modules.done, changed=False, seconds=modules.seconds)


def write_modules(job: WriteModules) -> WrittenModules:
    """Write bytecode that was compiled elsewhere. Raises OSError."""
    modules = _Modules(os.path.join(job.target, ""), job.mtime)
    codes = _codes(job)
    if codes is None:
        return WrittenModules([], sound=False, changed=False)
    for (number, size, _), code in zip(job.modules, codes):  # noqa: B905 - not in Python 3.7
        end_if_orphaned()
        source: bytes | None = b""
        if code and HASHED:
            source = _source(job.folder, number, size, job.mtime)
        if source is None:
            return WrittenModules([], sound=True, changed=True)
        if code:
            modules.write(number, header(source, size, job.mtime) + code)
    return WrittenModules(modules.done, sound=True, changed=False)


def _codes(job: WriteModules) -> list[bytes] | None:
    """Return the code of each module of a block, None if the block is not as stated."""
    with open(job.pack, "rb") as file:
        file.seek(job.offset)
        packed = file.read(job.packed)
    total = sum([code for _, _, code in job.modules])
    unpacker = zlib.decompressobj()
    try:
        block = unpacker.decompress(packed, total + 1)
    except zlib.error:
        return None
    if len(block) != total or not unpacker.eof or unpacker.unused_data:
        return None
    codes, at = [], 0
    for _, _, size in job.modules:
        codes.append(block[at : at + size])
        at += size
    are_codes = all(not code or code[0] & 0x7F == _CODE for code in codes)
    return codes if are_codes else None


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
    if isinstance(job, WriteModules):
        return write_modules(job)
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
