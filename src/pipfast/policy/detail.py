"""How much of its work a run explains: ``-v``, ``-vv`` and ``--log``."""

from __future__ import annotations

from enum import Enum

from pipfast.config.settings import Settings


class Detail(Enum):
    """What a run reports beside its results.

    Nothing is computed, requested or done in another order for the sake of a message that nobody
    receives. A run that explains itself does its work in pip's order and one step at a time, so
    that its messages do not depend on timing.
    """

    RESULTS = 0
    STEPS = 1
    """With ``-v``: files that need another Python, metadata, commands of builds."""
    EVERYTHING = 2
    """With ``-vv`` or ``--log``: also links, pages, requests, and the traceback of an error."""

    @property
    def explains(self) -> bool:
        """Return whether more than results is reported."""
        return self is not Detail.RESULTS


def detail(settings: Settings) -> Detail:
    """Return what the settings ask for."""
    if settings.text("log") is not None or settings.verbosity > 1:
        return Detail.EVERYTHING
    return Detail.STEPS if settings.verbosity == 1 else Detail.RESULTS
