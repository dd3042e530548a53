"""Distributions that the user site hides or has hidden, and programs hidden by others on PATH."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator

from pipfast.commands._doctor.subject import Subject, real_folder
from pipfast.model.findings import Finding, ProgramsHidden, ScriptsNotFound, UserSiteShadow


def find_shadows(subject: Subject) -> Iterator[Finding]:
    """Yield the projects that the user site and the environment both have."""
    user = subject.user_scheme
    if user is None:
        return
    path = subject.python.sys_path
    places: dict[str, list[tuple[int, str, str]]] = {}
    for one in subject.distributions:
        if one.library in path:
            at = path.index(one.library)
            places.setdefault(one.project, []).append((at, one.version, one.library))
    for project, found in sorted(places.items()):
        (_, *seen), *others = sorted(found)
        for _, version, folder in others:
            if user.purelib in (seen[1], folder) and folder != seen[1]:
                yield UserSiteShadow(project, (seen[0], seen[1]), (version, folder))


def find_programs(subject: Subject) -> Iterator[Finding]:
    """Yield the programs of the environment that others earlier on PATH hide.

    An environment whose scripts are not on PATH is one that is not active, which is no problem
    unless VIRTUAL_ENV says that it is.
    """
    folder = subject.sites[0].scheme.scripts
    search = subject.environ.get("PATH", "")
    folders = [os.path.realpath(each) for each in search.split(os.pathsep) if each]
    if os.path.realpath(folder) not in folders:
        active = subject.environ.get("VIRTUAL_ENV")
        if active and os.path.realpath(active) == os.path.realpath(subject.python.prefix):
            yield ScriptsNotFound(folder)
        return
    hidden: dict[str, list[str]] = {}
    for name in sorted(_programs(subject, folder)):
        found = shutil.which(name, path=search)
        if found is not None and not _is_in(found, folder):
            hidden.setdefault(os.path.dirname(found), []).append(name)
    for by, names in sorted(hidden.items()):
        yield ProgramsHidden(tuple(names), folder, by)


def _is_in(path: str, folder: str) -> bool:
    return real_folder(path) == os.path.realpath(folder)


def _programs(subject: Subject, folder: str) -> set[str]:
    """Return the names of the recorded scripts, and of the interpreter."""
    paths = (one.place(file) for one in subject.distributions for file in one.files)
    resolved = os.path.realpath(folder)
    names = {os.path.basename(path) for path in paths if real_folder(path) == resolved}
    return names | ({"python"} if os.path.exists(os.path.join(folder, "python")) else set())
