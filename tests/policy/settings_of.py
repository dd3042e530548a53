"""Settings for tests, from arguments and variables, without this machine's files."""

from __future__ import annotations

from pipfast.config.settings import Settings, settings

_ALONE = {"PIP_CONFIG_FILE": "/dev/null", "HOME": "/nonexistent"}


def settings_of(line: str, called: str = "pipfast", **environ: str) -> Settings:
    """Return the settings of `line` for a program named `called`."""
    return settings(line.split(), _ALONE | environ, called)
