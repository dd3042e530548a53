"""Find the modules that a failed build did not find, from the last lines of its output."""

from __future__ import annotations

import re
from collections.abc import Sequence

from packaging.utils import NormalizedName, canonicalize_name

from pipfast.model.frozen_dataclass import dataclass

_CLUES = (
    re.compile(r"\bModuleNotFoundError: No module named '(?P<module>[\w.]+)'(?!;)"),
    re.compile(r"\bImportError: No module named '?(?P<module>[\w.]+)'?$"),
    re.compile(r"\bPackageNotFoundError: No package metadata was found for (?P<project>[\w.-]+)"),
    re.compile(r"\bDistributionNotFound: The '(?P<project>[\w.-]+)[^']*' distribution was not"),
)


@dataclass(frozen=True, slots=True)
class MissingDependency:
    """A missing module, by its full name, or missing metadata of a distribution."""

    name: str
    is_module: bool = True

    @property
    def project(self) -> NormalizedName:
        """Return the project with the same name as the module."""
        return canonicalize_name(self.name.partition(".")[0] if self.is_module else self.name)

    def __str__(self) -> str:
        return f"the module {self.name}" if self.is_module else f"the distribution {self.name}"


def lacks(output: Sequence[str]) -> tuple[MissingDependency, ...]:
    """Return the missing modules in `output`, the last one first: the probable cause.

    A program may have continued without earlier ones, or have printed a message of its own.
    """
    found: dict[MissingDependency, None] = {}
    for line in reversed(output):
        for clue in _CLUES:
            match = clue.search(line)
            if match is not None:
                is_module = "module" in match.groupdict()
                found[MissingDependency(match[1].strip("."), is_module=is_module)] = None
    return tuple(found)
