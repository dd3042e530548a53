"""Cache of installs that changed nothing: their output is repeated before heavy imports.

They had nothing to do, or were dry runs whose resolution is that of an earlier run.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping

from pipfast.config.settings import Settings
from pipfast.store.filesystem.entries import entries
from pipfast.trace.satisfied_install import (
    have_changed_since,
    question,
    recall,
    remember,
    stamps,
)

TYPE_CHECKING = False  # type checkers know this name; importing typing costs 3 ms
if TYPE_CHECKING:
    from pipfast.session.resolution import Resolved
    from pipfast.session.run_context import RunContext
    from pipfast.session.targets import InstallTarget
    from pipfast.trace.satisfied_install import Page

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


def remember_output(
    run: RunContext, target: InstallTarget, found: Resolved, *, is_planned: bool
) -> None:
    """Cache the output of a run that changed nothing, if it depends on files and pages alone.

    With `is_planned` there is something to install, which was not, because it is a dry run.
    """
    settings, console = run.settings, run.console
    lines = console.lines()
    wanted = found.collected.wanted
    if lines is None or any(one.link or (is_planned and one.digests) for one in wanted):
        return
    if settings.text("json_report_file") or settings.text("log"):
        return
    pages = _pages(found)
    if pages is None or ((found.used_index or is_planned) and not pages):
        return
    inputs = list(_inputs(settings, target, found))
    if any(map(_is_url, inputs)) or any(found.collected.files.values()):
        return  # what a URL or a variable contains shows only when it is read
    taken = stamps(inputs)
    if not have_changed_since(inputs, run.began):
        remember(run.store, _key(settings, os.environ), lines, taken, pages)


def _pages(found: Resolved) -> list[Page] | None:
    """Return the pages that a resolution of an earlier run depends on; none for another one.

    None if an index that does not have a project has to be asked in each run.
    """
    pages = []
    for page in found.pages or ():
        if page.path is None:
            return None
        pages.append((page.path, page.number, page.lifetime))
    return pages


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
            "system": list(os.uname()[2:]) if hasattr(os, "uname") else [],  # for markers
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
    yield target.site.transaction_folder
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
