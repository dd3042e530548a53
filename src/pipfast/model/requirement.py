"""Parse requirements, specifiers and versions with a limit on their numbers.

For a number with too many digits, packaging raises a plain ValueError when it compares, which may
be much later. Here such a text is as invalid as any other.
"""

from __future__ import annotations

from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.version import InvalidVersion, Version

from pipfast.model.lazy_pattern import lazy_pattern

_DIGITS = 4300
"""The most digits that Python converts to a number (``sys.set_int_max_str_digits``)."""

_TOO_LONG = lazy_pattern(rf"\d{{{_DIGITS + 1}}}")
_FAULT = f"A number has more than {_DIGITS} digits"


def parsed_requirement(text: str) -> Requirement:
    """Return a requirement (PEP 508). Raises InvalidRequirement."""
    if _is_too_long(text):
        raise InvalidRequirement(_FAULT)
    return Requirement(text)


def parsed_specifier(text: str) -> SpecifierSet:
    """Return a set of version specifiers (PEP 440). Raises InvalidSpecifier."""
    if _is_too_long(text):
        raise InvalidSpecifier(_FAULT)
    return SpecifierSet(text)


def parsed_version(text: str) -> Version:
    """Return a version (PEP 440). Raises InvalidVersion."""
    if _is_too_long(text):
        raise InvalidVersion(_FAULT)
    return Version(text)


def _is_too_long(text: str) -> bool:
    return len(text) > _DIGITS and _TOO_LONG.search(text) is not None
