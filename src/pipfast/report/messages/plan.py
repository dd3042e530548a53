"""Texts of messages about planned installations; pip's lines."""

from __future__ import annotations

from pipfast.plan.events import (
    DependenciesUnreadable,
    WheelAlreadyInstalled,
    YankedCandidateChosen,
)
from pipfast.report import check_lines
from pipfast.report.render import renders


@renders(WheelAlreadyInstalled)
def _wheel_already_installed(message: WheelAlreadyInstalled) -> str:
    return (
        f"{message.project} is already installed with the same version as the provided wheel. "
        "Use --force-reinstall to force an installation of the wheel."
    )


@renders(DependenciesUnreadable)
def _dependencies_unreadable(message: DependenciesUnreadable) -> str:
    return check_lines.unreadable(message.project, message.fault)


@renders(YankedCandidateChosen)
def _yanked_candidate_chosen(message: YankedCandidateChosen) -> str:
    return (
        "The candidate selected for download or install is a yanked version: "
        f"{message.project!r} candidate (version {message.version} at {message.link})\n"
        f"Reason for being yanked: {message.reason or '<none given>'}"
    )
