"""Import a build backend once, then fork a process for each hook; run in the target Python.

Started as ``python fork_server_main.py <control socket> <end of its own output> <backend module>
<hook script> <process_tree.py> <scratch folder>``. Uses the standard library only and runs on
Python 3.8 and later. Each child behaves as the hook script would in a process of its own, with its
own session, folder, variables, output, argv and ``__main__``, and exits as the interpreter does.
The modules that a hook imported from the environment are written to ``modules.json`` next to its
answer; they are imported before the next fork. If an import has an effect that a child could notice
(output, warnings, threads), this process declines, and hooks run without it.

The socket carries ``+`` or ``-`` once the process is ready. A request is a length and a
marshalled tuple (words, folder, variables, modules, folders) with two file descriptors, for the
child's output and for its state. The state is the process id and then the exit code as in
subprocess; or 0 and the name of the module that cannot be hidden; or -1 if `folders`, which are
last on the child's path, contain something that was searched before and not found. If the socket
closes, the parent was killed: all children and their descendants are ended, and the scratch
folder is removed.
"""

from __future__ import annotations

import gc
import glob
import importlib
import json
import marshal
import os
import re
import select
import shutil
import signal
import site
import struct
import sys
import traceback
import types
import warnings
from _socket import CMSG_SPACE, SCM_RIGHTS, SOL_SOCKET, socket
from contextlib import suppress

TYPE_CHECKING = False  # type checkers know this name; importing typing costs 5 ms
if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import TracebackType
    from typing import Any

    Request = tuple[list[str], str, dict[str, str], list[str], list[str]]

PRELOADED = (glob, json, re, shutil, traceback)  # imported by the hook script itself

NUMBER = struct.Struct("<i")


class Host:
    """The child processes and the connection to the parent."""

    def __init__(self, control: socket) -> None:
        self.control = control
        self.children: dict[int, int] = {}  # process id -> descriptor of its state
        self.awake, self.waker = os.pipe()
        os.set_blocking(self.awake, False)
        os.set_blocking(self.waker, False)
        signal.set_wakeup_fd(self.waker)
        signal.signal(signal.SIGCHLD, lambda *_: None)

    def next_child(self) -> Request:
        """Serve requests until the parent closes; return in each child what it has to run."""
        while True:
            ready, _, _ = select.select([self.control, self.awake], [], [])
            if self.awake in ready:
                self.reap()
            if self.control in ready:
                try:
                    request, output, state = self.receive()
                except EOFError:
                    pids = map(str, self.children)
                    words = [sys.executable, "-I", "-S", ending, glob.escape(scratch), "--", *pids]
                    os.execv(sys.executable, words)
                culprit = load(request[3])
                if culprit is None and not missed.isdisjoint(names_in(request[4])):
                    write_to(state, NUMBER.pack(-1))
                    os.close(output)
                    os.close(state)
                    continue
                pid = os.fork() if culprit is None else -1
                if pid == 0:
                    self.leave(output, state)
                    return request
                os.close(output)
                if culprit is None:
                    write_to(state, NUMBER.pack(pid))
                    self.children[pid] = state
                else:
                    write_to(state, NUMBER.pack(0) + culprit.encode())
                    os.close(state)

    def receive(self) -> tuple[Request, int, int]:
        """Return the next request with its descriptors; EOFError at the end."""
        head, extra, _, _ = self.control.recvmsg(NUMBER.size, CMSG_SPACE(2 * NUMBER.size))
        if len(head) < NUMBER.size:
            raise EOFError
        descriptors = [
            struct.unpack("2i", data[: 2 * NUMBER.size])
            for level, kind, data in extra
            if level == SOL_SOCKET and kind == SCM_RIGHTS
        ]
        size, body = NUMBER.unpack(head)[0], b""
        while len(body) < size:
            piece = self.control.recv(size - len(body))
            if not piece:
                raise EOFError
            body += piece
        output, state = descriptors[0]
        return marshal.loads(body), output, state

    def reap(self) -> None:
        """Report children that have ended."""
        with suppress(BlockingIOError):
            while os.read(self.awake, 512):
                pass
        while self.children:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if pid == 0:
                return
            state = self.children.pop(pid, None)
            if state is not None:
                signalled = os.WIFSIGNALED(status)
                code = -os.WTERMSIG(status) if signalled else os.WEXITSTATUS(status)
                write_to(state, NUMBER.pack(code))
                os.close(state)

    def leave(self, output: int, state: int) -> None:
        """In a child: close everything that belongs to the server."""
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        os.setsid()
        for descriptor in (state, output_end, self.awake, self.waker, *self.children.values()):
            os.close(descriptor)
        self.control.close()
        os.dup2(output, 1)
        os.dup2(output, 2)
        os.close(output)


