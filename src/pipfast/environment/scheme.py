"""Installation schemes: the folders for the parts of a wheel."""

from __future__ import annotations

import os
from collections.abc import Callable

from pipfast.model.frozen_dataclass import dataclass, names_of

PLACEHOLDER = "@pipfast@"
"""Placeholder in a scheme's paths for a prefix or home that is not known yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scheme:
    """The five folders for a wheel's files (PEP 427), as absolute paths.

    `headers` is the folder in which each distribution has its own subfolder.
    """

    purelib: str
    platlib: str
    headers: str
    scripts: str
    data: str

    def below(self, folder: str) -> Scheme:
        """Return the scheme with the absolute `folder` in place of the placeholder."""
        return self._each(lambda path: os.path.normpath(path.replace(PLACEHOLDER, folder, 1)))

    def rooted(self, root: str) -> Scheme:
        """Return the scheme below another root (``--root``), without the drive."""
        return self._each(lambda path: under_root(root, path))

    def _each(self, change: Callable[[str], str]) -> Scheme:
        return Scheme(**{name: change(getattr(self, name)) for name in names_of(Scheme)})


def under_root(root: str, path: str) -> str:
    """Return the absolute `path` below `root`."""
    _, path = os.path.splitdrive(path)
    return os.path.normpath(os.path.join(root, path.lstrip(os.sep)))
