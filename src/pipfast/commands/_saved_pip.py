"""Make a wheel of an installed pip, so that it can be put back later."""

from __future__ import annotations

from pathlib import Path

from pipfast.commands._shim_wheel import SavedWheel, archive
from pipfast.environment.recorded_files import declared
from pipfast.errors import InstallationError
from pipfast.model.installed_distribution import Installed
from pipfast.report import shim_lines

_OF_INSTALLATION = ("RECORD", "INSTALLER", "REQUESTED", "direct_url.json")
"""Files in a metadata folder that installers write."""


def saved_pip(pip: Installed, prefix: str) -> SavedWheel:
    """Return the wheel that `pip` was installed from, as far as its files in site-packages tell.

    Scripts and bytecode are left out; an installer makes them again. Raises InstallationError if
    files are missing or `pip` was not installed from a wheel.
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
    except OSError:
        raise InstallationError(shim_lines.not_saved(prefix, pip.info)) from None
    if f"{info.name}/WHEEL" not in files or "pip/__main__.py" not in files:
        raise InstallationError(shim_lines.not_saved(prefix, pip.info))
    return SavedWheel(f"pip-{pip.version}-py3-none-any.whl", archive(files, info.name))
