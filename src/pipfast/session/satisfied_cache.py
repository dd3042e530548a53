"""A satisfied install, asked a second time: answered from its trace before anything is imported."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from pipfast.config.settings import Settings
from pipfast.store.filesystem.root import Store, located
from pipfast.trace.satisfied_install import question, recall, remember, stamps

if TYPE_CHECKING:
    from pipfast.session.pipeline import Run, Target
    from pipfast.session.resolution import Resolved

_SHAPING = ("VIRTUAL_ENV", "HOME", "USERPROFILE", "APPDATA", "PATH", "LANG", "LC_ALL")
"""The variables beside PIP_*, PIPFAST_* and PYTHON* on which an answer hangs."""


def again(settings: Settings, environ: Mapping[str, str]) -> tuple[str, ...] | None:
    """The lines that answered the same question before, None where it has to be worked out."""
    store = _store(settings)
    return recall(store, _question(settings, environ)) if store else None


def keep(run: Run, target: Target, found: Resolved) -> None:
    """Keep the answer of a run in which all was satisfied, if it rests on files alone."""
    settings, console = run.settings, run.console
    held = console.lines()
    if found.used_index or held is None or any(one.link for one in found.collected.wanted):
        return
    if settings.text("json_report_file") or settings.text("log"):
        return
    remember(
        run.store,
        _question(settings, os.environ),
        held,
        stamps(_witnesses(settings, target, found)),
    )


def _store(settings: Settings) -> Store | None:
    folder = settings.text("cache_dir")
    return located(folder) if folder else None


def _question(settings: Settings, environ: Mapping[str, str]) -> str:
    shaping = {
        name: value
        for name, value in environ.items()
        if name in _SHAPING or name.startswith(("PIP_", "PIPFAST_", "PYTHON"))
    }
    return question(
        {
            "command": settings.command,
            "words": settings.words,
            "values": dict(settings.values),
            "own": dict(settings.pipfast),
            "program": settings.program,
            "python": settings.python,
            "running": sys.executable,
            "folder": os.getcwd(),  # noqa: PTH109 - start-up
            "variables": shaping,
        }
    )


def _witnesses(settings: Settings, target: Target, found: Resolved) -> Iterator[str]:
    """The files and folders that the answer rests on."""
    python = target.python
    yield __file__
    yield python.executable
    yield os.path.realpath(python.executable)
    yield os.path.join(python.prefix, "pyvenv.cfg")  # noqa: PTH118
    yield from target.placement.site_packages
    yield from python.site_folders
    for one in found.environment.consulted():
        yield str(one.info)
        yield os.path.join(one.info, "METADATA")  # noqa: PTH118
    yield from (one.origin.path for one in found.collected.wanted if one.origin)
    yield from settings.texts("requirements")
    yield from settings.texts("constraints")
    yield from settings.texts("requirements_from_scripts")
    groups = settings.values.get("dependency_groups")
    yield from (str(path) for path, _ in groups) if isinstance(groups, tuple) else ()
