"""A wheel that is wanted of a source, and the error of one that has another version."""

from __future__ import annotations

from packaging.version import Version

from pipfast.errors import OwnInstallationError
from pipfast.model.distribution import Sdist, Source
from pipfast.model.frozen_dataclass import dataclass
from pipfast.model.remedies import AcceptBuiltVersion
from pipfast.resolve.install_requirement import InstallRequirement


@dataclass(frozen=True, slots=True)
class WheelRequest:
    """A source whose wheel is wanted, and its requirement.

    `spelling` is the project's name in messages, `version` the resolved one.
    """

    distribution: Sdist | Source
    install_req: InstallRequirement
    spelling: str
    version: Version


class OtherVersionBuilt(OwnInstallationError):
    """The wheel of `project` has the version `found`, not the resolved one.

    pip does not check this.
    """

    def __init__(self, wished: WheelRequest, found: Version) -> None:
        lax = found.public == str(wished.version)
        setting = "PIPFAST_LOCAL_VERSIONS=lax" if lax else "PIPFAST_PIP_COMPAT=1"
        super().__init__(AcceptBuiltVersion(setting))
        self.project = wished.spelling
        self.resolved = str(wished.version)
        self.found = str(found)
