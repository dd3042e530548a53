"""pipfast's version, and the version of pip that it is compatible with."""

__version__ = "0.1.0"

PIP_VERSION = "26.3"
"""pip's version in reports and `--version`; pyproject.toml pins the same one."""
