"""All scenarios of the five issues."""

from __future__ import annotations

from compat.threads import local, nightly, resolver, source, wrong
from compat.threads.ask import Ask

ASKS: tuple[Ask, ...] = (
    *resolver.ASKS,
    *local.ASKS,
    *wrong.ASKS,
    *nightly.ASKS,
    *source.ASKS,
)
