"""`pip check`: whether what is installed gets what it needs, and runs here."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from pipfast.commands._environment import contents, target
from pipfast.config.settings import Settings
from pipfast.environment.dependencies import needs_of
from pipfast.environment.discovery import NEVER_LISTED, look_again
from pipfast.environment.metadata_files import data_of
from pipfast.model.events import Event
from pipfast.model.fast_requirements import admits, applies, read
from pipfast.model.fast_versions import version_text
from pipfast.model.installed_distribution import Installed
from pipfast.model.project_names import canonical_name
from pipfast.report.console import Console

NOTHING = "No broken requirements found."
_TAG = re.compile(rb"^Tag:[ \t]*([^\r\n]*?)[ \t\r]*$", re.IGNORECASE | re.MULTILINE)


def command(settings: Settings, console: Console) -> int:
    """Say what does not fit; 1 if anything does not. Raises PipfastError."""
    python = target(settings, console)
    heard: list[Event] = []

    def listen(event: Event) -> None:
        heard.append(event)
        console(event)

    found = contents(settings, python, listen, leave_out=())
    lines: list[str] = []
    unread = False
    if not _plainly_sound(found, python.markers):
        from pipfast.commands._check_full import faults

        lines, unread = faults(found, python.markers, console)
    if heard:  # pip takes a second look
        look_again(python.sys_path, python, console)
    lines += _unsupported(found, frozenset(python.tags))
    if not lines and not unread:
        console.say(NOTHING)
        return 0
    if lines:
        console.say("\n".join(lines))
    return 1


def _plainly_sound(found: Sequence[Installed], markers: Mapping[str, str]) -> bool:
    """Whether all is well beyond doubt, as far as what is plain alone can tell."""
    versions = {one.name: one.version for one in found}
    if any(version_text(version) is None for version in versions.values()):
        return False
    for one in found:
        try:
            lines = needs_of(one, errors="strict")
        except UnicodeDecodeError:
            return False
        for line in lines:
            plain = read(line)
            counts = plain and applies(plain.marker, markers)
            if plain is None or counts is None:
                return False
            if counts and not admits(plain.clauses, versions.get(canonical_name(plain.name), "")):
                return False
    return True


def _unsupported(found: Sequence[Installed], supported: frozenset[str]) -> Iterator[str]:
    """A line for each distribution of the environment itself whose wheel is for other machines."""
    for one in found:
        if not one.local or one.name in NEVER_LISTED:
            continue
        wheel = data_of(one.info, "WHEEL")
        if wheel is not None and supported.isdisjoint(_tags(wheel)):
            version = version_text(one.version) or one.version
            yield f"{one.raw_name} {version} is not supported on this platform"


def _tags(wheel: bytes) -> Iterator[str]:
    """The tags of a WHEEL file, sets of them taken apart (PEP 425)."""
    for tag in _TAG.findall(wheel):
        parts = [part.split(".") for part in tag.decode("utf-8", "replace").lower().split("-")]
        if len(parts) == 3:
            for python in parts[0]:
                for abi in parts[1]:
                    yield from (f"{python}-{abi}-{platform}" for platform in parts[2])
