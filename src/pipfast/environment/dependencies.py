"""The dependencies of installed distributions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from pipfast.environment.metadata_files import metadata_of
from pipfast.errors import OwnError
from pipfast.model.fast_requirements import applies, read
from pipfast.model.installed_distribution import Installed
from pipfast.model.metadata_document import REQUIRES
from pipfast.model.project_names import NormalizedName, canonical_name


class UnreadableMetadata(OwnError):
    """The metadata of the installed distribution `name` are invalid; `fault` says why."""

    def __init__(self, name: str, fault: str) -> None:
        super().__init__()
        self.name = name
        self.fault = fault


def requirements_of(installed: Installed, *, errors: str = "replace") -> list[str]:
    """Return a distribution's requirements, including those of extras, as METADATA spells them.

    If `errors` is ``strict``, metadata that is not UTF-8 raises UnicodeDecodeError.
    """
    return [value.strip() for value in metadata_of(installed, errors).all(REQUIRES)]


def names_needed(lines: Iterable[str], markers: Mapping[str, str]) -> Iterator[str]:
    """Return the projects of the requirements that apply without an extra, as written.

    Raises packaging.requirements.InvalidRequirement, which is a ValueError.
    """
    for line in lines:
        plain = read(line)
        counts = plain and applies(plain.marker, markers)
        if plain is None or counts is None:
            from packaging.requirements import InvalidRequirement, Requirement

            try:
                requirement = Requirement(line)
            except RecursionError as error:  # of nested parentheses
                raise InvalidRequirement(str(error)) from None
            if requirement.marker is None or requirement.marker.evaluate({**markers, "extra": ""}):
                yield requirement.name
        elif counts:
            yield plain.name


def needed_by(found: Sequence[Installed], markers: Mapping[str, str]) -> frozenset[NormalizedName]:
    """Return the projects that any of the distributions requires.

    Raises PipfastError for unreadable requirements.
    """
    return frozenset(canonical_name(name) for each in found for name in _names(each, markers))


def _names(installed: Installed, markers: Mapping[str, str]) -> list[str]:
    try:
        return list(names_needed(requirements_of(installed), markers))
    except ValueError as error:
        raise UnreadableMetadata(installed.raw_name, str(error)) from None
