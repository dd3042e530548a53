"""Save an installed pip, so that it can be put back exactly as it was."""

from __future__ import annotations

import json
import os
import re
import stat
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from io import BytesIO
from pathlib import Path, PurePosixPath

from pipfast.commands._shim_wheel import SavedPip, SavedWheel, archive
from pipfast.environment.recorded_files import declared
from pipfast.errors import InstallationError
from pipfast.model.frozen_dataclass import dataclass
from pipfast.model.installed_distribution import Installed
from pipfast.report import shim_lines

_OF_INSTALLATION = ("RECORD", "INSTALLER", "REQUESTED", "direct_url.json")
"""Files in a metadata folder that installers write."""

_MADE_AGAIN = re.compile(r"pip(\d+(\.\d+)?)?(\.exe)?")
"""Names of the scripts that pip's entry points give."""

_STATE = "state.json"


@dataclass(frozen=True, slots=True)
class _Facts:
    """The permissions of a file or folder, and the time of its last change in nanoseconds."""

    mode: int
    time: int


def saved_pip(pip: Installed, prefix: str, scripts: str) -> SavedPip:
    """Return all files of `pip`; `scripts` is its folder of programs.

    A wheel has what can be installed again, and an archive has the rest: metadata of the
    installation, scripts, bytecode, and the permissions and times of all files. Raises
    InstallationError if files are missing or `pip` was not installed from a wheel.
    """
    info = Path(pip.info)
    names = [Path(name).as_posix() for name in declared(pip) or ()]
    kept = [name for name in names if not _is_made_by_installers(name, info.name)]
    location = Path(pip.location)
    try:
        files = {name: (location / name).read_bytes() for name in kept}
        for path in _other_scripts(names, location, Path(scripts)):
            files[f"{info.name.removesuffix('.dist-info')}.data/scripts/{path.name}"] = (
                path.read_bytes()
            )
        rest = _rest(location, names, kept)
    except OSError:
        raise InstallationError(shim_lines.not_saved(prefix, pip.info)) from None
    if f"{info.name}/WHEEL" not in files or "pip/__main__.py" not in files:
        raise InstallationError(shim_lines.not_saved(prefix, pip.info))
    wheel = SavedWheel(f"pip-{pip.version}-py3-none-any.whl", archive(files, info.name))
    return SavedPip(wheel, rest)


def _is_made_by_installers(name: str, info: str) -> bool:
    """Return whether a file is not in a wheel: bytecode, scripts, metadata of an installation."""
    own = {f"{info}/{each}" for each in _OF_INSTALLATION}
    return name.endswith(".pyc") or name.startswith(("../", "/")) or name in own


def _rest(location: Path, names: list[str], kept: list[str]) -> bytes:
    """Return an archive of the existing files that are not `kept`, and the facts of all."""
    there = [name for name in names if os.path.lexists(location / name)]
    folders = {parent for name in there for parent in _folders(name)}
    facts = {name: _facts(location / name) for name in (*sorted(folders), *there)}
    written = BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_STORED) as packed:
        for number, name in enumerate(there):
            if name not in kept:
                packed.writestr(zipfile.ZipInfo(str(number)), (location / name).read_bytes())
        state = {name: [one.mode, one.time] for name, one in facts.items()}
        packed.writestr(zipfile.ZipInfo(_STATE), json.dumps([there, state]))
    return written.getvalue()


def _folders(name: str) -> Iterator[str]:
    """Yield the folders of a distribution that contain a file of its own."""
    for parent in PurePosixPath(name).parents:
        if parent.name and ".." not in parent.parts:
            yield str(parent)


def _facts(path: Path) -> _Facts:
    status = path.lstat()
    return _Facts(stat.S_IMODE(status.st_mode), status.st_mtime_ns)


def put_back(rest: bytes, location: Path, installed: Iterable[str]) -> None:
    """Make the files of a pip that was installed again what they were when it was saved.

    `installed` are the files that the installation has made, relative to `location`; the files
    are not links into a store. Raises OSError; every state on the way is a pip that works.
    """
    with zipfile.ZipFile(BytesIO(rest)) as packed:
        there, state = json.loads(packed.read(_STATE))
        content = {
            name: packed.read(str(number))
            for number, name in enumerate(there)
            if str(number) in packed.namelist()
        }
    for name in set(installed) - set(there):
        path = location / name
        path.unlink(missing_ok=True)
        if path.parent.name == "__pycache__":
            with suppress(OSError):  # others have bytecode there
                path.parent.rmdir()
    for name, data in content.items():
        _write(location / name, data)
    _set_facts(location, {name: _Facts(*one) for name, one in state.items()})


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f"{path.name}.pipfast")
    try:
        aside.write_bytes(data)
        aside.replace(path)
    finally:
        aside.unlink(missing_ok=True)


def _set_facts(location: Path, facts: Mapping[str, _Facts]) -> None:
    """Set permissions and times, of folders after what they contain."""
    for name, one in sorted(facts.items(), key=lambda item: -item[0].count("/")):
        path = location / name
        if path.exists() and not path.is_symlink():
            path.chmod(one.mode)
            os.utime(path, ns=(one.time, one.time))


def _other_scripts(names: list[str], location: Path, scripts: Path) -> Iterator[Path]:
    """Yield the listed programs of other installers, like virtualenv's ``pip-3.12``."""
    for name in names:
        path = location / name
        if not _MADE_AGAIN.fullmatch(path.name) and path.parent.resolve() == scripts.resolve():
            yield path
