"""Cache of satisfied installs: their output is replayed before heavy modules are imported."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping

from pipfast.config.settings import Settings
from pipfast.store.filesystem.entries import entries
from pipfast.trace.satisfied_install import question, recall, remember, stamps

TYPE_CHECKING = False  # type checkers know this name; importing typing costs 3 ms
if TYPE_CHECKING:
    from pipfast.session.resolution import Resolved
    from pipfast.session.run_context import RunContext
    from pipfast.session.targets import InstallTarget

_VARIABLES = (
    "VIRTUAL_ENV",
    "CONDA_PREFIX",
    "HOME",
    "USERPROFILE",
    "APPDATA",
    "PATH",
    "LANG",
    "LC_ALL",
)
"""Variables that may change the result, besides PIP_*, PIPFAST_* and PYTHON*."""


def satisfied_output(settings: Settings, environ: Mapping[str, str]) -> tuple[str, ...] | None:
    """Return the cached output of the same command, None if it has to run."""
    folder = settings.text("cache_dir")
    return recall(entries(folder), _key(settings, environ)) if folder else None


def remember_satisfied(run: RunContext, target: InstallTarget, found: Resolved) -> None:
    """Cache the output of a run that had nothing to install, if it depends on files alone."""
    settings, console = run.settings, run.console
    lines = console.lines()
    if found.used_index or lines is None or any(one.link for one in found.collected.wanted):
        return
    if settings.text("json_report_file") or settings.text("log"):
        return
    inputs = list(_inputs(settings, target, found))
    if any(map(_is_url, inputs)) or any(found.collected.files.values()):
        return  # what a URL or a variable contains shows only when it is read
    remember(run.store, _key(settings, os.environ), lines, stamps(inputs))


def _key(settings: Settings, environ: Mapping[str, str]) -> str:
    variables = {
        name: value
        for name, value in environ.items()
        if name in _VARIABLES or name.startswith(("PIP_", "PIPFAST_", "PYTHON"))
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
            "folder": _working_directory(),
            "variables": variables,
        }
    )


def _working_directory() -> str | None:
    """Return the working directory, None if it was deleted."""
    try:
        return os.getcwd()  # noqa: PTH109 - start-up
    except OSError:
        return None


def _is_url(path: str) -> bool:
    return path.lower().startswith(("http:", "https:", "file:"))


def _inputs(settings: Settings, target: InstallTarget, found: Resolved) -> Iterator[str]:
    """Yield the files and folders that the result depends on."""
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
    yield from found.collected.files
    yield from settings.texts("requirements")
    yield from settings.texts("constraints")
    yield from settings.texts("requirements_from_scripts")
    groups = settings.values.get("dependency_groups")
    yield from (str(path) for path, _ in groups) if isinstance(groups, tuple) else ()
