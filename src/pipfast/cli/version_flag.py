"""The output of `--version`."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence

from pipfast.config.settings import Settings
from pipfast.environment.find_python import find
from pipfast.policy.mode_table import parity
from pipfast.session.version_line import version_line


def do(settings: Settings | None, words: Sequence[str], environ: Mapping[str, str]) -> int:
    """Print pip's line in parity mode and pipfast's otherwise; both name the target's Python."""
    assert settings is not None, f"pip has read {words} itself"
    as_pip = parity(settings).value == "true"
    sys.stdout.write(f"{version_line(_python(settings, environ), as_pip=as_pip)}\n")
    return 0


def _python(settings: Settings, environ: Mapping[str, str]) -> str:
    target = find(settings.python, environ)
    if os.path.realpath(target) == os.path.realpath(sys.executable):
        return f"{sys.version_info[0]}.{sys.version_info[1]}"
    from pipfast.environment.interpreter import interpreter  # these import json and pathlib
    from pipfast.store.filesystem.root import opened

    with opened(settings.text("cache_dir")) as store:
        return interpreter(target, store, environ).version
