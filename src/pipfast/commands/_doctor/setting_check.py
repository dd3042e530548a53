"""Settings that have no effect, because no program has them."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches

from pipfast.commands._doctor.subject import Subject
from pipfast.config.layers import ENVIRONMENT, read_sources
from pipfast.config.nearest_setting import nearest_setting
from pipfast.config.pipfast_settings import SECTION
from pipfast.config.subcommands import COMMANDS, MAIN
from pipfast.model.findings import Finding, SettingWithoutEffect

_VARIABLES_OF_PIP = frozenset({"config-file", "auto-complete"})
"""Variables that configure pip without being the name of an option."""


_SECTIONS = frozenset({"global", ENVIRONMENT, *COMMANDS})
_OF_OTHERS = ("tools-",)
"""Beginnings of variables that other programs read: those of pip-tools."""

_ALIKE = 0.7
"""The least similarity of two names, by difflib's ratio."""


def find(subject: Subject) -> Iterator[Finding]:
    """Yield unknown variables and keys of pipfast, then those of pip, which ignores them."""
    for one in subject.settings.own.unknown:
        yield SettingWithoutEffect(one.name, one.path or "", nearest_setting(one))
    isolated = subject.settings.flag("isolated_mode")
    sections = read_sources(subject.environ, isolated=isolated, prefix=subject.python.prefix)
    for section, entries in sections.items():
        if section == SECTION:
            continue
        if section not in _SECTIONS:
            origin = next((origin for _, origin in entries.values()), "")
            close = get_close_matches(section, _SECTIONS, n=1, cutoff=_ALIKE)
            meant = f"[{close[0]}]" if close else ""
            yield SettingWithoutEffect(f"[{section}]", origin, meant)
            continue
        known = _options(section)
        for key, (_, origin) in entries.items():
            if key not in known and not _is_used_otherwise(section, key):
                close = get_close_matches(key, known, n=1, cutoff=_ALIKE)
                yield _without_effect(section, key, origin, close[0] if close else "")


def _is_used_otherwise(section: str, key: str) -> bool:
    return section == ENVIRONMENT and (key in _VARIABLES_OF_PIP or key.startswith(_OF_OTHERS))


def _options(section: str) -> frozenset[str]:
    """Return the long options that a section may set."""
    commands = [COMMANDS[section]] if section in COMMANDS else [*COMMANDS.values(), MAIN]
    flags = (flag for command in commands for option in command.options for flag in option.flags)
    general = (flag for option in MAIN.options for flag in option.flags)
    return frozenset(flag[2:] for flag in (*flags, *general) if flag.startswith("--"))


def _without_effect(section: str, key: str, origin: str, nearest: str) -> Finding:
    if section == ENVIRONMENT:
        variable = origin.rpartition(" ")[2]
        meant = f"PIP_{nearest.upper().replace('-', '_')}" if nearest else ""
        return SettingWithoutEffect(variable, "", meant)
    meant = f"{section}.{nearest}" if nearest else ""
    return SettingWithoutEffect(f"{section}.{key}", origin, meant)
