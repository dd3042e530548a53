"""Warn users who run pip as root."""

from __future__ import annotations

import os
import sys

from pipfast.config.settings import Settings
from pipfast.environment.interpreter import Interpreter
from pipfast.model.events import Level
from pipfast.report import install_lines
from pipfast.report.console import Console


def warn_if_root(settings: Settings, console: Console, python: Interpreter) -> None:
    """Print pip's warning if the user is root and `python` is no virtual environment."""
    if settings.text("root_user_action") != "warn" or python.is_virtual:
        return
    if not hasattr(os, "getuid") or sys.platform in ("win32", "cygwin") or os.getuid() != 0:
        return
    console.say(install_lines.AS_ROOT, Level.WARNING)
