"""What can go wrong with a build, in pip's words."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from pipfast.builds.missing_module import Lack
from pipfast.errors import Diagnostic, InstallationError, Remedy

_NOT_PIP = "This is an issue with the package mentioned above, not pip."


class NotAProject(InstallationError):
    """A folder holds nothing that could be built."""

    def __init__(self, named: str) -> None:
        super().__init__(
            f"{named} does not appear to be a Python project: "
            "neither 'setup.py' nor 'pyproject.toml' found."
        )


class UnreadableProject(InstallationError):
    """``pyproject.toml`` is no TOML, or a key of its build system has a value of another kind."""

    def __init__(self, named: str, why: str) -> None:
        super().__init__(f"The pyproject.toml of {named} cannot be used: {why}")


class InvalidBuildSystem(Diagnostic):
    """``build-system.requires`` is missing or wrong (PEP 518)."""

    @classmethod
    def without_requires(cls, named: str) -> InvalidBuildSystem:
        """The key is not there."""
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
    """A project's metadata could not be asked for; what happened was shown when it did.

    `step` is what was being done, `lacks` what the backend looked for in vain.
    """

    def __init__(self, name: str, step: str, lacks: Sequence[Lack] = ()) -> None:
        super().__init__(f"Failed to build '{name}' when {step.lower()}")
        self.name = name
        self.step = step
        self.lacks = lacks


class MetadataFailed(Diagnostic):
    """The backend gave no metadata; what happened was shown when it did.

    `lacks` is what it looked for in vain.
    """

    def __init__(self, described: str, lacks: Sequence[Lack] = ()) -> None:
        super().__init__(
            "metadata-generation-failed",
            "Encountered error while generating package metadata.",
            context=described,
            note=_NOT_PIP,
            advice="See above for details.",
        )
        self.lacks = lacks


class BadMetadata(InstallationError):
    """What the backend gave as metadata cannot be used."""

    def __init__(self, named: str, why: str) -> None:
        super().__init__(f"The build backend of {named} gave no valid metadata: {why}")


class WheelNotBuilt(InstallationError):
    """The wheel of `name` could not be built; what happened was shown when it did.

    `lacks` is what the backend looked for in vain.
    """

    def __init__(self, name: str, lacks: Sequence[Lack] = ()) -> None:
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


class Conflict(InstallationError):
    """What a build asks for contradicts what its environment holds.

    `pairs` are each what is there and what is asked for; `against` says in whose name.
    """

    def __init__(self, named: str, against: str, pairs: Sequence[tuple[str, str]]) -> None:
        told = (f"{there} is incompatible with {asked}" for there, asked in sorted(pairs))
        listed = ", ".join(told)
        super().__init__(f"Some build dependencies for {named} conflict with {against}: {listed}.")


class Missing(InstallationError):
    """``--check-build-dependencies`` found that the environment lacks build requirements."""

    def __init__(self, named: str, requirements: Sequence[str]) -> None:
        listed = ", ".join(map(repr, sorted(requirements)))
        super().__init__(f"Some build dependencies for {named} are missing: {listed}.")


class NotEditable(InstallationError):
    """The backend knows no editable installs (PEP 660)."""

    def __init__(self, named: str) -> None:
        super().__init__(
            f"Project {named} uses a build backend that is missing the 'build_editable' hook, so "
            "it cannot be installed in editable mode. Consider using a build backend that supports "
            "PEP 660."
        )


class FillingFailed(Exception):
    """Build requirements could not be installed; `output` is what was said of it, line by line."""

    def __init__(self, output: Sequence[str], code: int = 1) -> None:
        super().__init__("build requirements could not be installed")
        self.output = tuple(output)
        self.code = code


class NoVirtualEnvironments(Diagnostic):
    """The target's Python lacks the module that makes virtual environments."""

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
    """A virtual environment could not be made; `why` is what was said."""

    def __init__(self, why: str) -> None:
        super().__init__(
            "venv-creation-error",
            "Cannot create a virtual environment",
            context=why,
            advice="This may be caused by running antivirus software." if os.name == "nt" else "",
        )
