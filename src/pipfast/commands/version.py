"""The line of `--version`."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from importlib.util import find_spec

from pipfast.config.settings import Settings
from pipfast.environment.interpreter import find, interpreter
from pipfast.policy.mode import mode
from pipfast.policy.storage import cache_policy
from pipfast.report.machine import PIP_VERSION
from pipfast.store.folder import opened


def version_line(asked: Settings, environ: Mapping[str, str]) -> str:
    """Pip's own line in parity mode, ours otherwise; both name the target's Python."""
    python = _python(asked, environ)
    if mode(asked).pip_compat:
        spec = find_spec("pip")
        place = os.path.dirname(spec.origin) if spec and spec.origin else "unknown"  # noqa: PTH120
        return f"pip {PIP_VERSION} from {place} (python {python})"
    place = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))  # noqa: PTH100, PTH120
    from importlib.metadata import version

    return f"pipfast {version('pipfast')} from {place} (python {python})"


def _python(asked: Settings, environ: Mapping[str, str]) -> str:
    target = find(asked.python, environ)
    if os.path.realpath(target) == os.path.realpath(sys.executable):
        return f"{sys.version_info[0]}.{sys.version_info[1]}"
    with opened(cache_policy(asked).directory) as store:
        return interpreter(target, store, environ).version
