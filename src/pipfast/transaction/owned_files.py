"""What belongs to an installed distribution: by RECORD, or by what older installers left.

The kinds, in the order in which they are recognised: a flat ``.egg-info`` folder, a distutils
file, an egg, a ``.dist-info`` folder, an ``.egg-link`` of a development install.
Source: PEP 376, 627; pip's behaviour for the rest.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from pipfast.environment.metadata_files import text_of
from pipfast.environment.recorded_files import listed
from pipfast.errors import Diagnostic, InstallationError
from pipfast.model.frozen_dataclass import dataclass, field
from pipfast.model.installed_distribution import Installed
from pipfast.transaction.scripts import entry_points
from pipfast.transaction.target_environment import Site

_WINDOWS = os.name == "nt"
_PATH_FILE = "easy-install.pth"


class NoRecordError(Diagnostic):
    """Nobody knows the files of an installed distribution."""

    def __init__(self, installed: Installed) -> None:
        name = installed.raw_name
        if installed.installer in ("", "pip"):
            advice = (
                "You might be able to recover from this via: "
                f"pip install --ignore-installed --no-deps {name}=={installed.version}"
            )
        else:
            advice = (
                f"The package was installed by {installed.installer}. "
                "You should check if it can uninstall the package."
            )
        super().__init__(
            "uninstall-no-record-file",
            f"Cannot uninstall {name} {installed.raw_version}",
            context=(f"The package's contents are unknown: no RECORD file was found for {name}."),
            advice=advice,
        )


class DistutilsError(Diagnostic):
    """A distribution that has no list of its files."""

    def __init__(self, installed: Installed) -> None:
        super().__init__(
            "uninstall-distutils-installed-package",
            f"Cannot uninstall {installed.raw_name} {installed.raw_version}",
            context=(
                "It is a distutils installed project and thus we cannot accurately determine "
                "which files belong to it which would lead to only a partial uninstall."
            ),
        )


class WrongLinkError(InstallationError):
    """An ``.egg-link`` leads to another folder than the one its distribution was found in."""

    def __init__(self, link: str, pointer: str, installed: Installed) -> None:
        super().__init__(
            f"Egg-link {link} (to {pointer}) does not match installed location of "
            f"{installed.raw_name} (at {installed.location})"
        )


@dataclass(frozen=True, slots=True)
class Belongings:
    """The files and folders of a distribution, there or not, without bytecode that Python made.

    `entries` are its lines in files that lengthen Python's path, by those files.
    """

    paths: tuple[str, ...]
    entries: Mapping[str, str] = field(default_factory=dict)


def belongings(installed: Installed, site: Site) -> Belongings:
    """All that is a distribution's own.

    Raises NoRecordError, DistutilsError and WrongLinkError where that cannot be told.
    """
    found = _by_kind(installed, site)
    return Belongings((*found.paths, *_scripts(installed, site)), found.entries)


def _by_kind(installed: Installed, site: Site) -> Belongings:
    info, location = Path(installed.info), Path(installed.location)
    developed = f"{installed.raw_name.replace('-', '_')}.egg-info"
    if info.suffix == ".egg-info" and not info.name.endswith(developed) and info.is_dir():
        return Belongings(tuple(_flat(info, location)))
    if info.is_file():
        raise DistutilsError(installed)
    if location.suffix == ".egg":
        egg = os.path.normcase(os.path.realpath(location))
        folder, name = os.path.split(egg)
        return Belongings((egg,), {os.path.join(folder, _PATH_FILE): _entry(f"./{name}")})
    if info.suffix == ".dist-info" and info.is_dir():
        return Belongings(tuple(_recorded(installed)))
    link = _egg_link(installed.raw_name, site)
    return _developed(installed, link) if link is not None else Belongings(())


def _recorded(installed: Installed) -> Iterator[str]:
    """What RECORD lists, with the bytecode that old Pythons put beside modules."""
    text = text_of(installed.info, "RECORD")
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
    """What setuptools wrote down for an installation without an egg, or else its packages."""
    yield str(info)
    record = text_of(str(info), "RECORD")
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


def _egg_link(raw_name: str, site: Site) -> str | None:
    """The link of a development install, under either of the names it may have."""
    names = (f"{re.sub('[^A-Za-z0-9.]+', '-', raw_name)}.egg-link", f"{raw_name}.egg-link")
    paths = (os.path.join(folder, name) for folder in site.link_folders for name in names)
    return next(filter(os.path.isfile, paths), None)


def _developed(installed: Installed, link: str) -> Belongings:
    with open(link, encoding="utf-8") as file:
        pointer = os.path.normcase(file.readline().strip())
    location = str(installed.location)
    if _real(os.path.join(os.path.dirname(link), pointer)) != _real(location):
        raise WrongLinkError(link, pointer, installed)
    return Belongings((link,), {os.path.join(os.path.dirname(link), _PATH_FILE): _entry(location)})


def _entry(location: str) -> str:
    """A folder as setuptools writes it into a file of paths."""
    entry = os.path.normcase(location)
    if _WINDOWS and not os.path.splitdrive(entry)[0]:
        entry = entry.replace("\\", "/")
    return entry


def _real(path: str) -> str:
    return os.path.normcase(os.path.realpath(os.path.expanduser(path)))


def _scripts(installed: Installed, site: Site) -> Iterator[str]:
    """Scripts that distutils wrote down, and those of entry points."""
    folder = site.user_scripts if installed.in_user_site else site.scripts
    folder = folder or site.scheme.scripts
    try:
        names = os.listdir(os.path.join(installed.info, "scripts"))
    except OSError:
        names = []
    for name in names:
        yield os.path.join(folder, name)
        if _WINDOWS:
            yield os.path.join(folder, f"{name}.bat")
    points = entry_points(text_of(installed.info, "entry_points.txt") or "")
    for group, ending in ((points.console, "py"), (points.gui, "pyw")):
        for name in group:
            path = os.path.join(folder, name)
            yield path
            if _WINDOWS:
                yield from (f"{path}.exe", f"{path}.exe.manifest", f"{path}-script.{ending}")
