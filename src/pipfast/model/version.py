"""Our version, and the pip whose behaviour we keep."""

__version__ = "0.1.0"

PIP_VERSION = "26.3"
"""The pip of the oracle, the report's format and the version line; pyproject.toml pins it."""
