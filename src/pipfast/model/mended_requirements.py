"""Requirements in old metadata that PEP 440 forbids and whose meaning is plain."""

from __future__ import annotations

from packaging.requirements import InvalidRequirement

from pipfast.model.lazy_pattern import lazy_pattern
from pipfast.model.requirement import parsed_requirement

_MENDED = (
    # ">=1.0<2.0": the comma is missing
    (lazy_pattern(r"(?<=[\w*])\s*(?=(?:[<>!=~]=|[<>])\s*v?\d)"), ","),
    # ">=1.19.*", "<2.*": the same as without ".*"; "<=1.*" and ">1.*" are not plain
    (lazy_pattern(r"(>=|<(?!=))(\s*v?\d+(?:\.\d+)*)\.\*"), r"\1\2"),
    # "==1.5*": the dot is missing
    (lazy_pattern(r"([=!]=\s*v?\d+(?:\.\d+)*)\*"), r"\1.*"),
    # ">='2.0'": quotes around a version
    (lazy_pattern(r"([<>!=~]=?\s*)(['\"])([\w.*+!-]+)\2"), r"\1\3"),
    # ">dev": every version is later
    (lazy_pattern(r">=?\s*dev\b\s*,?"), ""),
    (lazy_pattern(r"\(\s*\)"), ""),
)


def mended(line: str) -> str | None:
    """Return a valid requirement with the meaning of an invalid `line`, None if it is not plain."""
    text, semicolon, marker = line.partition(";")
    name, rest = _divided(text)
    for pattern, replacement in _MENDED:
        rest = pattern.sub(replacement, rest)
    candidate = f"{name}{rest.strip()}".strip() + semicolon + marker
    return candidate if is_valid(candidate) else None


def mended_lines(lines: tuple[str, ...]) -> tuple[str, ...]:
    """Return requirements, each invalid one with a plain meaning replaced by a valid one."""
    return tuple(line if is_valid(line) else mended(line) or line for line in lines)


def is_valid(line: str) -> bool:
    """Return whether a line is a requirement (PEP 508)."""
    try:
        parsed_requirement(line)
    except InvalidRequirement:
        return False
    return True


def _divided(text: str) -> tuple[str, str]:
    """Return the name with its extras, and the specifier."""
    place = next((at for at, letter in enumerate(text) if letter in "(<>=!~"), len(text))
    return text[:place], text[place:]
