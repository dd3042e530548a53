"""Where the parts of a wheel go: paths for an environment, a user, a prefix, a root or a folder."""

from __future__ import annotations

import os
from collections.abc import Callable

from pipfast.model.frozen_dataclass import dataclass, names_of

PLACEHOLDER = "@pipfast@"
"""Stands in a scheme's paths for a prefix or home that is not known yet."""


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

    def below(self, folder: str) -> Scheme:
        """The scheme with the absolute `folder` in the place of the placeholder."""
        return self._each(lambda path: os.path.normpath(path.replace(PLACEHOLDER, folder, 1)))

    def rooted(self, root: str) -> Scheme:
        """The scheme below another root, as ``--root`` means it: the drive is dropped."""
        return self._each(lambda path: under_root(root, path))

    def _each(self, change: Callable[[str], str]) -> Scheme:
        return Scheme(**{name: change(getattr(self, name)) for name in names_of(Scheme)})


def under_root(root: str, path: str) -> str:
    """The absolute `path` as it stands below `root`."""
    _, path = os.path.splitdrive(path)
    return os.path.join(root, path.lstrip(os.sep))
