"""A worker process: unpack wheels, compile modules, link files.

Run as a script by the target's interpreter (``python -I -S worker.py``), because only that can
write its bytecode. It therefore uses only the standard library of Python 3.7. System calls
dominate the cost: every file takes one open, one write, one utime and one close.
"""

from __future__ import annotations

import errno
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
from importlib import _bootstrap_external

if __name__ == "__main__":  # in an interpreter whose path does not contain pipfast
    sys.path.append(__file__.rsplit(os.sep, 4)[0])

from pipfast.model.optimization import optimization
from pipfast.store.filesystem.umask import current_umask
from pipfast.store.workers import zip_faults
from pipfast.store.workers.protocol import (
    EXECUTABLE,
    CheckedModules,
    CheckModules,
    CompiledModules,
    CompileModules,
    LinkedFiles,
    LinkFiles,
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
    from collections.abc import Callable

    from pipfast.store.workers.protocol import (
        Answer,
        CompiledModule,
        GeneratedFile,
        Job,
        LinkedFile,
        Result,
    )

_OPEN = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
_READ_BY_MANIFEST = (".dist-info/RECORD", ".dist-info/WHEEL", ".dist-info/entry_points.txt")
_FICLONE = 0x40049409  # linux/fs.h
_CANNOT_LINK = (
    *(errno.EXDEV, errno.EPERM, errno.EACCES, errno.ENOSYS, errno.EMLINK),
    *(errno.EINVAL, errno.ENOTTY, errno.ENOTSUP, errno.EOPNOTSUPP),
)


_to_pyc = _bootstrap_external._code_to_timestamp_pyc  # type: ignore[attr-defined]  # noqa: SLF001
_to_hashed = _bootstrap_external._code_to_hash_pyc  # type: ignore[attr-defined]  # noqa: SLF001
_HASHED = bool(os.environ.get("SOURCE_DATE_EPOCH"))
"""Whether bytecode is validated by the source's hash instead of its time, as in py_compile."""
if _HASHED:  # its import takes longer than everything else
    from importlib.util import source_hash


_OPTIMIZATION = min(optimization(os.environ.get("PYTHONOPTIMIZE")), 2)


_PARENTS: list[int] = []
"""The main process, if this is a worker process and not the main process itself."""


def end_if_orphaned(getppid: Callable[[], int] = os.getppid) -> None:
    """End this process if the main process was killed, so that the next run has its files alone.

    Called before each file; costs a tenth of a microsecond.
    """
    if _PARENTS and getppid() != _PARENTS[0]:
        os._exit(1)


def write(path: str, pieces, mode: int, mtime: int) -> None:  # type: ignore[no-untyped-def]
    """Create the file `path`; `mtime` is in seconds, 0 for the current time."""
    handle = os.open(path, _OPEN, mode)
    try:
        for piece in pieces:
            end_if_orphaned()
            done = os.write(handle, piece) if piece else 0
            while done < len(piece):
                done += os.write(handle, piece[done:])
        if mtime and os.utime in os.supports_fd:
            os.utime(handle, (mtime, mtime))
    finally:
        os.close(handle)
    if mtime and os.utime not in os.supports_fd:
        os.utime(path, (mtime, mtime))


def write_executable(path: str, pieces, mtime: int, umask: int, mode: int = EXECUTABLE) -> None:  # type: ignore[no-untyped-def]
    """Create an executable file like `write`, with the permissions `mode` whatever the umask."""
    write(path, pieces, 0o777, mtime)
    if umask & mode:
        os.chmod(path, 0o777 & ~umask | mode)


def bytecode(source: bytes, name: str, mtime: int) -> bytes | None:
    """Return the content of a module's ``.pyc``, None if pip would not create one.

    `name` is shown in tracebacks until the module is imported, which replaces it with the real
    path.
    """
    if b"coding" in source[:400] and not _is_compiled_by_pip(_coding(source)):
        return None
    try:
        code = compile(source, name, "exec", dont_inherit=True, optimize=_OPTIMIZATION)
        if _HASHED:
            return bytes(_to_hashed(code, source_hash(source)))
        return bytes(_to_pyc(code, mtime, len(source)))
    except Exception:  # noqa: BLE001 - whatever is wrong with it, it is installed as source
        return None


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


def _clone(source: str, target: str) -> None:
    import fcntl

    with open(source, "rb") as old:
        handle = os.open(target, _OPEN, 0o600)
        try:
            fcntl.ioctl(handle, _FICLONE, old.fileno())
        except OSError:
            os.unlink(target)
            raise
        finally:
            os.close(handle)
    _copy_mode_and_time(source, target)


def _copy_mode_and_time(source: str, target: str) -> None:
    """Copy mode and time of `source` to `target`, because bytecode depends on the module's time."""
    facts = os.stat(source)
    os.chmod(target, facts.st_mode & 0o777)
    os.utime(target, ns=(facts.st_mtime_ns, facts.st_mtime_ns))


def _copy(source: str, target: str) -> None:
    with open(source, "rb") as old:
        write(target, iter(lambda: old.read(1 << 20), b""), 0o600, 0)
    _copy_mode_and_time(source, target)


_LINK_METHODS = {"clone": _clone, "hardlink": os.link, "copy": _copy}


class Linker:
    """Creates files with the first of `methods` that works, and keeps using it."""

    def __init__(self, methods: list[str]) -> None:
        self.methods = list(methods)
        self.user = os.geteuid() if hasattr(os, "geteuid") else None
        self.owner = self.user
        """The owner that the files of the source must have."""

    def start(self, source: str) -> None:
        """Copy if another user owns `source` or may write to it: he could change linked files."""
        if self.user is None:
            return
        facts = os.stat(source)
        self.owner = facts.st_uid
        if facts.st_uid != self.user or _is_open_to_others(facts):
            self.methods = ["copy"]

    def put(self, source: str, target: str) -> None:
        """Create a file. Raises OSError if no method works."""
        while True:
            try:
                _LINK_METHODS[self.methods[0]](source, target)  # type: ignore[operator]
            except (OSError, ImportError) as error:  # noqa: PERF203
                number = errno.ENOSYS if isinstance(error, ImportError) else error.errno
                left = os.path.lexists(target) and not isinstance(error, FileExistsError)
                if number not in _CANNOT_LINK or len(self.methods) == 1 or left:
                    raise
                if number == errno.EMLINK:
                    _copy(source, target)  # this file has reached the maximum number of links
                    return
                del self.methods[0]
            else:
                return


def _is_open_to_others(facts: os.stat_result) -> bool:
    """Return whether other users may write; a group with its user's number is private."""
    by_group = facts.st_mode & 0o020 and facts.st_gid != facts.st_uid
    return bool(facts.st_mode & 0o002 or by_group)


def link(job: LinkFiles) -> LinkedFiles:
    """Link files of archives into folders, and write generated files. Raises OSError."""
    changed = []
    for source, mtime, folders in job.groups:
        linker = Linker(job.methods)
        try:
            linker.start(source)
            for folder, files in folders:
                make_folder(folder)
                if not _fill(linker, source + os.sep, mtime, folder + os.sep, files):
                    changed.append(source)
        except FileNotFoundError:
            changed.append(source)
    for file in job.writes:
        _write_generated(file)
    return LinkedFiles(changed)


def _fill(linker: Linker, source: str, mtime: int, folder: str, files: list[LinkedFile]) -> bool:
    """Create the files of a folder; return False if one of them is not as it was unpacked."""
    stat, put, owner, moment = os.stat, linker.put, linker.owner, mtime * 1_000_000_000
    for name, number, size, mode in files:
        end_if_orphaned()
        origin = source + str(number)
        facts = stat(origin)
        if facts.st_size != size or facts.st_mtime_ns != moment:
            return False
        if owner is not None and (facts.st_uid != owner or facts.st_mode & 0o7777 != mode):
            return False
        put(origin, folder + name)
    return True


def make_folder(folder: str) -> None:
    """Create `folder` and its parents; it may exist."""
    try:
        os.mkdir(folder)
    except FileExistsError:
        pass
    except FileNotFoundError:
        os.makedirs(folder, exist_ok=True)


def _write_generated(file: GeneratedFile) -> None:
    end_if_orphaned()
    path, data, mode, compiled = file
    make_folder(os.path.dirname(path))
    if mode:
        write_executable(path, (data,), 0, current_umask(), mode)
    else:
        write(path, (data,), 0o666, 0)
    if compiled:
        code = bytecode(data, os.path.basename(path), int(os.stat(path).st_mtime) & 0xFFFFFFFF)
        if code is not None:
            make_folder(os.path.dirname(compiled))
            write(compiled, (code,), 0o666, 0)


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
    _PARENTS.append(int(sys.argv[1]))
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
