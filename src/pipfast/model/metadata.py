"""The core metadata that a resolver needs; requirements are parsed when they are needed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache, lru_cache

from packaging.requirements import Requirement
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.utils import NormalizedName, canonicalize_name

from pipfast.model import fast_requirements
from pipfast.model.events import InvalidRequiresPython, Listener
from pipfast.model.frozen_dataclass import dataclass
from pipfast.model.lazy_pattern import lazy_pattern
from pipfast.model.metadata_document import EXTRAS, REQUIRES, Document
from pipfast.model.requirement import parsed_requirement, parsed_specifier

_ONLY_WITH_EXTRA = lazy_pattern(
    r"""(?:\([^()]*\)\s*and\s*|[\w.]+\s*[<>=!~]=?\s*(?:"[^"]*"|'[^']*')\s*and\s*)*
        extra\s*==\s*(?:"[^"]*"|'[^']*')\s*""",
    re.VERBOSE,
)


@cache
def parse_requirement(line: str) -> Requirement:
    """Parse `line` as a requirement (PEP 508), once per run.

    Raises packaging.requirements.InvalidRequirement.
    """
    return parsed_requirement(line)


_LONGEST = 1000  # characters of a requirement that is judged without packaging


class _Judge:
    """Decides which requirements apply in one environment, once for each requirement and extra.

    A resolution asks several times for the dependencies of each distribution. Most of them do not
    apply, and are then not parsed by packaging.
    """

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment
        self._known: dict[tuple[str, str], Requirement | None] = {}
        self._without: dict[str, Requirement | None] = {}

    def without_extra(self, line: str) -> Requirement | None:
        """Return the requirement in `line` if it applies without an extra. Raises ValueError."""
        try:
            return self._without[line]
        except KeyError:
            skipped = cannot_apply_without_extra(line)
            found = self._without[line] = None if skipped else self._applicable(line, "")
            return found

    def with_any(self, line: str, extras: Sequence[str]) -> Requirement | None:
        """Return the requirement in `line` if it applies with one of `extras`."""
        for extra in extras:
            try:
                found = self._known[line, extra]
            except KeyError:
                found = self._known[line, extra] = self._applicable(line, extra)
            if found is not None:
                return found
        return None

    def _applicable(self, line: str, extra: str) -> Requirement | None:
        plain = fast_requirements.read(line) if len(line) < _LONGEST else None
        holds = None
        if plain is not None:
            holds = fast_requirements.applies(plain.marker, self._environment, extra)
            if holds is False:
                return None
        requirement = parse_requirement(line)
        marker = requirement.marker
        if holds or marker is None or marker.evaluate({**self._environment, "extra": extra}):
            return requirement
        return None


@lru_cache(maxsize=8)
def _judge(environment: tuple[tuple[str, str], ...]) -> _Judge:
    return _Judge(dict(environment))


@dataclass(frozen=True, slots=True, kw_only=True)
class Metadata:
    """The fields of a distribution's METADATA that affect a resolution.

    `name` and `version` are as written; `requires_dist` are the lines as written, in order.
    Source: core metadata specification 2.5; PEP 643 for `dynamic`.
    """

    name: str
    version: str
    requires_dist: tuple[str, ...] = ()
    requires_python: str | None = None
    provides_extra: tuple[str, ...] = ()
    dynamic: frozenset[str] = frozenset()
    metadata_version: str = "2.1"

    @property
    def canonical_name(self) -> NormalizedName:
        """The project's normalised name (PEP 503)."""
        return canonicalize_name(self.name)

    def pythons(self, emit: Listener) -> SpecifierSet:
        """Return the supported Python versions; an invalid value is reported and ignored (pip)."""
        try:
            return parsed_specifier(self.requires_python or "")
        except InvalidSpecifier as error:
            emit(InvalidRequiresPython(self.name or self.canonical_name, str(error)))
            return SpecifierSet()

    def dependencies(
        self, extras: Sequence[str], environment: Mapping[str, str]
    ) -> Iterator[Requirement]:
        """Return the requirements that apply in `environment` with any of `extras`.

        A marker is evaluated with one extra at a time, and with the empty extra if there are
        none (pip behaviour). Raises InvalidRequirement for an invalid line.
        """
        judge = _judge(tuple(environment.items()))
        for line in self.requires_dist:
            requirement = judge.without_extra(line) if not extras else judge.with_any(line, extras)
            if requirement is not None:
                yield requirement


def cannot_apply_without_extra(line: str) -> bool:
    """Return whether the marker of `line` is a simple conjunction ending in ``extra == "…"``.

    Such a requirement never applies if no extra is requested, so it is not parsed. In a
    resolution of 140 distributions four of five requirements are of this kind.
    """
    _, semicolon, marker = line.partition(";")
    return bool(semicolon) and _ONLY_WITH_EXTRA.fullmatch(marker.strip()) is not None


def parse_metadata(text: str) -> Metadata:
    """Parse the header fields of a METADATA or PKG-INFO document.

    The description is not read. Continuation lines are joined.
    """
    return metadata_in(Document(text))


def metadata_in(document: Document) -> Metadata:
    """Return the fields of a document that a resolver needs."""

    def all_of(name: str) -> list[str]:
        return [_joined(value) for value in document.raw(name)]

    def first(name: str) -> str | None:
        return next(iter(all_of(name)), None)

    return Metadata(
        name=first("name") or "",
        version=first("version") or "",
        requires_dist=tuple(all_of(REQUIRES)),
        requires_python=first("requires-python"),
        provides_extra=tuple(all_of(EXTRAS)),
        dynamic=frozenset(value.lower() for value in all_of("dynamic")),
        metadata_version=first("metadata-version") or "",
    )


def _joined(value: str) -> str:
    if "\n" not in value:
        return value.strip()
    return " ".join(line.strip() for line in value.split("\n")).strip()
