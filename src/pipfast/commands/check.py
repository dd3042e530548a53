"""`pip check`: check the requirements and platforms of installed distributions."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from pipfast.commands._environment import installed_distributions, target_interpreter
from pipfast.config.settings import Settings
from pipfast.environment.dependencies import requirements_of
from pipfast.environment.discovery import NEVER_LISTED, report_leftovers
from pipfast.environment.metadata_files import data_of
from pipfast.model.events import Event
from pipfast.model.fast_requirements import admits, applies, read
from pipfast.model.fast_versions import version_text
from pipfast.model.installed_distribution import Installed
from pipfast.model.lazy_pattern import lazy_pattern
from pipfast.model.project_names import canonical_name
from pipfast.report import check_lines
from pipfast.report.console import Console

_TAG = lazy_pattern(rb"^Tag:[ \t]*([^\r\n]*?)[ \t\r]*$", re.IGNORECASE | re.MULTILINE)


def command(settings: Settings, console: Console) -> int:
    """Print what is broken; return 1 if anything is. Raises PipfastError."""
    python = target_interpreter(settings, console)
    warnings: list[Event] = []

    def listen(event: Event) -> None:
        warnings.append(event)
        console(event)

    found = installed_distributions(settings, python, listen, leave_out=())
    lines: list[str] = []
    unread = False
    if not _is_simple_and_sound(found, python.markers):
        from pipfast.commands._check_full import broken_requirements

        lines, unread = broken_requirements(found, python.markers, console)
    if warnings:  # pip scans the environment a second time
        report_leftovers(python.sys_path, python, console)
    lines += unsupported(found, frozenset(python.tags))
    if not lines and not unread:
        console.say(check_lines.NOTHING_BROKEN)
        return 0
    if lines:
        console.say("\n".join(lines))
    return 1


def _is_simple_and_sound(found: Sequence[Installed], markers: Mapping[str, str]) -> bool:
    """Return whether all requirements are simple enough for a fast check, and fulfilled."""
    versions = {each.name: each.version for each in found}
    if any(version_text(version) is None for version in versions.values()):
        return False
    for installed in found:
        try:
            lines = requirements_of(installed, errors="strict")
        except UnicodeDecodeError:
            return False
        for line in lines:
            simple = read(line)
            counts = simple and applies(simple.marker, markers)
            if simple is None or counts is None:
                return False
            version = versions.get(canonical_name(simple.name), "")
            if counts and not admits(simple.clauses, version):
                return False
    return True


def unsupported(found: Sequence[Installed], supported: frozenset[str]) -> Iterator[str]:
    """Yield a line for each local distribution whose wheel is for another platform."""
    for installed in found:
        if not installed.local or installed.name in NEVER_LISTED:
            continue
        wheel = data_of(installed.info, "WHEEL")
        if wheel is not None and supported.isdisjoint(_tags(wheel)):
            version = version_text(installed.version) or installed.version
            yield check_lines.unsupported(installed.raw_name, version)


def _tags(wheel: bytes) -> Iterator[str]:
    """Yield the tags of a WHEEL file; compressed tag sets are expanded (PEP 425)."""
    for tag in _TAG.findall(wheel):
        parts = [part.split(".") for part in tag.decode("utf-8", "replace").lower().split("-")]
        if len(parts) == 3:
            for python in parts[0]:
                for abi in parts[1]:
                    yield from (f"{python}-{abi}-{platform}" for platform in parts[2])
