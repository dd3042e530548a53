"""pip's configuration files: their content, the file that a change goes to, and its new text."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence

from pipfast.config.layers import (
    ENVIRONMENT,
    NAMED,
    SITE,
    SYSTEM,
    USER,
    entries,
    files_by_level,
    key_of,
    parser_of,
    switched_off,
    variables,
)
from pipfast.errors import CommandError
from pipfast.model.frozen_dataclass import dataclass, field

TYPE_CHECKING = False  # type checkers know this name; importing typing costs 5 ms
if TYPE_CHECKING:
    from configparser import RawConfigParser

Keys = Mapping[str, Mapping[str, str]]
"""The value of every key (``section.name``) by file, or by ENVIRONMENT."""


class NoSuchKey(CommandError):
    """The key is not set, or not where it was searched."""

    def __init__(self, written: str) -> None:
        super().__init__(f"No such key - {written}")


@dataclass(frozen=True, slots=True)
class ConfigurationFile:
    """The file that a change goes to, and the level at which its keys were read.

    `redirected` is true if ``PIP_CONFIG_FILE`` replaces another level's file.
    """

    path: str
    level: str
    redirected: bool = field(default=False, kw_only=True)


@dataclass(frozen=True, slots=True)
class LoadedConfiguration:
    """The configuration of one run.

    `levels` are all files by level, lowest precedence first; `looked_at` is each file in that
    order with its level and whether it was read; `keys` are the values by level, variables last.
    """

    levels: Mapping[str, Sequence[str]]
    looked_at: Sequence[tuple[str, str, bool]]
    keys: Mapping[str, Keys]

    def by_file(self) -> Keys:
        """Return all keys; those of a file that belongs to two levels appear once."""
        return {path: keys for level in self.keys.values() for path, keys in level.items()}

    def value(self, name: str) -> str:
        """Return a key's effective value, however its name is spelled. Raises CommandError."""
        key = key_of(name)
        values = [keys[key] for keys in self.by_file().values() if key in keys]
        if not values:
            _split(key)
            raise NoSuchKey(name)
        return values[-1]

    def place(self, level: str, key: str | None = None) -> ConfigurationFile:
        """Return the file of `level` to change: the last that has `key`, else the last of all.

        ``PIP_CONFIG_FILE`` is used if no file of that level is. Raises CommandError.
        """
        paths = list(self.keys.get(level, ()))
        if not paths:
            return self._redirected(level)
        if key is not None:
            section, name = _split(key)
            holding = (path for path in reversed(paths) if _has(parser_of(path), section, name))
            return ConfigurationFile(next(holding, paths[-1]), level)
        return ConfigurationFile(paths[-1], level)

    def _redirected(self, level: str) -> ConfigurationFile:
        named = next(iter(self.levels[NAMED]), None)
        if named == os.devnull:
            raise CommandError(f"Cannot write to PIP_CONFIG_VALUE when it is set to {named}")
        if not named or level not in (USER, SYSTEM):
            raise CommandError("Fatal Internal error [id=2]. Please report as a bug.")
        return ConfigurationFile(named, NAMED, redirected=True)


def loaded(
    environ: Mapping[str, str], *, isolated: bool, prefix: str, only: str | None = None
) -> LoadedConfiguration:
    """Read every level, or the level `only`, which includes ``PIP_CONFIG_FILE`` for the user's.

    Raises UnreadableFile.
    """
    levels = files_by_level(environ, isolated=isolated, prefix=prefix)
    looked_at = [
        (level, path, only in (None, level) or (only == USER and level == NAMED))
        for level, paths in levels.items()
        for path in paths
        if not switched_off(levels)
    ]
    keys: dict[str, dict[str, dict[str, str]]] = {}
    for level, path, reads in looked_at:
        if reads:
            found = keys.setdefault(level, {}).setdefault(path, {})
            found.update((f"{section}.{key}", value) for section, key, value in entries(path))
    if not isolated:
        values_of_environment = {
            f"{ENVIRONMENT}.{key_of(name[4:])}": value for name, value in variables(environ)
        }
        keys[ENVIRONMENT] = {ENVIRONMENT: values_of_environment}
    return LoadedConfiguration(levels, looked_at, keys)


def usual_level(environ: Mapping[str, str], prefix: str) -> str:
    """Return the default level: the environment's if it has a file."""
    site = files_by_level(environ, isolated=True, prefix=prefix)[SITE]
    return SITE if any(map(os.path.exists, site)) else USER


def with_value(path: str, key: str, value: str) -> str:
    """Return the file's text with the key set. Raises CommandError for a key without a section."""
    section, name = _split(key)
    parser = parser_of(path)
    if not parser.has_section(section):
        parser.add_section(section)
    parser.set(section, name, value)
    return _text(parser)


def without(loaded: LoadedConfiguration, place: ConfigurationFile, written: str) -> str:
    """Return the file's text without the key, and without its section if that becomes empty.

    Raises CommandError.
    """
    key = key_of(written)
    if key not in loaded.keys.get(place.level, {}).get(place.path, {}):
        raise NoSuchKey(written)
    section, name = _split(key)
    parser = parser_of(place.path)
    if not (parser.has_section(section) and parser.remove_option(section, name)):
        raise CommandError("Fatal Internal error [id=1]. Please report as a bug.")
    if not parser.items(section):
        parser.remove_section(section)
    return _text(parser)


def _split(key: str) -> tuple[str, str]:
    section, dot, name = key.partition(".")
    if not dot:
        raise CommandError(
            "Key does not contain dot separated section and key. "
            f"Perhaps you wanted to use 'global.{key}' instead?"
        )
    return section, name


def _has(parser: RawConfigParser, section: str, name: str) -> bool:
    return parser.has_section(section) and parser.has_option(section, name)


def _text(parser: RawConfigParser) -> str:
    from configparser import Error
    from io import StringIO

    text = StringIO()
    try:
        parser.write(text)
    except Error as error:  # since Python 3.14, for a name that could not be read again
        raise CommandError(str(error)) from None
    return text.getvalue()
