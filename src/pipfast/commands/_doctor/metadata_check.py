"""Metadata folders: half installed, and several of one project."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence

from pipfast.commands._doctor.file_check import is_sound
from pipfast.commands._doctor.subject import Distribution, Subject
from pipfast.model.findings import Finding, InstalledTwice, MetadataIncomplete
from pipfast.model.installed_distribution import Installed
from pipfast.model.project_names import NormalizedName
from pipfast.transaction.apply import remove
from pipfast.transaction.uninstall_paths import UninstallPaths

_NEEDED = ("METADATA", "RECORD")


def find(subject: Subject) -> Iterator[Finding]:
    """Yield incomplete metadata, and projects that are installed twice in one folder."""
    by_project: dict[tuple[str, str], list[Distribution]] = {}
    for one in subject.distributions:
        missing = _missing(one)
        if missing:
            yield MetadataIncomplete(one.info, tuple(missing), not os.listdir(one.info))
        by_project.setdefault((one.library, one.project), []).append(one)
    for (_, project), several in sorted(by_project.items()):
        if len(several) > 1:
            stale = [one.info for one in several if _is_stale(one, several)]
            paths = tuple(one.info for one in several)
            yield InstalledTwice(project, paths, tuple(stale))


def _missing(one: Distribution) -> list[str]:
    """Return the files that are missing; a RECORD that does not list METADATA counts as missing.

    So does one that a crash of the system has left empty.
    """
    metadata, record = (os.path.isfile(os.path.join(one.info, name)) for name in _NEEDED)
    own = os.path.join(os.path.basename(one.info), "METADATA")
    record = record and any(file.path == own for file in one.files)
    return [
        name for name, is_there in zip(_NEEDED, (metadata, record), strict=True) if not is_there
    ]


def _is_stale(one: Distribution, several: Sequence[Distribution]) -> bool:
    """Return whether the installed files are those of another distribution of the project."""
    others = [other for other in several if other is not one]
    return not _has_files(one) and any(_has_files(other) for other in others)


def _has_files(one: Distribution) -> bool:
    """Return whether all its files, except its metadata, are as in RECORD."""
    own = [
        file
        for file in one.files
        if file.digest and os.path.dirname(one.place(file)) != os.path.normpath(one.info)
    ]
    return bool(own) and all(is_sound(one.place(file), file) for file in own)


def mend(subject: Subject, findings: Sequence[Finding]) -> None:
    """Remove empty metadata folders, and the stale ones of a project that has others."""
    for each in findings:
        match each:
            case MetadataIncomplete(path, is_empty=True):
                os.rmdir(path)
            case InstalledTwice(stale=stale):
                for info in stale:
                    _remove_metadata(subject, info)
            case _:
                pass
    subject.forget()


def _remove_metadata(subject: Subject, info: str) -> None:
    """Remove a metadata folder and nothing else, in a transaction."""
    library = os.path.dirname(info)
    folders = {site.scheme.purelib: site for site in subject.sites}
    site = folders.get(library, subject.sites[0])
    project = os.path.basename(info).partition("-")[0]
    one = Installed(
        name=NormalizedName(project), raw_name=project, version="", location=library, info=info
    )
    paths = frozenset(os.path.join(info, name) for name in os.listdir(info))
    remove([UninstallPaths(one, allowed=paths, present=paths)], site)
