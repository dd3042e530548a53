"""`pip freeze -r`: repeat the lines of requirements files with the installed versions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from pipfast.model.events import Level
from pipfast.model.lazy_pattern import lazy_pattern
from pipfast.model.project_names import NormalizedName, canonical_name
from pipfast.report import freeze_lines
from pipfast.report.console import Console
from pipfast.report.freeze_lines import Frozen
from pipfast.requirements.parse import parse_editable, parse_requirement

_COMMENT = lazy_pattern(r"(^|\s+)#.*$")
_REPEATED = ("-r", "--requirement", "-f", "--find-links", "-i", "--index-url", "--pre",
             "--trusted-host", "--process-dependency-links", "--extra-index-url",
             "--use-feature")  # fmt: skip
"""The options whose lines are repeated unchanged."""


class RequirementsFiles:
    """Reads requirements files; `used` are the installed projects that a line names."""

    def __init__(self, frozen: Mapping[NormalizedName, Frozen], console: Console) -> None:
        self._frozen = frozen
        self._console = console
        self._repeated: set[str] = set()
        self._files_by_name: dict[str, list[str]] = {}
        self.used: set[NormalizedName] = set()

    def lines(self, paths: Sequence[str]) -> Iterator[str]:
        """Yield the lines of all files, then the comment before what no file names.

        Raises InstallationError for a line that is no requirement, OSError for an unreadable file.
        """
        for path in paths:
            with open(path) as file:  # noqa: PTH123 - in the locale's encoding, as pip reads it
                for line in file:
                    yield from self._converted(path, line)
        for name, files in self._files_by_name.items():
            if len(files) > 1:
                self._warn(freeze_lines.included_multiple_times(name, files))
        yield freeze_lines.ADDED

    def _converted(self, path: str, line: str) -> Iterator[str]:
        bare = line.strip()
        if not bare or bare.startswith("#") or line.startswith(_REPEATED):
            text = line.rstrip()
            if text not in self._repeated:
                self._repeated.add(text)
                yield text
            return
        editable = line.startswith(("-e", "--editable"))
        written = _editable(line) if editable else bare
        bare = _COMMENT.sub("", written).strip()
        wanted = parse_editable(written) if editable else parse_requirement(bare)
        if wanted.requirement is None:
            self._console.say(freeze_lines.line_skipped(path, written))
            self._console.say(freeze_lines.ADD_EGG)
            return
        yield from self._pinned(path, wanted.requirement.name, bare)

    def _pinned(self, path: str, name: str, line: str) -> Iterator[str]:
        canonical = canonical_name(name)
        files = self._files_by_name.setdefault(name, [])
        if canonical in self._frozen and canonical not in self.used:
            self.used.add(canonical)
            files.append(path)
            yield self._frozen[canonical].text
        elif files:
            files.append(path)
        else:
            self._warn(freeze_lines.not_installed(path, line, name))

    def _warn(self, text: str) -> None:
        self._console.say(text, Level.WARNING)


def _editable(line: str) -> str:
    """Return the argument of an ``-e`` line."""
    if line.startswith("-e"):
        return line[2:].strip()
    return line[len("--editable") :].strip().lstrip("=")
