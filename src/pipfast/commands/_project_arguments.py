"""Projects on the command line, with or without extras."""

from __future__ import annotations

from collections.abc import Iterable

from packaging.requirements import InvalidRequirement
from packaging.utils import NormalizedName, canonicalize_name

from pipfast.errors import CommandError
from pipfast.model.requirement import parsed_requirement
from pipfast.report import command_errors


def projects(words: Iterable[str]) -> dict[NormalizedName, frozenset[NormalizedName]]:
    """Return the projects that `words` name, each with its extras: ``requests[socks]``.

    Raises CommandError for a word that is not a project.
    """
    found: dict[NormalizedName, frozenset[NormalizedName]] = {}
    for word in words:
        name, extras = _project(word)
        found[name] = found.get(name, frozenset()) | extras
    return found


def _project(word: str) -> tuple[NormalizedName, frozenset[NormalizedName]]:
    try:
        requirement = parsed_requirement(word)
    except InvalidRequirement:
        raise CommandError(command_errors.not_a_project(word)) from None
    if requirement.specifier or requirement.url or requirement.marker:
        raise CommandError(command_errors.not_a_project(word))
    return canonicalize_name(requirement.name), frozenset(
        map(canonicalize_name, requirement.extras)
    )
