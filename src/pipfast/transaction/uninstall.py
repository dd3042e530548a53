"""Taking a distribution out: which paths are its own, and how few moves take them all away."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from pipfast.errors import InstallationError, NotNative
from pipfast.model.events import Level, Said
from pipfast.model.installed import Installed
from pipfast.transaction.record import listed
from pipfast.transaction.scripts import entry_points
from pipfast.transaction.site import Site

_WINDOWS = os.name == "nt"


class NoRecordError(InstallationError):
    """Nobody knows the files of an installed distribution (pip's uninstall-no-record-file)."""

    reference = "uninstall-no-record-file"

    def __init__(self, installed: Installed) -> None:
        name, version = installed.raw_name, installed.version
        if installed.installer in ("", "pip"):
            hint = (
                "You might be able to recover from this via: "
                f"pip install --ignore-installed --no-deps {name}=={version}"
            )
        else:
            hint = (
                f"The package was installed by {installed.installer}. "
                "You should check if it can uninstall the package."
            )
        self.context = f"The package's contents are unknown: no RECORD file was found for {name}."
        super().__init__(f"Cannot uninstall {name} {version}", hint=hint)


class DistutilsError(InstallationError):
    """A distribution without a list of its files (pip's uninstall-distutils-installed-package)."""

    reference = "uninstall-distutils-installed-package"

    def __init__(self, installed: Installed) -> None:
        self.context = (
            "It is a distutils installed project and thus we cannot accurately determine which "
            "files belong to it which would lead to only a partial uninstall."
        )
        super().__init__(f"Cannot uninstall {installed.raw_name} {installed.version}")


@dataclass(frozen=True, slots=True)
class Outgoing:
    """What goes with a distribution: `paths` may be removed, there or not; `present` are there.

    `refused` are outside the environment's prefix and stay. `said` is what pip says of it.
    """

    installed: Installed
    paths: frozenset[str]
    present: frozenset[str]
    refused: frozenset[str]
    said: tuple[Said, ...]


def outgoing(installed: Installed, site: Site, *, indent: int) -> Outgoing:
    """Find the files of `installed`; `indent` is how far pip's lines are indented.

    Raises NoRecordError, DistutilsError, and NotNative for eggs and their links.
    """
    margin = " " * indent
    title = f"{installed.raw_name}-{installed.version}"
    stays = _why_it_stays(installed, site)
    if stays is not None:
        lines = [
            stays,
            f"Can't uninstall '{installed.raw_name}'. No files were found to uninstall.",
        ]
        return Outgoing(installed, frozenset(), frozenset(), frozenset(), _said(margin, lines))
    paths = set(_normalised(_paths(installed, site)))
    allowed = paths
    if site.is_virtual:
        prefix = os.path.normcase(os.path.realpath(site.prefix))
        allowed = {path for path in paths if path.startswith(prefix)}
    present = frozenset(path for path in allowed if os.path.exists(path))  # noqa: PTH110
    if present:
        lines = [f"Uninstalling {title}:", f"  Successfully uninstalled {title}"]
    else:
        lines = [f"Can't uninstall '{installed.raw_name}'. No files were found to uninstall."]
    refused = frozenset(path for path in paths - allowed if os.path.exists(path))  # noqa: PTH110
    return Outgoing(installed, frozenset(allowed), present, refused, _said(margin, lines))


def _said(margin: str, lines: Iterable[str]) -> tuple[Said, ...]:
    return tuple(Said(Level.INFO, margin + line) for line in lines)


def _why_it_stays(installed: Installed, site: Site) -> str | None:
    location = os.path.normcase(os.path.realpath(installed.location))
    if not installed.local:
        return f"Not uninstalling {installed.name} at {location}, outside environment {site.prefix}"
    if location in site.stdlib:
        return f"Not uninstalling {installed.name} at {location}, as it is in the standard library."
    return None


def _paths(installed: Installed, site: Site) -> Iterator[str]:
    """All paths that belong to `installed`, as RECORD and entry points tell (PEP 376)."""
    info = installed.info
    if info.suffix != ".dist-info":
        if info.is_file():
            raise DistutilsError(installed)
        raise NotNative(f"{installed.raw_name} was installed by setuptools")
    try:
        text = (info / "RECORD").read_text("utf-8")
    except FileNotFoundError:
        raise NoRecordError(installed) from None
    location = str(installed.location)
    for entry in listed(text):
        path = os.path.join(location, entry)  # noqa: PTH118
        yield path
        if path.endswith(".py"):
            yield path + "c"
            yield path + "o"
            yield from _bytecode(path, site)
    folder = site.user_scripts if installed.in_user_site else site.scripts
    yield from _scripts(info, folder or site.scheme.scripts)


def _bytecode(path: str, site: Site) -> Iterator[str]:
    if site.cache_tag is not None:
        folder, name = os.path.split(path)
        yield os.path.join(folder, "__pycache__", f"{name[:-3]}.{site.cache_tag}.pyc")  # noqa: PTH118


def _scripts(info: Path, folder: str) -> Iterator[str]:
    try:
        points = entry_points((info / "entry_points.txt").read_text("utf-8"))
    except FileNotFoundError:
        return
    for names, ending in ((points.console, "py"), (points.gui, "pyw")):
        for name in names:
            path = os.path.join(folder, name)  # noqa: PTH118
            yield path
            if _WINDOWS:
                yield from (f"{path}.exe", f"{path}.exe.manifest", f"{path}-script.{ending}")


def _normalised(paths: Iterable[str]) -> Iterator[str]:
    """Paths with the links in their folders resolved, not those they may be themselves."""
    folders: dict[str, str] = {}
    for path in paths:
        folder, name = os.path.split(path)
        real = folders.get(folder)
        if real is None:
            real = folders[folder] = os.path.normcase(os.path.realpath(folder))
        yield os.path.join(real, os.path.normcase(name))  # noqa: PTH118


def removals(
    present: Iterable[str], roots: Iterable[str], aside: Callable[[str], str]
) -> list[tuple[str, str]]:
    """The moves that take the paths `present` away: a folder whole when nothing else is in it.

    `roots` are folders that stay, whatever they hold. `aside` gives the new path of an old one.
    """
    paths = set(present)
    stay = {os.path.normcase(os.path.realpath(root)) for root in roots}
    inner: dict[str, set[str]] = {}
    for path in paths:
        folder = os.path.dirname(path)  # noqa: PTH120
        if folder not in inner and not _within(folder, stay):
            stay.add(folder)
        while folder not in inner:
            inner[folder] = set()
            parent = os.path.dirname(folder)  # noqa: PTH120
            if folder in stay or parent == folder:
                break
            folder = parent
    for folder in inner:
        if folder not in stay:
            inner.get(os.path.dirname(folder), set()).add(folder)  # noqa: PTH120
    found: list[str] = []
    tops = [folder for folder in inner if folder in stay or os.path.dirname(folder) not in inner]  # noqa: PTH120
    for top in sorted(tops):
        _collect(top, inner, paths, found, may_go=top not in stay)
    return [(path, aside(path)) for path in found]


def _collect(
    folder: str, inner: dict[str, set[str]], paths: set[str], found: list[str], *, may_go: bool
) -> bool:
    """Add to `found` what goes out of `folder`; True, adding nothing, when all of it goes."""
    files, whole, alone = [], [], False
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                path = os.path.join(folder, os.path.normcase(entry.name))  # noqa: PTH118
                if path in paths:
                    files.append(path)
                elif path in inner:
                    continue
                elif may_go and not alone:
                    alone = not entry.is_dir() or (not entry.is_symlink() and _holds_files(path))
    except OSError:
        return False
    for sub in sorted(inner.get(folder, ())):
        if sub in paths:
            continue
        if _collect(sub, inner, paths, found, may_go=True):
            whole.append(sub)
        else:
            alone = True
    if may_go and not alone:
        return True
    found += whole
    found += files
    return False


def _within(folder: str, roots: Iterable[str]) -> bool:
    return any(folder == root or folder.startswith(os.path.join(root, "")) for root in roots)  # noqa: PTH118


def _holds_files(folder: str) -> bool:
    return any(files for _, _, files in os.walk(folder))
