"""Errors of requirements, requirements files and lock files."""

from __future__ import annotations

from pipfast.errors import Diagnostic, InstallationError
from pipfast.model.link import Link


class UnparsableInput(InstallationError):
    """A requirement or file cannot be parsed where pip fails with a traceback and exit code 2."""

    exit_code = 2


class InvalidEggFragment(Diagnostic):
    """The ``#egg=`` fragment of a link is not a project name."""

    def __init__(self, link: Link, egg: str) -> None:
        advice = ""
        if any(operator in egg for operator in "<>="):
            advice = "Version specifiers are silently ignored for URL references. Remove them. "
        if "[" in egg and "]" in egg:
            advice += "Try using the Direct URL requirement syntax: 'name[extra] @ URL'"
        super().__init__(
            "invalid-egg-fragment",
            f"The '{egg}' egg fragment is invalid",
            context=f"from '{link.redacted}'",
            advice=advice or "Egg fragments can only be a valid project name.",
        )


class RequirementsFileError(InstallationError):
    """A requirements file cannot be parsed.

    `usage` is printed on standard error before the message; empty for none.
    """

    def __init__(self, message: str, usage: str = "") -> None:
        super().__init__(message)
        self.usage = usage


class MalformedOptions(Exception):
    """The options of a line cannot be parsed; `usage` is printed before the error if not empty."""

    def __init__(self, text: str, usage: str = "") -> None:
        super().__init__(text)
        self.usage = usage


class PylockError(InstallationError):
    """A lock file cannot be read, is invalid, or has no files for the target."""
