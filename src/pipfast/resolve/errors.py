"""Errors of the resolver."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from packaging.specifiers import SpecifierSet
from packaging.utils import NormalizedName
from packaging.version import InvalidVersion

from pipfast.errors import Diagnostic, InstallationError
from pipfast.model.events import Message
from pipfast.model.installed_distribution import Installed


class MissingRelease(NamedTuple):
    """A requirement on an index that no release satisfies."""

    name: NormalizedName
    specifier: SpecifierSet


class NoSolution(InstallationError):
    """The requirements cannot be satisfied; `details` are printed before the error, in order.

    `missing` is a requirement that no release satisfies, or `projects` are those of a conflict.
    """

    def __init__(
        self,
        message: str,
        details: Sequence[Message] = (),
        *,
        missing: MissingRelease | None = None,
        projects: Sequence[NormalizedName] = (),
    ) -> None:
        super().__init__(message)
        self.details = tuple(details)
        self.missing = missing
        self.projects = tuple(projects)


class TooDeep(Diagnostic):
    """The resolution was aborted after `solve.MAX_ROUNDS` rounds."""

    def __init__(self) -> None:
        super().__init__(
            "resolution-too-deep",
            "Dependency resolution exceeded maximum depth",
            context="Pip cannot resolve the current dependencies as the dependency graph is too "
            "complex for pip to solve efficiently.",
            advice="Try adding lower bounds to constrain your dependencies, for example: "
            "'package>=2.0.0' instead of just 'package'. ",
        )


class InvalidMetadata(InstallationError):
    """The metadata of a distribution contains an invalid requirement; it is passed over."""


class InvalidOwnVersion(InstallationError):
    """The metadata of a distribution contains an invalid version, which ends the run."""


class UnpinnedRequirement(InstallationError):
    """Hashes are required, and a requirement does not pin a version."""

    def __init__(self, requirement: str) -> None:
        super().__init__(
            "In --require-hashes mode, all requirements must have their versions pinned with ==. "
            f"These do not:\n    {requirement}"
        )


class InvalidInstalledDistribution(Diagnostic):
    """An installed distribution has an invalid version or requirement."""

    def __init__(self, installed: Installed, cause: Exception) -> None:
        kind = "version" if isinstance(cause, InvalidVersion) else "requirement"
        super().__init__(
            "invalid-installed-package",
            f"Cannot process installed package {installed.raw_name} {installed.version} in "
            f"{str(installed.location)!r} because it has an invalid {kind}:\n{cause}",
            context=f"Starting with pip 24.1, packages with invalid {kind}s can not be processed.",
            advice="To proceed this package must be uninstalled.",
        )
