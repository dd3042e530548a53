"""The location of the secrets that sign journals of transactions."""

from __future__ import annotations

import os

from pipfast.config.directories import cache_directory
from pipfast.config.settings import Settings
from pipfast.policy.storage import cache_policy
from pipfast.transaction.journal_keys import JournalKeys


def journal_keys(settings: Settings) -> JournalKeys:
    """Return the location of the secret that signs journals: the cache directory, if it is used.

    A run with another cache directory, or with none, still reads the one in the default directory.
    """
    return JournalKeys(cache_policy(settings).directory, (cache_directory(os.environ),))
