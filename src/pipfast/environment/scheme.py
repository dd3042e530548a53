"""Where the parts of a wheel go: paths for an environment, a user, a prefix, a root or a folder."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Scheme:
    """The five folders a wheel's files go to (PEP 427); absolute paths.

    `headers` is the folder in which each distribution gets its own subfolder.
    """

    purelib: str
    platlib: str
    headers: str
    scripts: str
    data: str
