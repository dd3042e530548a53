"""Settings for a test: words and variables, and no file of this machine."""

from __future__ import annotations

from pipfast.config.settings import Settings, settings

_ALONE = {"PIP_CONFIG_FILE": "/dev/null", "HOME": "/nonexistent"}


def asked(line: str, called: str = "pipfast", **environ: str) -> Settings:
    """What `line` asks of a program that was called `called`."""
    return settings(line.split(), _ALONE | environ, called)
