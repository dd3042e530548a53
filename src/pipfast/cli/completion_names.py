"""The names of what is installed, for a shell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pipfast.config.settings import settings
from pipfast.environment.discovery import NEVER_LISTED, installed
from pipfast.environment.interpreter import find, interpreter
from pipfast.errors import PipfastError
from pipfast.store.filesystem.entries import entries


def local_names(words: Sequence[str], program: str, environ: Mapping[str, str]) -> list[str]:
    """The projects that the target's own prefix holds, in pip's order.

    Nothing where it cannot be looked at: whoever completes a word wants to read no errors. So what
    is wrong with the configuration, which pip does not read for this, is passed over as well.
    """
    try:
        asked = settings(words, environ, program)
        named, cache = asked.python, asked.text("cache_dir")
    except PipfastError:
        named, cache = None, None
    try:
        python = interpreter(find(named, environ), entries(cache), environ)
    except PipfastError:
        return []
    found = installed(python.sys_path, python)
    return [one.name for one in found if one.local and one.name not in NEVER_LISTED]
