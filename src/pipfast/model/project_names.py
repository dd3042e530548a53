"""Normalise project names without `packaging.utils`, whose import takes 20 ms."""

from __future__ import annotations

from pipfast.model.lazy_pattern import lazy_pattern

TYPE_CHECKING = False  # type checkers know this name; importing typing costs 3 ms
if TYPE_CHECKING:
    from packaging.utils import NormalizedName as NormalizedName
else:
    NormalizedName = str

_SEPARATORS = lazy_pattern(r"[-_.]+")


def canonical_name(name: str) -> NormalizedName:
    """Return a project's normalised name (PEP 503)."""
    return NormalizedName(_SEPARATORS.sub("-", name).lower())
