"""Parse requirements, specifiers and versions with a limit on their numbers.

For a number with too many digits, packaging raises a plain ValueError when it compares, which may
be much later. Here such a text is as invalid as any other.
"""

from __future__ import annotations

from packaging.markers import InvalidMarker, Marker
from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.version import InvalidVersion, Version

from pipfast.model.lazy_pattern import lazy_pattern

_DIGITS = 4300
"""The most digits that Python converts to a number (``sys.set_int_max_str_digits``)."""

_TOO_LONG = lazy_pattern(rf"\d{{{_DIGITS + 1}}}")
_FAULT = f"A number has more than {_DIGITS} digits"


NESTING = 100
"""The deepest nesting of parentheses in a marker; Python's stack ends packaging at about 300."""


_NESTED = f"Parentheses are nested more than {NESTING} deep"


def parsed_requirement(text: str) -> Requirement:
    """Return a requirement (PEP 508). Raises InvalidRequirement."""
    if _is_too_long(text):
        raise InvalidRequirement(_FAULT)
    if _is_nested_too_deeply(text.partition(";")[2]):
        raise InvalidRequirement(_NESTED)
    return Requirement(text)


def parsed_marker(text: str) -> Marker:
    """Return a marker (PEP 508). Raises InvalidMarker."""
    if _is_too_long(text):
        raise InvalidMarker(_FAULT)
    if _is_nested_too_deeply(text):
        raise InvalidMarker(_NESTED)
    return Marker(text)


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


def _is_nested_too_deeply(text: str) -> bool:
    """Return whether parentheses are, without regard to quotes."""
    if text.count("(") <= NESTING:
        return False
    depth = 0
    for character in text:
        if character == "(":
            depth += 1
            if depth > NESTING:
                return True
        elif character == ")":
            depth = max(0, depth - 1)
    return False


def _is_too_long(text: str) -> bool:
    return len(text) > _DIGITS and _TOO_LONG.search(text) is not None
