"""Core metadata as a resolver needs it: a few fields, parsed once, requirements lazily."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache

from packaging.requirements import Requirement
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.utils import NormalizedName, canonicalize_name

from pipfast.model.events import Level, Listener, Said
from pipfast.model.frozen_dataclass import dataclass
from pipfast.model.metadata_document import EXTRAS, REQUIRES, Document

_ONLY_WITH_EXTRA = re.compile(
    r"""(?:\([^()]*\)\s*and\s*|[\w.]+\s*[<>=!~]=?\s*(?:"[^"]*"|'[^']*')\s*and\s*)*
        extra\s*==\s*(?:"[^"]*"|'[^']*')\s*""",
    re.VERBOSE,
)


@cache
def parse_requirement(line: str) -> Requirement:
    """`line` as a requirement (PEP 508), parsed once a run.

    Raises packaging.requirements.InvalidRequirement.
    """
    return Requirement(line)


@dataclass(frozen=True, slots=True, kw_only=True)
class Metadata:
    """The fields of a distribution's METADATA that decide a resolution.

    `name` and `version` are as written; `requires_dist` holds the lines as written, in order.
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
        """The Pythons it is for; what cannot be read is told, and all will do (pip behaviour)."""
        try:
            return SpecifierSet(self.requires_python or "")
        except InvalidSpecifier as error:
            name = self.name or self.canonical_name
            text = f"Package {name!r} has an invalid Requires-Python: {error}"
            emit(Said(Level.WARNING, text))
            return SpecifierSet()

    def dependencies(
        self, extras: Sequence[str], environment: Mapping[str, str]
    ) -> Iterator[Requirement]:
        """The requirements that apply in `environment` with any of `extras`.

        A marker is evaluated with one extra at a time, and with the empty extra where there are
        none (pip behaviour). Raises InvalidRequirement for a line that does not parse.
        """
        contexts = [{**environment, "extra": extra} for extra in extras or ("",)]
        for line in self.requires_dist:
            if not extras and cannot_apply_without_extra(line):
                continue
            requirement = parse_requirement(line)
            marker = requirement.marker
            if marker is None or any(marker.evaluate(context) for context in contexts):
                yield requirement


def cannot_apply_without_extra(line: str) -> bool:
    """Whether the marker of `line` is a plain conjunction that ends in ``extra == "…"``.

    Such a requirement never applies where no extra is asked for, so it need not be parsed: in a
    resolution of 140 distributions four in five requirements are of this kind.
    """
    _, semicolon, marker = line.partition(";")
    return bool(semicolon) and _ONLY_WITH_EXTRA.fullmatch(marker.strip()) is not None


def parse_metadata(text: str) -> Metadata:
    """Read the header fields of a METADATA or PKG-INFO document.

    The description is not read. Continuation lines are joined.
    """
    return metadata_in(Document(text))


def metadata_in(document: Document) -> Metadata:
    """What a document tells a resolver."""

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
