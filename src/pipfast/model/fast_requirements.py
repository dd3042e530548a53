"""Parse and evaluate common requirements without `packaging`.

Nearly all requirements and versions have a simple form that a regular expression can parse.
Functions return None for other forms, which `packaging` has to handle; its import alone takes 20
ms.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Mapping
from functools import cache

from pipfast.model.frozen_dataclass import dataclass, replace
from pipfast.model.lazy_pattern import lazy_pattern
from pipfast.model.project_names import canonical_name

_NAME = r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?"
_RELEASE = r"[0-9]+(?:\.[0-9]+)*"
_AFTER = r"(?:(?:a|b|rc)\.?[0-9]*)?(?:(?:\.post|-)[0-9]+)?(?:\.dev[0-9]+)?"
_CLAUSE = rf"(?:~=|==|!=|<=|>=|<|>)[ \t]*{_RELEASE}(?:\.\*|{_AFTER})"
_LINE = lazy_pattern(
    rf"[ \t]*(?P<name>{_NAME})[ \t]*(?:\[[ \t]*(?:{_NAME}(?:[ \t]*,[ \t]*{_NAME})*)?[ \t]*\])?"
    r"[ \t]*(?P<clauses>[^;]*)(?:;(?P<marker>.+))?"
)
_ONE_CLAUSE = lazy_pattern(_CLAUSE)
_PARTS = lazy_pattern(r"(~=|==|!=|<=|>=|<|>)[ \t]*([^ \t,]+)")
_VERSION = lazy_pattern(
    rf"({_RELEASE})(?:(a|b|rc)\.?([0-9]*))?(?:(?:\.post|-)([0-9]+))?(?:\.dev([0-9]+))?"
)
_LAST = float("inf")
_TOKEN = lazy_pattern(
    r"""[ \t]*(?:(?P<bracket>[()])|(?P<word>and|or)\b
        |(?P<variable>[a-z_]+)[ \t]*(?P<operator>~=|==|!=|<=|>=|<|>)[ \t]*
         (?:"(?P<double>[^"]*)"|'(?P<single>[^']*)'))[ \t]*""",
    re.VERBOSE,
)
_VERSIONED = frozenset({"python_version", "python_full_version", "implementation_version"})
_NAMED = frozenset({"os_name", "sys_platform", "platform_machine", "platform_python_implementation",
                    "platform_system", "implementation_name"})  # fmt: skip
_COMPARE = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "==": operator.eq,
    "!=": operator.ne,
}


@dataclass(frozen=True, slots=True)
class _Version:
    """A version of PEP 440 without epoch and local segment."""

    release: tuple[int, ...]
    pre: tuple[str, int] | None
    post: int | None
    dev: int | None

    def key(self, length: int) -> tuple[object, ...]:
        """Return a key that orders versions whose releases have at most `length` numbers."""
        pre = self.pre or (("", 0) if self.dev is not None and self.post is None else ("z", 0))
        post = -1 if self.post is None else self.post
        return self.padded(length), pre, post, _LAST if self.dev is None else self.dev

    def padded(self, length: int) -> tuple[int, ...]:
        """Return the numbers of the release, padded with zeros."""
        return self.release + (0,) * (length - len(self.release))

    def is_in(self, series: tuple[int, ...]) -> bool:
        """Return whether the release starts with these numbers."""
        return self.padded(len(series))[: len(series)] == series


_LONGEST = 200  # characters of a version that is read here

Clause = tuple[str, _Version, bool]
"""An operator, a version, and whether ``.*`` follows."""


@dataclass(frozen=True, slots=True)
class Plain:
    """A requirement: the project as written, the version's clauses, and the marker."""

    name: str
    clauses: tuple[Clause, ...]
    marker: str | None


def read(line: str) -> Plain | None:
    """Parse a Requires-Dist line; None if it is not simple. Source: PEP 508."""
    found = _LINE.fullmatch(line)
    if found is None:
        return None
    clauses = _clauses(found["clauses"])
    return None if clauses is None else Plain(found["name"], clauses, found["marker"])


_NESTED = 50  # parentheses


def applies(marker: str | None, environment: Mapping[str, str], extra: str = "") -> bool | None:
    """Return whether a requirement with `marker` applies with `extra`, empty for no extra.

    None if the marker is not simple. Source: PEP 508.
    """
    if marker is None:
        return True
    tokens = _tokens(marker) if marker.count("(") <= _NESTED else None
    if tokens is None:
        return None
    reading = _Marker(tokens, environment, extra)
    try:
        value = reading.either()
    except _NotPlainError:
        return None
    return None if reading.rest else value


