"""Where the credentials of a request come from."""

from __future__ import annotations

from enum import Enum, auto


class CredentialSource(Enum):
    """Where credentials come from."""

    NONE = auto()
    URL = auto()
    INDEX = auto()
    NETRC = auto()
    KEYRING = auto()
    PROMPT = auto()


class KeyringUse(Enum):
    """Whether the keyring was asked."""

    DISABLED = auto()
    MISSING = auto()
    ASKED = auto()
