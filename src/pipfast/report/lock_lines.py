"""The lines of `pip lock`."""

from __future__ import annotations

EXPERIMENTAL = (
    "pip lock is currently an experimental command. It may be removed/changed in a future release "
    "without prior warning."
)


def invalid_name(path: object) -> str:
    """Return the warning for an output file that is not called ``pylock.toml`` or the like."""
    return f"{path} is not a valid lock file name."
