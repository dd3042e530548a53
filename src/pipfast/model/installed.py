"""A distribution that is in an environment, as its metadata folder tells."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from packaging.utils import NormalizedName


@dataclass(frozen=True, slots=True, kw_only=True)
class Installed:
    """One installed distribution.

    `name` is normalised, `raw_name` and `version` are as METADATA writes them (the folder's name
    where METADATA is missing). `location` is the folder on the path that holds it, `info` its
    ``.dist-info`` or ``.egg-info``. `installer` is INSTALLER's word, empty if unknown.
    `requested` tells whether the user asked for it (PEP 376). `editable` is the project's folder
    of an editable install, else None (PEP 610). `local` is false for a distribution outside the
    target's own prefix, which may be seen but not removed.
    """

    name: NormalizedName
    raw_name: str
    version: str
    location: Path
    info: Path
    installer: str = ""
    requested: bool = False
    editable: str | None = None
    local: bool = True
    in_user_site: bool = False
