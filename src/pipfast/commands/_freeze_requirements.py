"""`pip freeze -r`: the lines of requirements files, each in its place, pinned to what is there."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from pipfast.model.events import Level, Listener, Said
from pipfast.model.project_names import NormalizedName, canonical_name
from pipfast.report.freeze_lines import Frozen
from pipfast.requirements.parse import parse_editable, parse_word

ADDED = "## The following requirements were added by pip freeze:"
_COMMENT = re.compile(r"(^|\s+)#.*$")
_KEPT = ("-r", "--requirement", "-f", "--find-links", "-i", "--index-url", "--pre",
         "--trusted-host", "--process-dependency-links", "--extra-index-url",
         "--use-feature")  # fmt: skip
"""The options whose lines are repeated."""


class Files:
    """Reads requirements files beside what is installed; `used` are the projects with a line."""

    def __init__(self, frozen: Mapping[NormalizedName, Frozen], emit: Listener) -> None:
        self._frozen = frozen
        self._emit = emit
        self._kept: set[str] = set()
        self._seen: dict[str, list[str]] = {}
        self.used: set[NormalizedName] = set()

    def lines(self, paths: Sequence[str]) -> Iterator[str]:
        """The lines of all files, and the one that stands before what no file names.

        Raises InstallationError for a line that is no requirement, OSError for an unreadable file.
        """
        for path in paths:
            with open(path) as file:  # noqa: PTH123 - in the locale's encoding, as pip reads it
                for line in file:
                    yield from self._of(path, line)
        for name, files in self._seen.items():
            if len(files) > 1:
                where = ", ".join(sorted(set(files)))
                self._warn(f"Requirement {name} included multiple times [{where}]")
        yield ADDED

    def _of(self, path: str, line: str) -> Iterator[str]:
        bare = line.strip()
        if not bare or bare.startswith("#") or line.startswith(_KEPT):
            text = line.rstrip()
            if text not in self._kept:
                self._kept.add(text)
                yield text
            return
        editable = line.startswith(("-e", "--editable"))
        written = _editable(line) if editable else bare
        bare = _COMMENT.sub("", written).strip()
        wanted = parse_editable(written) if editable else parse_word(bare)
        if wanted.requirement is None:
            self._emit(Said(Level.INFO, (
                f"Skipping line in requirement file [{path}] because it's not clear what it "
                f"would install: {written}"
            )))  # fmt: skip
            text = "  (add #egg=PackageName to the URL to avoid this warning)"
            self._emit(Said(Level.INFO, text))
            return
        yield from self._pinned(path, wanted.requirement.name, bare)

    def _pinned(self, path: str, name: str, bare: str) -> Iterator[str]:
        canonical = canonical_name(name)
        files = self._seen.setdefault(name, [])
        if canonical in self._frozen and canonical not in self.used:
            self.used.add(canonical)
            files.append(path)
            yield self._frozen[canonical].text
        elif files:
            files.append(path)
        else:
            self._warn(
                f"Requirement file [{path}] contains {bare}, but package {name!r} is not installed"
            )

    def _warn(self, text: str) -> None:
        self._emit(Said(Level.WARNING, text))


def _editable(line: str) -> str:
    """What a line of ``-e`` names."""
    if line.startswith("-e"):
        return line[2:].strip()
    return line[len("--editable") :].strip().lstrip("=")
