"""Import a package in a loop while it is upgraded: ``python -m compat.faults imports``."""

from __future__ import annotations

import os
import subprocess
import time
from pathlib import Path

from compat.faults.campaign import new_sandbox
from compat.faults.forked import OWN
from compat.faults.modes import BOTH_NEW, BOTH_OLD
from compat.faults.sandbox import Sandbox

_MODULES = 60
_IMPORTER = """
import importlib, os, sys
folder, stop = sys.argv[1:]
sys.path.insert(0, folder)
sys.dont_write_bytecode = True
tried = failed = 0
while not os.path.exists(stop):
    for name in ("aa", "bb"):
        for module in [one for one in sys.modules if one.partition(".")[0] == name]:
            del sys.modules[module]
        importlib.invalidate_caches()
        tried += 1
        try:
            importlib.import_module(name)
            importlib.import_module(f"{name}.m7")
        except Exception:
            failed += 1
print(tried, failed)
"""


def imports(seconds: float, tool: str) -> tuple[int, int, int]:
    """Upgrade and downgrade for a while; return counts of imports, failed imports, upgrades."""
    with new_sandbox(_MODULES) as sandbox:
        for words in (BOTH_OLD, BOTH_NEW):
            _install(sandbox, words, tool)
        library = next((sandbox.root / "env").glob("lib/*/site-packages"))
        stop = sandbox.notes / "stop"
        first, *others = range(os.cpu_count() or 1)
        os.sched_setaffinity(0, {first})
        importer = subprocess.Popen(
            [str(sandbox.python), "-S", "-c", _IMPORTER, str(library), str(stop)],
            stdout=subprocess.PIPE,
            text=True,
        )
        OWN.add(importer.pid)
        os.sched_setaffinity(0, others or {first})
        until = time.monotonic() + seconds
        upgrades = 0
        while time.monotonic() < until:
            for words in (BOTH_OLD, BOTH_NEW):
                _install(sandbox, words, tool)
                upgrades += 1
        Path(stop).touch()
        output, _ = importer.communicate()
        tried, failed = map(int, output.split())
        return tried, failed, upgrades


def _install(sandbox: Sandbox, words: tuple[str, ...], tool: str) -> None:
    ended = sandbox.run(("install", *words), tool)
    if ended.code:
        raise RuntimeError(ended.errors)
