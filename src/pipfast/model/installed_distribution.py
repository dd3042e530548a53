"""A distribution that is in an environment, as its metadata folder tells."""

from __future__ import annotations

from pipfast.model.frozen_dataclass import dataclass
from pipfast.model.project_names import NormalizedName


@dataclass(frozen=True, slots=True, kw_only=True)
class Installed:
    """One installed distribution.

    `name` (normalised) and `version` are those of the folder's name, by which pip resolves; an
    ``.egg-info`` has its version from its metadata. `raw_name` and `raw_version` are as METADATA
    writes them, and are what pip shows; `raw_version` is None where METADATA has none.
    `location` is the folder on the path that holds it, `info` its ``.dist-info`` or
    ``.egg-info``. `installed_location` is `location` without links, or for an ``.egg-link``
    the folder that holds that. `installer` is INSTALLER's word, empty if unknown. `direct_url` is
    the text of ``direct_url.json``, None without one (PEP 610). `requested` tells whether the user
    asked for it (PEP 376). `editable` is the project's folder of an editable install, else None.
    `text` is METADATA of one that lies nowhere on the disk and has neither `location` nor `info`.
    `local` is false for a distribution outside the target's own prefix, which may be seen but not
    removed.
    """

    name: NormalizedName
    raw_name: str
    version: str
    location: str
    info: str
    raw_version: str | None = None
    installed_location: str = ""
    installer: str = ""
    direct_url: str | None = None
    requested: bool = False
    editable: str | None = None
    local: bool = True
    in_user_site: bool = False
    text: str | None = None
