"""Which project the resolver decides next. If pins differ from pip's, look here first.

Source: pip 26.3's behaviour.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping

from pipfast.model.frozen_dataclass import dataclass, field
from pipfast.resolve.graph import PYTHON, Dependency, ExplicitRequirement, SpecifierRequirement

PROMOTED_AFTER = 5
"""Number of conflicts with an undecided project, after which it is decided early."""

Preference = tuple[bool, bool, bool, bool, float, bool, str]


@dataclass(slots=True)
class Conflicts:
    """The number of conflicts of each project, and those that are promoted for it."""

    counts: Counter[str] = field(default_factory=Counter)
    promoted: set[str] = field(default_factory=set)

    def count(self, key: str) -> None:
        """Count a conflict that the undecided project `key` is part of."""
        self.counts[key] += 1
        if self.counts[key] >= PROMOTED_AFTER:
            self.promoted.add(key)


def narrow(keys: Iterable[str], causes: frozenset[str], promoted: Iterable[str]) -> Iterable[str]:
    """Return those of `keys` that are decided before the others.

    These are the interpreter, else causes of the current conflict, else promoted ones, else all.
    """
    keys = list(keys)
    if PYTHON in keys:
        return [PYTHON]
    conflicting = [key for key in keys if key in causes]
    return conflicting or [key for key in keys if key in promoted] or keys


def preference(
    key: str, dependencies: Iterable[Dependency], order: Mapping[str, int], promoted: Iterable[str]
) -> Preference:
    """Return the sort key of an undecided project; the smallest is decided first.

    The order is: promoted, direct, pinned, with an upper bound, the user's order, with any
    specifier, the name.
    """
    direct = pinned = bounded = limited = False
    for dependency in dependencies:
        if isinstance(dependency, ExplicitRequirement):
            direct = True
        elif isinstance(dependency, SpecifierRequirement):
            for clause in dependency.specifier:
                limited = True
                wildcard = "*" in clause.version
                pinned = pinned or (clause.operator.startswith("==") and not wildcard)
                bounded = bounded or _is_upper_bound(clause.operator, wildcard=wildcard)
    return (
        key not in promoted,
        not direct,
        not pinned,
        not bounded,
        order.get(key, math.inf),
        not limited,
        key,
    )


def _is_upper_bound(operator: str, *, wildcard: bool) -> bool:
    return operator in ("<", "<=", "~=") or (operator == "==" and wildcard)
