"""Who runs as root should know it."""

from __future__ import annotations

import os
import sys

from pipfast.config.settings import Settings
from pipfast.environment.interpreter import Interpreter
from pipfast.model.events import Level
from pipfast.report import install_lines
from pipfast.report.console import Console


def warn_of_root(settings: Settings, console: Console, python: Interpreter) -> None:
    """Pip's warning to whoever works as root outside a virtual environment."""
    if settings.text("root_user_action") != "warn" or python.is_virtual:
        return
    if not hasattr(os, "getuid") or sys.platform in ("win32", "cygwin") or os.getuid() != 0:
        return
    console.say(install_lines.AS_ROOT, Level.WARNING)
