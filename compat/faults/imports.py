"""Import a package in a loop while it is upgraded: ``python -m compat.faults imports``."""

from __future__ import annotations

import os
import subprocess
import time
from pathlib import Path

from compat.faults.campaign import house
from compat.faults.forked import OWN
from compat.faults.house import House
from compat.faults.modes import BOTH_NEW, BOTH_OLD

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
    """Upgrade and downgrade for a while; return how many imports were tried, failed; upgrades."""
    with house(_MODULES) as home:
        for words in (BOTH_OLD, BOTH_NEW):
            _install(home, words, tool)
        library = next((home.root / "env").glob("lib/*/site-packages"))
        stop = home.notes / "stop"
        first, *others = range(os.cpu_count() or 1)
        os.sched_setaffinity(0, {first})
        importer = subprocess.Popen(
            [str(home.python), "-S", "-c", _IMPORTER, str(library), str(stop)],
            stdout=subprocess.PIPE,
            text=True,
        )
        OWN.add(importer.pid)
        os.sched_setaffinity(0, others or {first})
        until = time.monotonic() + seconds
        upgrades = 0
        while time.monotonic() < until:
            for words in (BOTH_OLD, BOTH_NEW):
                _install(home, words, tool)
                upgrades += 1
        Path(stop).touch()
        output, _ = importer.communicate()
        tried, failed = map(int, output.split())
        return tried, failed, upgrades


def _install(home: House, words: tuple[str, ...], tool: str) -> None:
    ended = home.run(("install", *words), tool)
    if ended.code:
        raise RuntimeError(ended.errors)
