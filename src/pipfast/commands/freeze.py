"""`pip freeze`: print what is installed as requirements that install it again."""

from __future__ import annotations

from collections.abc import Iterator

from pipfast.commands._environment import excluded, installed_distributions, target_interpreter
from pipfast.config.settings import Settings
from pipfast.environment.direct_url_file import origin_of, report_if_invalid
from pipfast.environment.discovery import NEVER_LISTED
from pipfast.environment.interpreter import Interpreter
from pipfast.model.fast_versions import pinned
from pipfast.model.installed_distribution import Installed
from pipfast.model.project_names import NormalizedName, canonical_name
from pipfast.report.console import Console
from pipfast.report.freeze_lines import Frozen, reference

_BUILD_PROJECTS = frozenset(map(canonical_name, ("setuptools", "distribute", "wheel")))
_PIP = canonical_name("pip")


def command(settings: Settings, console: Console) -> int:
    """Print the requirements. Raises PipfastError."""
    python = target_interpreter(settings, console)
    found = installed_distributions(settings, python, console, leave_out=())
    frozen: dict[NormalizedName, Frozen] = {}
    for installed in found:
        if not (installed.editable and settings.flag("exclude_editable")):
            frozen[canonical_name(installed.raw_name)] = _frozen(installed, settings, console)
    left_out = _left_out(settings, python)
    lines: list[str] = []
    try:
        if settings.texts("requirements"):
            from pipfast.commands._freeze_requirements import RequirementsFiles

            files = RequirementsFiles(frozen, console)
            lines.extend(files.lines(settings.texts("requirements")))
            left_out |= files.used
        lines.extend(_others(frozen, left_out))
    finally:
        if lines:
            console.print("\n".join(lines))
    return 0


def _left_out(settings: Settings, python: Interpreter) -> frozenset[NormalizedName]:
    """Return projects that are not printed: parts of Python, pip, and on old Pythons setuptools."""
    names = NEVER_LISTED | excluded(settings)
    if settings.flag("freeze_all"):
        return names
    return names | {_PIP} | (_BUILD_PROJECTS if python.version_info < (3, 12) else frozenset())


def _others(
    frozen: dict[NormalizedName, Frozen], left_out: frozenset[NormalizedName]
) -> Iterator[str]:
    for name, each in sorted(frozen.items(), key=lambda item: item[1].name.lower()):
        if name not in left_out:
            yield each.text


def _frozen(installed: Installed, settings: Settings, console: Console) -> Frozen:
    name = installed.raw_name
    pin = pinned(name, installed.version, installed.raw_version)
    if installed.editable:
        from pipfast.commands._editable_requirement import editable_requirement

        return editable_requirement(installed, pin, settings, console)
    report_if_invalid(installed, console)
    origin = origin_of(installed, console)
    return Frozen(name, pin if origin is None else reference(name, origin))
