"""`pip show`: print the metadata of installed distributions and what depends on them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pipfast.commands._environment import installed_distributions, location_of, target_interpreter
from pipfast.config.settings import Settings
from pipfast.environment.dependencies import names_needed, requirements_of
from pipfast.environment.direct_url_file import report_if_invalid
from pipfast.environment.metadata_files import metadata_of, text_of
from pipfast.environment.recorded_files import declared
from pipfast.model.events import Level
from pipfast.model.installed_distribution import Installed
from pipfast.model.project_names import NormalizedName, canonical_name
from pipfast.report import show_lines
from pipfast.report.console import Console
from pipfast.report.show_lines import Details, Shown


def command(settings: Settings, console: Console) -> int:
    """Print the named distributions; return 1 if none is installed. Raises PipfastError."""
    python = target_interpreter(settings, console)
    if not settings.words:
        console.say(show_lines.NO_NAMES, Level.WARNING)
        return 1
    found = installed_distributions(settings, python, console, leave_out=())
    present = {each.name: each for each in found}
    missing = sorted(name for name in settings.words if canonical_name(name) not in present)
    if missing:
        console.say(show_lines.not_found(missing), Level.WARNING)
    graph = _RequirementGraph(present, python.markers)
    parts = [
        show_lines.section(_shown(present[canonical_name(name)], graph, settings, console))
        for name in settings.words
        if canonical_name(name) in present
    ]
    if parts:
        console.say(show_lines.sections(parts))
    return 0 if parts else 1


class _RequirementGraph:
    """Which installed distributions require which projects."""

    def __init__(
        self, present: Mapping[NormalizedName, Installed], markers: Mapping[str, str]
    ) -> None:
        self._present = present
        self._markers = markers
        self._edges: dict[NormalizedName, frozenset[NormalizedName]] | None = None

    def requirements(self, installed: Installed) -> list[str]:
        """Return the projects that it requires, or its requirement lines if one is invalid."""
        lines = requirements_of(installed)
        try:
            names = set(names_needed(lines, self._markers))
        except ValueError:
            return sorted(lines, key=str.lower)
        return sorted(names, key=str.lower)

    def dependents(self, installed: Installed) -> Sequence[str]:
        """Return the distributions that require it."""
        try:
            edges = self._all()
        except ValueError:  # a requirement of some distribution is invalid
            return show_lines.UNREADABLE
        found = [self._present[name] for name, needed in edges.items() if installed.name in needed]
        names = (metadata_of(dependent).first("name") or "UNKNOWN" for dependent in found)
        return sorted(names, key=str.lower)

    def _all(self) -> Mapping[NormalizedName, frozenset[NormalizedName]]:
        if self._edges is None:
            self._edges = {
                name: frozenset(
                    map(canonical_name, names_needed(requirements_of(each), self._markers))
                )
                for name, each in self._present.items()
            }
        return self._edges


def _shown(
    installed: Installed, graph: _RequirementGraph, settings: Settings, console: Console
) -> Shown:
    report_if_invalid(installed, console)
    details = None
    if settings.values.get("verbose"):
        entry_points = text_of(installed.info, "entry_points.txt") or ""
        details = Details(installer=installed.installer, entry_points=entry_points)
    files = declared(installed) if settings.flag("files") else None
    return Shown(
        name=installed.raw_name,
        version=installed.raw_version,
        document=metadata_of(installed),
        location=location_of(installed),
        editable=installed.editable,
        requires=graph.requirements(installed),
        required_by=graph.dependents(installed),
        details=details,
        files=tuple(files or ()) if settings.flag("files") else None,
        files_known=files is not None,
    )
