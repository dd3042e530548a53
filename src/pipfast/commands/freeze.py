"""`pip freeze`: what is installed, as requirements that install it again."""

from __future__ import annotations

from collections.abc import Iterator

from pipfast.commands._environment import contents, excluded, target
from pipfast.config.settings import Settings
from pipfast.environment.direct_url_file import complain, origin_of
from pipfast.environment.discovery import NEVER_LISTED
from pipfast.environment.interpreter import Interpreter
from pipfast.model.fast_versions import pinned
from pipfast.model.installed_distribution import Installed
from pipfast.model.project_names import NormalizedName, canonical_name
from pipfast.report.console import Console
from pipfast.report.freeze_lines import Frozen, reference

_BUILDERS = frozenset(map(canonical_name, ("setuptools", "distribute", "wheel")))
_PIP = canonical_name("pip")


def command(settings: Settings, console: Console) -> int:
    """Print the requirements. Raises PipfastError."""
    python = target(settings, console)
    found = contents(settings, python, console, leave_out=())
    frozen: dict[NormalizedName, Frozen] = {}
    for one in found:
        if not (one.editable and settings.flag("exclude_editable")):
            frozen[canonical_name(one.raw_name)] = _frozen(one, settings, console)
    left_out = _left_out(settings, python)
    said: list[str] = []
    try:
        if settings.texts("requirements"):
            from pipfast.commands._freeze_requirements import Files

            files = Files(frozen, console)
            said.extend(files.lines(settings.texts("requirements")))
            left_out |= files.used
        said.extend(_rest(frozen, left_out))
    finally:
        if said:
            console.print("\n".join(said))
    return 0


def _left_out(settings: Settings, python: Interpreter) -> frozenset[NormalizedName]:
    """Projects that need no requirement: parts of Python, and what any environment may have."""
    names = NEVER_LISTED | excluded(settings)
    if settings.flag("freeze_all"):
        return names
    return names | {_PIP} | (_BUILDERS if python.version_info < (3, 12) else frozenset())


def _rest(
    frozen: dict[NormalizedName, Frozen], left_out: frozenset[NormalizedName]
) -> Iterator[str]:
    for name, one in sorted(frozen.items(), key=lambda item: item[1].name.lower()):
        if name not in left_out:
            yield one.text


def _frozen(one: Installed, settings: Settings, console: Console) -> Frozen:
    pin = pinned(one.raw_name, one.version, one.raw_version)
    if one.editable:
        from pipfast.commands._editable_requirement import requirement_of

        return requirement_of(one, pin, settings, console)
    complain(one, console)
    told = origin_of(one, console)
    return Frozen(one.raw_name, pin if told is None else reference(one.raw_name, told))