class Looking:
    """The last finder on sys.meta_path; it records modules that were not found."""

    @staticmethod
    def find_spec(name: str, _path: object = None, _target: object = None) -> None:
        """Record that the module does not exist."""
        missed.add(name.partition(".")[0])


def names_in(folders: Sequence[str]) -> set[str]:
    """Yield the names that could be imported from `folders`, among others."""
    return {name.partition(".")[0] for folder in folders for name in os.listdir(folder)}


def write_to(state: int, data: bytes) -> None:
    """Write to the parent unless it has closed the connection."""
    with suppress(OSError):
        os.write(state, data)


def load(modules: Sequence[str]) -> str | None:
    """Import what an earlier child needed; return the module after which forking is unsafe."""
    new = [name for name in modules if name not in sys.modules]
    for name in new:
        with warnings.catch_warnings(record=True) as noticed, suppress(BaseException):
            learn(name)
        if not is_clean(noticed):
            return name
    if new:
        gc.freeze()
    return None


def learn(name: str) -> None:
    """Import a module; a missing module is not recorded as searched by the backend."""
    before = frozenset(missed)
    try:
        importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name and f"{name}.".startswith(f"{error.name}."):
            missed.difference_update({name.partition(".")[0]} - before)
        raise


def is_clean(noticed: Sequence[warnings.WarningMessage]) -> bool:
    """Return whether a child could not detect that the module was imported before."""
    sys.stdout.flush()
    sys.stderr.flush()
    warned = any(issubclass(one.category, UserWarning) for one in noticed)
    if warned or select.select([output_end], [], [], 0)[0]:
        return False
    try:
        return len(os.listdir("/proc/self/task")) == 1
    except OSError:
        threading = sys.modules.get("threading")
        return threading is None or threading.active_count() == 1


def is_usable(backend: str) -> bool:
    """Return whether the backend can be imported without visible effects."""
    with warnings.catch_warnings(record=True) as noticed:
        try:
            importlib.import_module(backend)
        except BaseException:  # a hook will report the error
            return False
    return is_clean(noticed)


def lesson(known: frozenset[str], roots: Sequence[str]) -> list[str]:
    """Return the modules of the environment and standard library imported since the start.

    Empty if some of the environment's modules are compiled, because their state may not survive
    a fork (for example a library for graphics processors).
    """
    standard = os.path.dirname(os.__file__)
    here = os.getcwd()
    names = []
    for name, module in list(sys.modules.items()):
        spec = getattr(module, "__spec__", None)
        origin = getattr(spec, "origin", None)
        if name in known or not isinstance(origin, str) or getattr(spec, "name", None) != name:
            continue
        below = origin.startswith(standard + os.sep) and "site-packages" not in origin
        if not below and origin.startswith(tuple(roots)) and not origin.endswith(".py"):
            return []
        if below or (origin.startswith(tuple(roots)) and not origin.startswith(here + os.sep)):
            names.append(name)
    return names


def become(request: Request) -> dict[str, Any]:
    """Become the process that the request describes, up to its first line."""
    words, folder, variables, _, folders = request
    os.environ.clear()
    os.environ.update(variables)
    os.chdir(folder)
    with suppress(ValueError):
        sys.meta_path.remove(looking)
    for path in folders:
        site.addsitedir(path)
    sys.argv[:] = words[1:]
    if hasattr(sys, "orig_argv"):
        sys.orig_argv[:] = words
    main = types.ModuleType("__main__")
    main.__file__ = script
    setattr(main, "__builtins__", __builtins__)  # noqa: B010 - a script has it
    sys.modules["__main__"] = main
    sys.excepthook = without_us
    return main.__dict__


def without_us(
    kind: type[BaseException], error: BaseException, trace: TracebackType | None
) -> None:
    """Print an error as it would look without this script's frames."""
    sys.excepthook = sys.__excepthook__
    while trace is not None and trace.tb_frame.f_code.co_filename == __file__:
        trace = trace.tb_next
    sys.__excepthook__(kind, error.with_traceback(trace), trace)


here = os.path.dirname(os.path.abspath(__file__))
sys.path[:] = [path for path in sys.path if os.path.abspath(path) != here]
roots = [os.path.join(path, "") for path in sys.path if os.path.isdir(path)]
own, output, backend, script, ending, scratch = sys.argv[1:]
output_end = int(output)  # the other end of standard output and standard error
with open(script, "rb") as source:
    code = compile(source.read(), script, "exec")
control = socket(fileno=int(own))
request: Request | None = None
missed: set[str] = set()
looking: Any = Looking()
sys.meta_path.append(looking)
if is_usable(backend):
    control.send(b"+")
    gc.freeze()
    request = Host(control).next_child()
else:
    control.send(b"-")
if request is not None:
    known = frozenset(sys.modules)
    exec(code, become(request))
    with open(os.path.join(request[0][-1], "modules.json"), "w", encoding="utf-8") as answer:
        json.dump(lesson(known, roots), answer)
