"""Errors of builds, with pip's messages."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from enum import Enum, auto

from pipfast.builds.missing_module import MissingDependency
from pipfast.errors import Diagnostic, InstallationError, OwnInstallationError, Remedy

_NOT_PIP = "This is an issue with the package mentioned above, not pip."


class NotAProject(InstallationError):
    """A folder does not contain a project."""

    def __init__(self, named: str) -> None:
        super().__init__(
            f"{named} does not appear to be a Python project: "
            "neither 'setup.py' nor 'pyproject.toml' found."
        )


class UnreadableProject(OwnInstallationError):
    """``pyproject.toml`` is not valid TOML, or a key of its build system has the wrong type."""

    def __init__(self, named: str) -> None:
        super().__init__()
        self.named = named


class InvalidToml(UnreadableProject):
    """``pyproject.toml`` is not valid TOML; `fault` is the parser's message."""

    def __init__(self, named: str, fault: str) -> None:
        super().__init__(named)
        self.fault = fault


class TomlType(Enum):
    """A type that a key of a build system must have."""

    TABLE = auto()
    STRING = auto()
    STRINGS = auto()


class WrongTypeInProject(UnreadableProject):
    """`key` of ``pyproject.toml`` is not of the type `expected`."""

    def __init__(self, named: str, key: str, expected: TomlType) -> None:
        super().__init__(named)
        self.key = key
        self.expected = expected


class InvalidBuildSystem(Diagnostic):
    """``build-system.requires`` is missing or invalid (PEP 518)."""

    @classmethod
    def without_requires(cls, named: str) -> InvalidBuildSystem:
        """The key is missing."""
        return cls(
            "missing-pyproject-build-system-requires",
            f"Can not process {named}",
            context="This package has an invalid pyproject.toml file.\n"
            "The [build-system] table is missing the mandatory `requires` key.",
            note=_NOT_PIP,
            advice="See PEP 518 for the detailed specification.",
        )

    @classmethod
    def with_requires(cls, named: str, reason: str) -> InvalidBuildSystem:
        """The key's value is not a list of requirements; `reason` is a sentence."""
        return cls(
            "invalid-pyproject-build-system-requires",
            f"Can not process {named}",
            context="This package has an invalid `build-system.requires` key in "
            f"pyproject.toml.\n{reason}",
            note=_NOT_PIP,
            advice="See PEP 518 for the detailed specification.",
        )


class PreparationFailed(InstallationError):
    """A hook that prepares metadata failed; the details were reported when it happened.

    `step` is what it was called for, `lacks` are modules that the backend did not find.
    """

    def __init__(self, name: str, step: str, lacks: Sequence[MissingDependency] = ()) -> None:
        super().__init__(f"Failed to build '{name}' when {step.lower()}")
        self.name = name
        self.step = step
        self.lacks = lacks


class MetadataFailed(Diagnostic):
    """The backend returned no metadata; the details were reported when it happened.

    `lacks` are modules that it did not find.
    """

    def __init__(self, described: str, lacks: Sequence[MissingDependency] = ()) -> None:
        super().__init__(
            "metadata-generation-failed",
            "Encountered error while generating package metadata.",
            context=described,
            note=_NOT_PIP,
            advice="See above for details.",
        )
        self.lacks = lacks


class MetadataFault(Enum):
    """What is wrong with the metadata that a backend returned."""

    NO_FOLDER = auto()
    """No ``.dist-info`` folder is named."""
    NO_DOCUMENT = auto()
    """The folder has no METADATA."""
    NO_NAME = auto()
    """METADATA has no Name."""
    TOO_LARGE = auto()
    """METADATA is beyond the limits on it."""


class BadMetadata(OwnInstallationError):
    """The backend returned invalid metadata in the ``.dist-info`` folder `folder`."""

    def __init__(self, named: str, fault: MetadataFault, folder: str = "") -> None:
        super().__init__()
        self.named = named
        self.fault = fault
        self.folder = folder


class WheelNotBuilt(InstallationError):
    """The wheel of `name` could not be built; the details were reported when it happened.

    `lacks` are modules that the backend did not find.
    """

    def __init__(self, name: str, lacks: Sequence[MissingDependency] = ()) -> None:
        super().__init__(f"Failed building wheel for {name}")
        self.name = name
        self.lacks = lacks


class WheelsNotBuilt(Diagnostic):
    """The wheels of `names` could not be built, which ends the run."""

    def __init__(self, names: Sequence[str], *remedies: Remedy) -> None:
        super().__init__(
            "failed-wheel-build-for-install",
            "Failed to build installable wheels for some pyproject.toml based projects",
            context=", ".join(names),
        )
        self.remedies = remedies


class ConflictingRequirements(InstallationError):
    """A build requirement conflicts with the build environment.

    `pairs` are installed distributions and requirements; `against` is the origin of the
    requirements.
    """

    def __init__(self, named: str, against: str, pairs: Sequence[tuple[str, str]]) -> None:
        versions = (f"{there} is incompatible with {asked}" for there, asked in sorted(pairs))
        listed = ", ".join(versions)
        super().__init__(f"Some build dependencies for {named} conflict with {against}: {listed}.")


class MissingRequirements(InstallationError):
    """``--check-build-dependencies`` found missing build requirements."""

    def __init__(self, named: str, requirements: Sequence[str]) -> None:
        listed = ", ".join(map(repr, sorted(requirements)))
        super().__init__(f"Some build dependencies for {named} are missing: {listed}.")


class NotEditable(InstallationError):
    """The backend does not support editable installs (PEP 660)."""

    def __init__(self, named: str) -> None:
        super().__init__(
            f"Project {named} uses a build backend that is missing the 'build_editable' hook, so "
            "it cannot be installed in editable mode. Consider using a build backend that supports "
            "PEP 660."
        )


class BuildRequirementsFailed(Exception):
    """Build requirements could not be installed; `output` are the lines of that installation."""

    def __init__(self, output: Sequence[str], code: int = 1) -> None:
        super().__init__()
        self.output = tuple(output)
        self.code = code


class NoVirtualEnvironments(Diagnostic):
    """The target's Python has no module for creating virtual environments."""

    def __init__(self) -> None:
        super().__init__(
            "venv-import-error",
            "Cannot import the 'venv' module of the Python standard library",
            context="This is a symptom of a broken/modified Python, which cannot be used with pip.",
            note="This is an issue with the Python installation itself, not pip.",
            advice=(
                "If this is an OS-provided Python, it's likely that your OS package maintainers "
                "have split Python's standard library across multiple OS packages."
                if sys.platform == "linux"
                else ""
            ),
        )


class NoVirtualEnvironment(Diagnostic):
    """A virtual environment could not be created; `why` is the output."""

    def __init__(self, why: str) -> None:
        super().__init__(
            "venv-creation-error",
            "Cannot create a virtual environment",
            context=why,
            advice="This may be caused by running antivirus software." if os.name == "nt" else "",
        )