def admits(clauses: tuple[Clause, ...], version: str) -> bool | None:
    """Return whether `version` satisfies all clauses; None if it is not simple.

    Source: PEP 440.
    """
    read = _version(version)
    return None if read is None else all(_holds(clause, read) for clause in clauses)


@cache
def _version(text: str) -> _Version | None:
    found = _VERSION.fullmatch(text) if len(text) <= _LONGEST else None
    if found is None:
        return None
    release, letter, number, post, dev = found.groups()
    return _Version(
        tuple(map(int, release.split("."))),
        (letter, int(number or 0)) if letter else None,
        None if post is None else int(post),
        None if dev is None else int(dev),
    )


@cache
def _clauses(text: str) -> tuple[Clause, ...] | None:
    """Parse clauses, which may be in parentheses. Source: PEP 508."""
    text = text.strip(" \t")
    if text.startswith("(") and text.endswith(")"):
        text = text[1:-1].strip(" \t")
    parts = [part.strip(" \t") for part in text.split(",")] if text else []
    found: list[Clause] = []
    for part in parts:
        if _ONE_CLAUSE.fullmatch(part) is None:
            return None
        compare, written = _PARTS.findall(part)[0]
        star = written.endswith(".*")
        version = _version(written.removesuffix(".*"))
        if version is None or (star and compare not in ("==", "!=")):
            return None
        if compare == "~=" and len(version.release) < 2:
            return None
        found.append((compare, version, star))
    return tuple(found)


def _holds(clause: Clause, version: _Version) -> bool:
    compare, wanted, star = clause
    if star:
        return version.is_in(wanted.release) == (compare == "==")
    if compare == "<" and wanted.pre is None and wanted.dev is None:
        wanted = replace(wanted, dev=0)  # a pre-release of the same release is excluded
    length = max(len(version.release), len(wanted.release))
    here, there = version.key(length), wanted.key(length)
    if compare == "~=":
        return here >= there and version.is_in(wanted.release[:-1])
    if compare == ">" and wanted.post is None and wanted.dev is None and here[:2] == there[:2]:
        return False  # a post-release of the same release is excluded
    return bool(_COMPARE[compare](here, there))


class _NotPlainError(Exception):
    """The marker contains something that this module does not evaluate."""


def _tokens(marker: str) -> list[re.Match[str]] | None:
    tokens: list[re.Match[str]] = []
    position = 0
    while position < len(marker):
        token = _TOKEN.match(marker, position)
        if token is None:
            return None
        tokens.append(token)
        position = token.end()
    return tokens


class _Marker:
    """Evaluates a marker's tokens from left to right; ``and`` has precedence over ``or``."""

    def __init__(
        self, tokens: list[re.Match[str]], environment: Mapping[str, str], extra: str
    ) -> None:
        self.rest = tokens[::-1]
        self._environment = environment
        self._extra = extra

    def either(self) -> bool:
        value = self._both()
        while self._next("or"):
            value = self._both() or value
        return value

    def _both(self) -> bool:
        value = self._one()
        while self._next("and"):
            value = self._one() and value
        return value

    def _next(self, word: str) -> bool:
        if self.rest and self.rest[-1]["word"] == word:
            self.rest.pop()
            return True
        return False

    def _one(self) -> bool:
        if not self.rest:
            raise _NotPlainError
        token = self.rest.pop()
        if token["bracket"] == "(":
            value = self.either()
            if not self.rest or self.rest.pop()["bracket"] != ")":
                raise _NotPlainError
            return value
        if not token["variable"]:
            raise _NotPlainError
        literal = token["double"] if token["single"] is None else token["single"]
        return self._compared(token["variable"], token["operator"], literal)

    def _compared(self, variable: str, compare: str, literal: str) -> bool:
        if variable == "extra" and compare == "==" and re.fullmatch(_NAME, literal):
            return bool(self._extra) and canonical_name(literal) == canonical_name(self._extra)
        if variable in _NAMED and compare in ("==", "!="):
            return (self._environment[variable] == literal) == (compare == "==")
        if variable in _VERSIONED:
            clauses = _clause_of(compare, literal)
            value = clauses and admits(clauses, self._environment[variable])
            if value is not None:
                return bool(value)
        raise _NotPlainError


@cache
def _clause_of(compare: str, literal: str) -> tuple[Clause, ...] | None:
    text = f"{compare}{literal.strip()}"
    return _clauses(text) if _ONE_CLAUSE.fullmatch(text) else None
