"""Make a wheel of an installed pip, so that it can be put back later."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from pipfast.commands._shim_wheel import SavedWheel, archive
from pipfast.environment.recorded_files import declared
from pipfast.errors import InstallationError
from pipfast.model.installed_distribution import Installed
from pipfast.report import shim_lines

_OF_INSTALLATION = ("RECORD", "INSTALLER", "REQUESTED", "direct_url.json")
"""Files in a metadata folder that installers write."""

_MADE_AGAIN = re.compile(r"pip(\d+(\.\d+)?)?(\.exe)?")
"""Names of the scripts that pip's entry points give."""


def saved_pip(pip: Installed, prefix: str, scripts: str) -> SavedWheel:
    """Return a wheel that installs the files of `pip`; `scripts` is its folder of programs.

    What an installer makes again is left out: scripts of entry points, and bytecode. Raises
    InstallationError if files are missing or `pip` was not installed from a wheel.
    """
    info = Path(pip.info)
    names = [Path(name).as_posix() for name in declared(pip) or ()]
    kept = [
        name
        for name in names
        if not name.endswith(".pyc")
        and not name.startswith(("../", "/"))
        and name not in {f"{info.name}/{each}" for each in _OF_INSTALLATION}
    ]
    try:
        files = {name: Path(pip.location, name).read_bytes() for name in kept}
        for path in _other_scripts(names, Path(pip.location), Path(scripts)):
            files[f"{info.name.removesuffix('.dist-info')}.data/scripts/{path.name}"] = (
                path.read_bytes()
            )
    except OSError:
        raise InstallationError(shim_lines.not_saved(prefix, pip.info)) from None
    if f"{info.name}/WHEEL" not in files or "pip/__main__.py" not in files:
        raise InstallationError(shim_lines.not_saved(prefix, pip.info))
    return SavedWheel(f"pip-{pip.version}-py3-none-any.whl", archive(files, info.name))


def _other_scripts(names: list[str], location: Path, scripts: Path) -> Iterator[Path]:
    """Yield the listed programs of other installers, like virtualenv's ``pip-3.12``."""
    for name in names:
        path = location / name
        if not _MADE_AGAIN.fullmatch(path.name) and path.parent.resolve() == scripts.resolve():
            yield path
