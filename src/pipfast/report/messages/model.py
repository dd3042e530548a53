"""Texts of messages that several packages emit; all are pip's."""

from __future__ import annotations

from pipfast.model.events import InvalidRequiresPython, NewerWheelVersion, RepeatedMessage
from pipfast.model.program_events import (
    ProgramDetails,
    ProgramFailureShown,
    ProgramOutput,
    ProgramStarted,
)
from pipfast.report.render import renders


@renders(RepeatedMessage)
def _repeated_message(message: RepeatedMessage) -> str:
    return message.rendered


@renders(InvalidRequiresPython)
def _invalid_requires_python(message: InvalidRequiresPython) -> str:
    return f"Package {message.package!r} has an invalid Requires-Python: {message.fault}"


@renders(NewerWheelVersion)
def _newer_wheel_version(message: NewerWheelVersion) -> str:
    return f"Installing from a newer Wheel-Version ({'.'.join(map(str, message.version))})"


@renders(ProgramStarted)
def _program_started(message: ProgramStarted) -> str:
    return f"Running command {message.command}"


@renders(ProgramOutput)
def _program_output(message: ProgramOutput) -> str:
    return message.text


@renders(ProgramDetails)
def _program_details(message: ProgramDetails) -> str:
    return f"full command: {message.command}\ncwd: {message.folder or '[inherit]'}"


@renders(ProgramFailureShown)
def _program_failure_shown(message: ProgramFailureShown) -> str:
    return message.diagnostic
