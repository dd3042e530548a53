"""The names of installed distributions, for completion."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pipfast.config.settings import settings
from pipfast.environment.discovery import NEVER_LISTED, installed
from pipfast.environment.find_python import find
from pipfast.environment.interpreter import interpreter
from pipfast.errors import PipfastError
from pipfast.store.filesystem.entries import entries


def local_names(words: Sequence[str], program: str, environ: Mapping[str, str]) -> list[str]:
    """Return the projects installed in the target's own prefix, in pip's order.

    Return nothing if they cannot be read, because a completion must not print errors. Errors in
    the configuration, which pip does not read for this, are ignored as well.
    """
    try:
        parsed = settings(words, environ, program)
        named, cache = parsed.python, parsed.text("cache_dir")
    except PipfastError:
        named, cache = None, None
    try:
        python = interpreter(find(named, environ), entries(cache), environ)
    except PipfastError:
        return []
    found = installed(python.sys_path, python)
    return [one.name for one in found if one.local and one.name not in NEVER_LISTED]
