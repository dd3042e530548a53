"""Messages between the main process and its worker processes, and their encoding.

A job is answered by one message. On the pipe, a message is a marshalled tuple of its type's name
and its fields, behind a length of four bytes. Workers run in the target's interpreter, so this
module needs only the standard library of Python 3.7.
"""

from __future__ import annotations

import marshal

TYPE_CHECKING = False  # type checkers know this name; importing typing takes 5 ms
if TYPE_CHECKING:
    from typing import Any, NamedTuple

    UnpackedFile = tuple[int, str, int, bool]
    """Number in the archive, name in the wheel, size, and whether it is executable."""

    CompiledModule = tuple[int, int, int]
    """Number of a module in the archive, and size and CRC of its bytecode."""

    PackedModule = tuple[int, int, int]
    """Number of a module in the archive, bytes of its source, and of its code or 0."""

    LinkedFile = tuple[str, int, int, int]
    """Name, number in the archive, expected size and mode."""

    LinkGroup = tuple[str, int, list[tuple[str, list[LinkedFile]]]]
    """Source folder, time of its files in seconds, and target folders with their files."""

    GeneratedFile = tuple[str, bytes, int, str]
    """Path, content, permissions beyond the umask, and the path of its bytecode or an empty text.

    It is executable if there are such permissions.
    """
else:
    from collections import namedtuple

    class _NamedTupleMeta(type):
        def __new__(cls, name, bases, members):
            if not bases:
                return super().__new__(cls, name, bases, members)
            kind = namedtuple(name, members["__annotations__"], module=__name__)  # noqa: PYI024
            kind.__doc__ = members.get("__doc__")  # `python -OO` has none
            return kind

    class NamedTuple(metaclass=_NamedTupleMeta):
        """The same as in typing; a subclass becomes a plain named tuple."""


EXECUTABLE, WRAPPER = 0o111, 0o555
"""Permissions whatever the umask: of executable files in wheels, and of generated scripts.

Source: observed behaviour of pip 26.3.
"""


class UnpackWheel(NamedTuple):
    """Unpack one of `parts` of a wheel to ``folder/files/<number>``.

    Modules are compiled to ``folder/pyc/<key>/<number>``, unless `key` is empty. `mtime` is the
    time of the files in seconds. Answered by UnpackedPart.
    """

    wheel: str
    folder: str
    key: str
    mtime: int
    part: int
    parts: int


class CompileModules(NamedTuple):
    """Compile ``folder/files/<number>`` to ``target/<number>`` for each module.

    `modules` are the numbers, names and sizes; `mtime` is the time of all files in seconds.
    Answered by CompiledModules.
    """

    folder: str
    target: str
    mtime: int
    modules: list[tuple[int, str, int]]


class WriteModules(NamedTuple):
    """Write ``target/<number>`` for each module of a block of compressed code.

    The block is `packed` bytes at `offset` in the file `pack`. Sources are ``folder/files`` with
    the time `mtime` in seconds. Answered by WrittenModules.
    """

    pack: str
    offset: int
    packed: int
    folder: str
    target: str
    mtime: int
    modules: list[PackedModule]


class CheckModules(NamedTuple):
    """Compare the bytecode ``folder/<number>`` with sizes and CRCs. Answered by CheckedModules."""

    folder: str
    modules: list[CompiledModule]


class LinkFiles(NamedTuple):
    """Fill folders from archives, and write the files that only this environment has.

    `methods` are ``clone``, ``hardlink`` and ``copy``; the first that works is used. Answered by
    LinkedFiles.
    """

    methods: list[str]
    groups: list[LinkGroup]
    writes: list[GeneratedFile]


class UnpackedPart(NamedTuple):
    """The files of a part of a wheel.

    `texts` are the content of the metadata files that the manifest needs, by name. `seconds` are
    the processor seconds that compiling took.
    """

    files: list[UnpackedFile]
    modules: list[CompiledModule]
    texts: dict[str, bytes]
    seconds: float


class CompiledModules(NamedTuple):
    """The modules that could be compiled, and whether a source was changed since unpacking.

    `seconds` are the processor seconds that compiling took.
    """

    modules: list[CompiledModule]
    changed: bool
    seconds: float


class WrittenModules(NamedTuple):
    """The modules that were written; whether the block was as stated, and a source was changed."""

    modules: list[CompiledModule]
    sound: bool
    changed: bool


class CheckedModules(NamedTuple):
    """Whether all modules are as they were compiled."""

    sound: bool


class LinkedFiles(NamedTuple):
    """All is done, except for source folders with a file that differs from its manifest."""

    changed: list[str]


class SystemFailed(NamedTuple):
    """An OSError; `path` is empty if the system did not name one."""

    number: int | None
    reason: str | None
    path: str


class WheelUnreadable(NamedTuple):
    """A file is not a readable wheel: one of `zip_faults`, and the file that has the fault."""

    fault: str
    member: str


class WorkerFailed(NamedTuple):
    """A bug in the worker, a request that it does not know, or its death."""

    reason: str


if TYPE_CHECKING:
    Job = UnpackWheel | CompileModules | WriteModules | CheckModules | LinkFiles
    Result = UnpackedPart | CompiledModules | WrittenModules | CheckedModules | LinkedFiles
    Failure = SystemFailed | WheelUnreadable | WorkerFailed
    Answer = Result | Failure

_JOBS = {
    kind.__name__: kind
    for kind in (UnpackWheel, CompileModules, WriteModules, CheckModules, LinkFiles)
}
_ANSWERS = {
    kind.__name__: kind
    for kind in (
        *(UnpackedPart, CompiledModules, WrittenModules, CheckedModules, LinkedFiles),
        *(SystemFailed, WheelUnreadable, WorkerFailed),
    )
}


def encoded(message: Job | Answer) -> bytes:
    """Return a message as it is sent, including its length. Raises ValueError."""
    data = marshal.dumps((type(message).__name__, *message), 4)
    return len(data).to_bytes(4, "little") + data


def length(head: bytes) -> int:
    """Return the number of bytes that follow the first four of a message."""
    return int.from_bytes(head, "little")


def job_in(data: bytes) -> Job:
    """Return the job that was sent as `data`, without its length. Raises ValueError."""
    job: Job = _message(data, _JOBS)
    return job


def answer_in(data: bytes) -> Answer:
    """Return the answer that was sent as `data`, without its length. Raises ValueError."""
    answer: Answer = _message(data, _ANSWERS)
    return answer


def _message(data: bytes, kinds: dict[str, Any]) -> Any:
    try:
        name, *fields = marshal.loads(data)  # noqa: S302 - from our own process
        return kinds[name](*fields)
    except (EOFError, KeyError, TypeError, ValueError, MemoryError) as error:
        raise ValueError("not a message: %r" % error)  # noqa: B904, UP031
