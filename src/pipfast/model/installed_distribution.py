"""An installed distribution."""

from __future__ import annotations

from pipfast.model.frozen_dataclass import dataclass
from pipfast.model.project_names import NormalizedName


@dataclass(frozen=True, slots=True, kw_only=True)
class Installed:
    """An installed distribution.

    `name` (normalised) and `version` are those of the metadata folder, which pip uses for
    resolving; an ``.egg-info`` has its version in its metadata. `raw_name` and `raw_version` are
    those in METADATA, which pip prints; `raw_version` is None if METADATA has none. `location`
    is the folder on the path that contains it, `info` its ``.dist-info`` or ``.egg-info``.
    `installer` is INSTALLER's content, empty if unknown. `direct_url` is the text of
    ``direct_url.json``, None without one (PEP 610). `requested` is whether the user requested it
    (PEP 376). `editable` is the project folder of an editable install, else None. `local` is
    false for a distribution outside the target's prefix, which is visible but cannot be removed.
    `text` is METADATA of a distribution without a folder on disk, which has neither `location`
    nor `info`.
    """

    name: NormalizedName
    raw_name: str
    version: str
    location: str
    info: str
    raw_version: str | None = None
    installer: str = ""
    direct_url: str | None = None
    requested: bool = False
    editable: str | None = None
    local: bool = True
    in_user_site: bool = False
    text: str | None = None
