"""Find the files of an installed distribution: by RECORD, or by what older installers wrote.

The formats, in the order in which they are recognized: a flat ``.egg-info`` folder, a distutils
``.egg-info`` file, an egg, a ``.dist-info`` folder, an ``.egg-link`` of a development install.
Source: PEP 376, PEP 627, and pip's behaviour.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from pipfast.environment.metadata_files import text_of
from pipfast.environment.presence import names_in
from pipfast.environment.recorded_files import listed, record_of
from pipfast.model.frozen_dataclass import dataclass, field
from pipfast.model.installed_distribution import Installed
from pipfast.transaction.errors import DistutilsError, EggLinkMismatchError, NoRecordError
from pipfast.transaction.install_environment import InstallEnvironment
from pipfast.transaction.scripts import entry_points

_WINDOWS = os.name == "nt"
_PATH_FILE = "easy-install.pth"


@dataclass(frozen=True, slots=True)
class OwnedFiles:
    """The files and folders of a distribution, existing or not, without bytecode in __pycache__.

    `path_entries` are its lines in ``.pth`` files, by file.
    """

    paths: tuple[str, ...]
    path_entries: Mapping[str, str] = field(default_factory=dict)


def owned_files(installed: Installed, environment: InstallEnvironment) -> OwnedFiles:
    """Return the files of a distribution.

    Raises NoRecordError, DistutilsError or EggLinkMismatchError if they are unknown.
    """
    found = _by_format(installed, environment)
    return OwnedFiles((*found.paths, *_scripts(installed, environment)), found.path_entries)


def _by_format(installed: Installed, environment: InstallEnvironment) -> OwnedFiles:
    info, location = Path(installed.info), Path(installed.location)
    developed = f"{installed.raw_name.replace('-', '_')}.egg-info"
    if info.suffix == ".egg-info" and not info.name.endswith(developed) and info.is_dir():
        return OwnedFiles(tuple(_flat(info, location)))
    if info.is_file():
        raise DistutilsError(installed)
    if location.suffix == ".egg":
        egg = os.path.normcase(os.path.realpath(location))
        folder, name = os.path.split(egg)
        return OwnedFiles((egg,), {os.path.join(folder, _PATH_FILE): _entry(f"./{name}")})
    if info.suffix == ".dist-info" and info.is_dir():
        return OwnedFiles(tuple(_recorded(installed)))
    link = _egg_link(installed.raw_name, environment)
    return _developed(installed, link) if link is not None else OwnedFiles(())


def _recorded(installed: Installed) -> Iterator[str]:
    """Yield the files of RECORD, and bytecode beside modules, where Python 2 wrote it."""
    text = record_of(installed.info)
    if text is None:
        raise NoRecordError(installed)
    location = str(installed.location)
    for entry in listed(text):
        path = os.path.join(location, entry)
        yield path
        if path.endswith(".py"):
            yield path + "c"
            yield path + "o"


def _flat(info: Path, location: Path) -> Iterator[str]:
    """Yield the files that setuptools recorded, or else the top-level packages and modules."""
    yield str(info)
    record = record_of(str(info))
    files = text_of(str(info), "installed-files.txt")
    if record is not None:
        yield from (os.path.join(location, entry) for entry in listed(record))
    elif files is not None:
        yield from (os.path.join(info, line) for line in files.splitlines() if line)
    else:
        namespaces = (text_of(str(info), "namespace_packages.txt") or "").splitlines()
        for package in (text_of(str(info), "top_level.txt") or "").splitlines():
            if package and package not in namespaces:
                path = os.path.join(location, package)
                yield from (path, f"{path}.py", f"{path}.pyc", f"{path}.pyo")


def _egg_link(raw_name: str, environment: InstallEnvironment) -> str | None:
    """Return the ``.egg-link`` file of a development install; it has one of two names."""
    names = (f"{re.sub('[^A-Za-z0-9.]+', '-', raw_name)}.egg-link", f"{raw_name}.egg-link")
    paths = (
        os.path.join(folder, name) for folder in environment.egg_link_folders for name in names
    )
    return next(filter(os.path.isfile, paths), None)


def _developed(installed: Installed, link: str) -> OwnedFiles:
    with open(link, encoding="utf-8") as file:
        pointer = os.path.normcase(file.readline().strip())
    location = str(installed.location)
    if _real(os.path.join(os.path.dirname(link), pointer)) != _real(location):
        raise EggLinkMismatchError(link, pointer, installed)
    return OwnedFiles((link,), {os.path.join(os.path.dirname(link), _PATH_FILE): _entry(location)})


def _entry(location: str) -> str:
    """Return a folder as setuptools writes it into a ``.pth`` file."""
    entry = os.path.normcase(location)
    if _WINDOWS and not os.path.splitdrive(entry)[0]:
        entry = entry.replace("\\", "/")
    return entry


def _real(path: str) -> str:
    return os.path.normcase(os.path.realpath(os.path.expanduser(path)))


def _scripts(installed: Installed, environment: InstallEnvironment) -> Iterator[str]:
    """Yield the scripts in the metadata folder, and those of entry points."""
    folder = environment.user_scripts if installed.in_user_site else environment.scripts
    folder = folder or environment.scheme.scripts
    for name in names_in(os.path.join(installed.info, "scripts")):
        yield os.path.join(folder, name)
        if _WINDOWS:
            yield os.path.join(folder, f"{name}.bat")
    points = entry_points(text_of(installed.info, "entry_points.txt") or "")
    for group, suffix in ((points.console, "py"), (points.gui, "pyw")):
        for name in group:
            path = os.path.join(folder, name)
            yield path
            if _WINDOWS:
                yield from (f"{path}.exe", f"{path}.exe.manifest", f"{path}-script.{suffix}")
