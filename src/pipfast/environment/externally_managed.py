"""Externally managed environments (PEP 668)."""

from __future__ import annotations

import locale
from collections.abc import Iterator

from pipfast.errors import Diagnostic


class ExternallyManaged(Diagnostic):
    """The environment's distributor asks installers not to change it.

    `reason` is the distributor's text, None for the default text.
    """

    def __init__(self, reason: str | None, prefix: str) -> None:
        usual = (
            f"The Python environment under {prefix} is managed externally, and may not be\n"
            "manipulated by the user. Please use specific tooling from the distributor of\n"
            "the Python installation to interact with this environment instead.\n"
        )
        super().__init__(
            "externally-managed-environment",
            "This environment is externally managed",
            context=usual if reason is None else reason,
            note="If you believe this is a mistake, please contact your Python installation or "
            "OS distribution provider. You can override this, at the risk of breaking your "
            "Python installation or OS, by passing --break-system-packages.",
            advice="See PEP 668 for the detailed specification.",
        )

    @classmethod
    def from_marker(cls, marker: str, prefix: str) -> ExternallyManaged:
        """Return the error for the file at `marker`, in the user's language if available."""
        return cls(_reason(marker), prefix)


def _reason(marker: str) -> str | None:
    import configparser

    parser = configparser.ConfigParser(interpolation=None)
    try:
        parser.read(marker, encoding="utf-8")
    except (OSError, UnicodeDecodeError, configparser.Error):
        return None
    if not parser.has_section("externally-managed"):
        return None
    section = parser["externally-managed"]
    return next((section[key] for key in _keys() if key in section), None)


def _keys() -> Iterator[str]:
    """Return the keys to read, those of the user's language first."""
    category = getattr(locale, "LC_MESSAGES", None)  # Windows has none
    language = locale.getlocale(category)[0] if category is not None else None
    if language is not None:
        yield f"Error-{language}"
        for separator in "-_":
            before, found, _ = language.partition(separator)
            if found:
                yield f"Error-{before}"
    yield "Error"
