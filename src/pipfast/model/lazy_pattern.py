"""Regular expressions that are compiled when they are first used.

Compiling those of all modules takes 3 ms of each start, and a run uses a few of them.
"""

from __future__ import annotations

import re

TYPE_CHECKING = False  # type checkers know this name; importing typing costs 3 ms
if TYPE_CHECKING:
    from typing import Any, AnyStr


class _LazyPattern:
    """Has the attributes and methods of the `re.Pattern` for `text`."""

    def __init__(self, text: str | bytes, flags: int) -> None:
        self._text = text
        self._flags = flags

    def __getattr__(self, name: str) -> Any:
        found = getattr(re.compile(self._text, self._flags), name)
        setattr(self, name, found)  # so that this method is called once for each name
        return found


def lazy_pattern(text: AnyStr, flags: int = 0) -> re.Pattern[AnyStr]:
    """Return the pattern `text`, compiled with `flags` of `re` when it is first used.

    Functions of `re` that take a compiled pattern do not accept it; use its methods.
    """
    return _LazyPattern(text, flags)  # type: ignore[return-value]
