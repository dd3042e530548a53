"""Detect the repository that a local folder belongs to."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from urllib.parse import quote

from pipfast.fetch.vcs.base import VersionControl
from pipfast.fetch.vcs.bzr import Bazaar
from pipfast.fetch.vcs.events import ProjectNotFound
from pipfast.fetch.vcs.git import DROPPED, Git
from pipfast.fetch.vcs.hg import Mercurial
from pipfast.fetch.vcs.runner import RunningPrograms, VcsCommand, VcsRunner
from pipfast.fetch.vcs.svn import Subversion
from pipfast.model.events import Listener

_PROJECT = ("pyproject.toml", "setup.py")


class RepositoryDetector:
    """Returns requirements for folders; `verbosity` is ``-v`` minus ``-q``."""

    def __init__(self, emit: Listener, verbosity: int) -> None:
        crew = RunningPrograms(lambda _: nullcontext())
        self._programs = VcsRunner(crew, emit, verbosity, depth=0)
        self._for_git = VcsRunner(crew, emit, verbosity, DROPPED, depth=0)
        self._verbosity = verbosity

    def system_of(self, folder: str) -> VersionControl | None:
        """Return the version control system of the innermost repository around a folder."""
        git = Git(self._for_git, self._verbosity)
        hg = Mercurial(self._programs, self._verbosity)
        known: list[tuple[VersionControl, Callable[[], str | None]]] = [
            (Bazaar(self._programs, self._verbosity), lambda: None),
            (
                git,
                lambda: self._root(self._for_git, ".git", folder, "rev-parse", "--show-toplevel"),
            ),
            (hg, lambda: self._root(self._programs, ".hg", folder, "root")),
            (Subversion(self._programs, self._verbosity), lambda: None),
        ]
        roots: dict[str, VersionControl] = {}
        for system, around in known:
            here = folder if Path(folder, system.folder).exists() else around()
            if here is not None:
                roots[here] = system
        return roots[max(roots, key=len)] if roots else None

    def requirement(self, system: VersionControl, folder: str, name: str) -> str:
        """Return the requirement for the project `name` in `folder`.

        Raises NoRemote and RemoteNotARequirement; ProgramMissing; InstallationError.
        """
        url = system.remote(folder)
        if system.name in ("git", "svn") or not url.lower().startswith(f"{system.name}:"):
            url = f"{system.name}+{url}"
        revision = system.pinned(folder)
        inside = self._inside(system.top(folder), folder)
        below = f"&subdirectory={inside}" if inside else ""
        return f"{url}@{quote(revision, '/')}#egg={name.replace('-', '_')}{below}"

    def _root(self, programs: VcsRunner, mark: str, folder: str, *words: str) -> str | None:
        """Return the root of the repository around `folder`; runs nothing if there is none."""
        if not any(Path(above, mark).exists() for above in Path(folder).parents):
            return None
        answer = programs.answer_to(VcsCommand((mark[1:], *words)), folder)
        return None if answer is None else os.path.normpath(answer.rstrip("\r\n"))

    def _inside(self, top: str | None, folder: str) -> str | None:
        """Return the project's folder relative to the repository."""
        if top is None:
            return None
        for project in (Path(folder), *Path(folder).parents):
            if any((project / name).is_file() for name in _PROJECT):
                same = project.samefile(top)
                return None if same else os.path.relpath(project, top)
        self._programs.report(ProjectNotFound(folder, in_subversion=False))
        return None
