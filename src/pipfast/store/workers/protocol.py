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

    LinkedFile = tuple[str, int, int, int]
    """Name, number in the archive, expected size and mode; a size of -1 disables the check."""

    LinkGroup = tuple[str, int, list[tuple[str, list[LinkedFile]]]]
    """Source folder, time of its files in seconds, and target folders with their files."""

    GeneratedFile = tuple[str, bytes, bool, str]
    """Path, content, whether it is executable, and the path of its bytecode or an empty text."""
else:
    from collections import namedtuple

    class _NamedTupleMeta(type):
        def __new__(cls, name, bases, members):
            if not bases:
                return super().__new__(cls, name, bases, members)
            kind = namedtuple(name, members["__annotations__"], module=__name__)  # noqa: PYI024
            kind.__doc__ = members["__doc__"]
            return kind

    class NamedTuple(metaclass=_NamedTupleMeta):
        """The same as in typing; a subclass becomes a plain named tuple."""


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
    """Compile ``folder/files/<number>`` to ``folder/pyc/<key>/<number>`` for each module.

    `modules` are pairs of number and name. Answered by CompiledModules.
    """

    folder: str
    key: str
    mtime: int
    modules: list[tuple[int, str]]


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

    `modules` are the numbers of compiled modules, `texts` the content of the metadata files that
    the manifest needs, by name.
    """

    files: list[UnpackedFile]
    modules: list[int]
    texts: dict[str, bytes]


class CompiledModules(NamedTuple):
    """The numbers of the modules that could be compiled."""

    numbers: list[int]


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
    Job = UnpackWheel | CompileModules | LinkFiles
    Result = UnpackedPart | CompiledModules | LinkedFiles
    Failure = SystemFailed | WheelUnreadable | WorkerFailed
    Answer = Result | Failure

_JOBS = {kind.__name__: kind for kind in (UnpackWheel, CompileModules, LinkFiles)}
_ANSWERS = {
    kind.__name__: kind
    for kind in (
        *(UnpackedPart, CompiledModules, LinkedFiles),
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
