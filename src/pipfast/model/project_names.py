"""The names of projects, without `packaging.utils`, which costs a start 20 ms."""

from __future__ import annotations

import re

TYPE_CHECKING = False  # by that name type checkers know it; the module costs 3 ms
if TYPE_CHECKING:
    from packaging.utils import NormalizedName as NormalizedName
else:
    NormalizedName = str

_SEPARATORS = re.compile(r"[-_.]+")


def canonical_name(name: str) -> NormalizedName:
    """The normalised name of a project (PEP 503)."""
    return NormalizedName(_SEPARATORS.sub("-", name).lower())
