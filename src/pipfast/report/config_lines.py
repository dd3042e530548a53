"""The lines of `pip config`."""

from __future__ import annotations

NO_FILES = (
    "Skipping loading configuration files due to environment's PIP_CONFIG_FILE being os.devnull"
)
VARIABLES = "env_var:"

_NEVER_SHOWN = dict.fromkeys((7, 8, 11, 12, 13))
"""Bell, backspace, vertical tab, form feed and carriage return, which pip's output leaves out."""


def loading(level: str, path: str) -> str:
    """Return the line for a file that is read."""
    return f"For variant '{level}', will try loading '{path}'"


def skipping(level: str, path: str) -> str:
    """Return the line for a file of another level than the requested one."""
    return f"Skipping file '{path}' (variant: {level})"


def working_with(level: str) -> str:
    """Return the line for the level whose file is changed."""
    return f"Will be working with {level} variant only"


def writing(path: str) -> str:
    """Return the line for a file that is written."""
    return f"Writing to {path}"


def redirected(path: str, level: str) -> str:
    """Return the warning that PIP_CONFIG_FILE names the file to change."""
    return (
        f"Because PIP_CONFIG_FILE is set, changes will be applied to '{path}', not to '{level}'. "
        "To restore normal behavior, unset PIP_CONFIG_FILE."
    )


def key_value(key: str, value: str) -> str:
    """Return the line of ``list`` for a key."""
    return f"{key}={value!r}"


def variable(name: str, value: str) -> str:
    """Return the line of ``debug`` for an environment variable, without its prefix."""
    return f"PIP_{name.upper()}={value!r}"


def level(name: str) -> str:
    """Return the line of ``debug`` before the files of a level."""
    return f"{name}:"


def file_exists(path: str, *, exists: bool) -> str:
    """Return the line of ``debug`` for a file."""
    return f"{path}, exists: {exists}"


def file_key(key: str, value: str) -> str:
    """Return the line of ``debug`` for a key of a file."""
    return f"{key}: {value}"


def as_rich_prints(text: str, indent: int = 0) -> str:
    """Return lines as pip's terminal library prints them: without control characters and tabs."""
    lines = "".join(" " * indent + line for line in text.splitlines(keepends=True))
    return lines.translate(_NEVER_SHOWN).expandtabs(8)
