"""A process that has imported real pip or pipfast and runs each command line in a fork of itself.

It is started as ``PYTHON zygote.py NAME ROOT PIP``: `NAME` is the program, `ROOT` the folder that
holds this project, `PIP` the folder that holds the package pip. For pip, PYTHON is that of the
environment that pip works on. Requests and answers are lines of JSON on the standard streams.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import pkgutil
import resource
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path
from typing import Any

EXCLUDED = ("__main__", "__pip-runner__", "pyopenssl", "emscripten", "pyproject_hooks._in_process")


class PipFinder:
    """Finds the package pip in one folder, and nothing else, as pip's own runner does."""

    def __init__(self, folder: str) -> None:
        self.folder = folder

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> ModuleSpec | None:
        """Return the location of the package pip, None for any other name."""
        del path
        return PathFinder.find_spec(name, [self.folder], target) if name == "pip" else None


def _import_pip(folder: str) -> None:
    sys.meta_path.insert(0, PipFinder(folder))
    package = importlib.import_module("pip")
    for found in pkgutil.walk_packages(package.__path__, "pip.", onerror=lambda _: None):
        if not any(word in found.name for word in EXCLUDED):
            with suppress(Exception):
                importlib.import_module(found.name)
    gc.collect()
    gc.freeze()


def _pip_program(words: Sequence[str]) -> Callable[[], None]:
    def run() -> None:
        package = importlib.import_module("pip")
        sys.argv = [str(Path(package.__path__[0]) / "__main__.py"), *words]
        os.environ["_PIP_RUNNING_IN_SUBPROCESS"] = "1"
        importlib.invalidate_caches()
        sys.exit(importlib.import_module("pip._internal.cli.main").main())

    return run


def _processor() -> float:
    """Return the processor seconds of all processes that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def serve(name: str, root: str, pip: str) -> None:
    """Answer requests until the input ends."""
    sys.path[:1] = [root, str(Path(root) / "src")]
    from compat.faults import forked

    if name == "pip":
        del sys.path[:2]
        _import_pip(pip)
        program = _pip_program
    else:
        forked.prepare()
        program = forked.pipfast_program
    print("ready", flush=True)
    for line in sys.stdin:
        request = json.loads(line)
        folder = Path(request["notes"])
        forks = forked.Forks(folder, Path(request["cwd"]), request["environ"], "", request["typed"])
        before = _processor()
        ended = forks.run(program(request["words"]))
        answer: dict[str, Any] = {"code": ended.code, "out": ended.output, "err": ended.errors}
        answer["cpu"] = _processor() - before
        print(json.dumps(answer | {"hangs": ended.hangs, "left": ended.left}), flush=True)


if __name__ == "__main__":
    serve(*sys.argv[1:4])
