"""Run hooks in processes forked from a Python that has already imported the backend.

Importing a backend takes much longer than its work: for a small project, six sevenths of the
time of setuptools or hatchling. Each build environment therefore has one process that imports it
once and forks for each hook (`fork_server_main.py`). It learns from every hook what the next one
may import.
"""

from __future__ import annotations

import json
import os
import struct
import sys
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, TYPE_CHECKING, Protocol

from pipfast.builds.processes import (
    ChildProcesses,
    LineListener,
    forward_lines,
    inherited,
    run,
)
from pipfast.model.frozen_dataclass import dataclass
from pipfast.store.workers import process_tree
from pipfast.store.workers.process_tree import end_families

if TYPE_CHECKING:
    import socket
    from subprocess import Popen

POSSIBLE = os.name == "posix" and sys.platform not in ("darwin", "cygwin", "emscripten")
"""Whether processes can be forked safely; on macOS, system libraries prevent it."""

MOST = 8
"""The maximum number of these processes; each uses about 30 MB."""

AREA = "backends"
"""The store's area for modules that hooks have imported."""

_BACKEND = "_PYPROJECT_HOOKS_BUILD_BACKEND"
_IN_TREE = "_PYPROJECT_HOOKS_BACKEND_PATH_JSON"
_SCRIPT = str(Path(__file__).with_name("fork_server_main.py"))
_NUMBER = struct.Struct("<i")
_DIED = -9
_ELSEWHERE = -1  # the answer of a process that searched for the module before and did not find it
_MANY = 1000  # modules that may be imported in advance


@dataclass(frozen=True, slots=True)
class EnvironmentLayer:
    """An environment on top of another: the other's variables, and the folders that it adds."""

    variables: Mapping[str, str]
    folders: tuple[str, ...]


class HookCache(Protocol):
    """A cache for imported modules between runs; the store implements it."""

    def read(self, area: str, key: str) -> bytes | None:
        """Return the bytes of an entry, None if there is none."""
        ...

    def write(self, area: str, key: str, data: bytes) -> bool:
        """Save an entry; return False if that failed."""
        ...


class ForkServers:
    """Fork servers, one for each environment and backend.

    `children` registers all processes and ends them. The servers remove `scratch` if our process
    is killed. `memory` makes the first hook of a run as fast as the second.
    """

    def __init__(
        self, children: ChildProcesses, scratch: Path, memory: HookCache | None = None
    ) -> None:
        self._children = children
        self._scratch = scratch
        self._memory = memory
        self._lock = threading.Lock()
        self._hosts: dict[tuple[object, ...], _ForkServer] = {}

    def run(
        self,
        words: Sequence[str],
        folder: str | None,
        variables: Mapping[str, str],
        receive: LineListener,
        over: EnvironmentLayer | None = None,
    ) -> int:
        """Run a hook like `programs.run`, from a fork server if possible.

        If the environment lies `over` another one, the hook is forked from the other's server,
        unless that searched for a module which only this environment has.
        """
        code = None
        if POSSIBLE and folder is not None and _IN_TREE not in variables:
            call = _Call(words, folder, {**inherited(), **variables}, receive)
            if over is not None:
                code = self._forked(call, {**call.variables, **over.variables}, over.folders)
            if code is None:
                code = self._forked(call, call.variables, ())
        if code is None:
            return run(words, folder, variables, receive, self._children)
        return code

    def run_apart(
        self,
        words: Sequence[str],
        folder: str | None,
        variables: Mapping[str, str],
        receive: LineListener,
        over: EnvironmentLayer | None = None,
    ) -> int:
        """Run a hook in a new process, without recording what it imports."""
        del over
        return run(words, folder, variables, receive, self._children)

    def close(self) -> None:
        """End all servers."""
        with self._lock:
            hosts = list(self._hosts.values())
            self._hosts.clear()
        for host in hosts:
            host.close()

    def _forked(
        self, call: _Call, variables: Mapping[str, str], folders: Sequence[str]
    ) -> int | None:
        host = self._host(call.words, variables)
        with host.at_work():
            return host.run(call, folders)

    def _host(self, words: Sequence[str], variables: Mapping[str, str]) -> _ForkServer:
        module = variables[_BACKEND].partition(":")[0]
        around = {name: text for name, text in variables.items() if name != _BACKEND}
        key = (*words[:2], module, *sorted(around.items()))
        with self._lock:
            host = self._hosts.pop(key, None)
            if host is None:
                self._make_room()
                lessons = _Lessons(self._memory, words[0], module)
                rest = [module, words[1], process_tree.__file__, str(self._scratch)]
                host = _ForkServer([words[0], _SCRIPT], rest, around, self._children, lessons)
            self._hosts[key] = host  # the last one is the most recently used
            return host

    def _make_room(self) -> None:
        idle = [key for key, host in self._hosts.items() if not host.working]
        for key in idle[: max(0, len(self._hosts) - MOST + 1)]:
            self._hosts.pop(key).close()


@dataclass(frozen=True, slots=True)
class _Call:
    """A hook to run."""

    words: Sequence[str]
    folder: str
    variables: Mapping[str, str]
    receive: LineListener


class _Lessons:
    """The modules that a backend's hooks imported, in this run and, with a memory, earlier ones."""

    def __init__(self, memory: HookCache | None, python: str, module: str) -> None:
        from zlib import crc32

        self._memory = memory
        self._key = f"{module}-{crc32(python.encode()):08x}.json"
        self._never: list[str] = []
        self.modules: list[str] = []
        kept = memory.read(AREA, self._key) if memory is not None else None
        if kept is not None:
            with suppress(ValueError, KeyError):
                names = json.loads(kept)
                self.modules, self._never = list(names["modules"]), list(names["never"])

    def learn(self, answer: Path) -> None:
        """Read the file that a hook wrote next to its answer."""
        try:
            names = json.loads(answer.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return
        known = {*self.modules, *self._never}
        new = [name for name in names if name not in known]
        if new and len(self.modules) < _MANY:
            self.modules += new
            self._keep()

    def unlearn(self, name: str) -> None:
        """Record a module whose import has visible effects."""
        self._never.append(name)
        self.modules = [one for one in self.modules if one != name]
        self._keep()

    def _keep(self) -> None:
        if self._memory is not None:
            names = {"modules": self.modules, "never": self._never}
            self._memory.write(AREA, self._key, json.dumps(names).encode())


class _ForkServer:
    """A fork server, started with its first hook."""

    def __init__(
        self,
        words: Sequence[str],
        rest: Sequence[str],
        variables: Mapping[str, str],
        children: ChildProcesses,
        lessons: _Lessons,
    ) -> None:
        self._words = words
        self._rest = rest
        self._variables = variables
        self._children = children
        self._lessons = lessons
        self._lock = threading.Lock()
        self._process: Popen[bytes] | None = None
        self._control: socket.socket | None = None
        self._declined = False
        self.working = 0

    def at_work(self) -> _HookCounter:
        return _HookCounter(self)

    def run(self, call: _Call, folders: Sequence[str]) -> int | None:
        """Return the hook's exit code, with `folders` added to Python's path.

        None if this server does not fork it.
        """
        try:
            with self._lock:
                ways = self._send(call, list(folders)) if self._is_ready() else None
            if ways is None:
                return None
            output, state = ways
            pid = _number(state)
        except BaseException:  # the hook may have been forked without a known process id
            if self._process is not None:
                end_families([self._process.pid])
            raise
        with output, state:
            if pid == _ELSEWHERE:
                return None
            if not pid:
                self._decline(state.read().decode())
                return None
            with self._children.registered(pid):
                forward_lines(output, call.receive)
                code = _number(state)
        self._lessons.learn(Path(call.words[-1], "modules.json"))
        return _DIED if code is None else code

    def _decline(self, culprit: str) -> None:
        """Stop forking in this run, because a module's import had visible effects."""
        self._declined = True
        if culprit:
            self._lessons.unlearn(culprit)

    def close(self) -> None:
        """End the server; `Children` must have ended its forked processes before."""
        with self._lock:
            self._declined = True
            if self._process is not None:
                self._process.kill()
                self._process.wait()
            if self._control is not None:
                self._control.close()

    def _is_ready(self) -> bool:
        if self._process is None and not self._declined:
            try:
                self._declined = not self._start()
            except OSError:
                self._declined = True
        return not self._declined

    def _start(self) -> bool:
        """Start the server; return whether it can be used."""
        import socket
        from subprocess import DEVNULL, Popen

        ours, theirs = socket.socketpair()
        heard, output = (
            os.pipe()
        )  # of the same kind as a hook's output, because a program may check that
        os.set_blocking(output, False)
        with theirs, os.fdopen(heard), os.fdopen(output, "wb") as output_end:
            words = [*self._words, str(theirs.fileno()), str(heard), *self._rest]
            self._control = ours
            self._process = Popen(
                words,
                env=self._variables,
                stdin=DEVNULL,
                stdout=output_end,
                stderr=output_end,
                pass_fds=[theirs.fileno(), heard],
                start_new_session=True,
            )
        with self._children.registered(self._process.pid):
            return ours.recv(1) == b"+"

    def _send(self, call: _Call, folders: list[str]) -> tuple[IO[bytes], IO[bytes]] | None:
        """Fork a hook; return its output and its state, None if the server has ended."""
        import marshal
        import socket

        assert self._control is not None
        modules = list(self._lessons.modules)
        names = (list(call.words), call.folder, dict(call.variables), modules, folders)
        body = marshal.dumps(names, 4)
        output, output_end = os.pipe()
        state, state_end = os.pipe()
        try:
            socket.send_fds(self._control, [_NUMBER.pack(len(body))], [output_end, state_end])
            self._control.sendall(body)
        except OSError:
            self._declined = True
            os.close(output)
            os.close(state)
            return None
        finally:
            os.close(output_end)
            os.close(state_end)
        return os.fdopen(output, "rb"), os.fdopen(state, "rb", buffering=0)


class _HookCounter:
    """Counts the hooks that a server is running."""

    def __init__(self, host: _ForkServer) -> None:
        self._host = host

    def __enter__(self) -> None:
        self._host.working += 1

    def __exit__(self, *_: object) -> None:
        self._host.working -= 1


def _number(state: IO[bytes]) -> int | None:
    """Return the next number, None if there is none."""
    data = b""
    while len(data) < _NUMBER.size:
        piece = state.read(_NUMBER.size - len(data))
        if not piece:
            return None
        data += piece
    number: int = _NUMBER.unpack(data)[0]
    return number
