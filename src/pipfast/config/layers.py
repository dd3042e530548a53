"""Configuration files and environment variables, and the origin of each value."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping

from pipfast.config.directories import configuration_files
from pipfast.config.ini import plain_values
from pipfast.errors import UsageError

TYPE_CHECKING = False  # type checkers know this name; importing typing costs 5 ms
if TYPE_CHECKING:
    from configparser import RawConfigParser

ENVIRONMENT = ":env:"
"""The pseudo section for ``PIP_*`` variables."""

SYSTEM, USER, SITE, NAMED = "global", "user", "site", "env"
"""The levels of files by pip's names, lowest precedence first; NAMED is ``PIP_CONFIG_FILE``."""

Sections = dict[str, dict[str, "tuple[str, str]"]]
"""Value and origin by section and key (with hyphens), in pip's order of keys."""


class UnreadableFile(UsageError):
    """A configuration file cannot be parsed; pip exits with 2 without usage."""

    def __init__(self, message: str) -> None:
        super().__init__(message.rstrip("\n"), usage="")


def read_sources(environ: Mapping[str, str], *, isolated: bool, prefix: str) -> Sections:
    """Return the values of all levels: system, user, site, ``PIP_CONFIG_FILE``, environment.

    `isolated` ignores the user's files and ``PIP_*``. An existing ``PIP_CONFIG_FILE`` replaces
    the user's files; the null device replaces all files. Raises UnreadableFile.
    """
    sections: Sections = {}
    levels = files_by_level(environ, isolated=isolated, prefix=prefix)
    paths = [] if switched_off(levels) else [path for level in levels.values() for path in level]
    for path in dict.fromkeys(paths):
        for section, key, value in entries(path):
            sections.setdefault(section, {})[key] = value, path
    if not isolated:
        found = sections.setdefault(ENVIRONMENT, {})
        for name, value in variables(environ):
            found[key_of(name[4:])] = value, f"environment variable {name}"
    return sections


def files_by_level(
    environ: Mapping[str, str], *, isolated: bool, prefix: str
) -> dict[str, list[str]]:
    """Return the files of each level, lowest precedence first, whether they exist or not.

    The user level is missing if the user's files are ignored. Source: pip's configuration topic.
    """
    named = environ.get("PIP_CONFIG_FILE")
    files = configuration_files(environ, prefix)
    levels = {SYSTEM: files.system}
    if not isolated and not (named and os.path.exists(named)):  # noqa: PTH110 - start-up time
        levels[USER] = files.user
    return levels | {SITE: [files.site], NAMED: [] if named is None else [named]}


def switched_off(levels: Mapping[str, list[str]]) -> bool:
    """Return whether all files are ignored because ``PIP_CONFIG_FILE`` is the null device."""
    return levels[NAMED] == [os.devnull]


def variables(environ: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Return the variables that configure pip, by full name."""
    for name, value in environ.items():
        if name.startswith("PIP_") and name[4:].lower() not in ("version", "help"):
            yield name, value


def configured(sections: Sections, command: str) -> Iterator[tuple[str, str, str]]:
    """Yield key, value and origin of everything that applies to `command`, highest precedence last.

    Order: ``[global]``, the command's section, the environment. Empty values are skipped.
    """
    for section in ("global", command, ENVIRONMENT):
        for key, (value, origin) in sections.get(section, {}).items():
            if value:
                yield key, value, origin


def key_of(name: str) -> str:
    """Return a key in its canonical form: the long option without hyphens in front."""
    return name.lower().replace("_", "-").removeprefix("--")


def entries(path: str) -> list[tuple[str, str, str]]:
    """Return section, key and value of everything a file sets, in order.

    Return nothing if the file does not exist or cannot be read, like pip. Raises UnreadableFile.
    """
    try:
        with open(path, "rb") as file:  # noqa: PTH123 - pathlib costs start-up time
            data = file.read()
    except OSError:
        return []
    values = plain_values(data)
    found = _parsed(path) if values is None else values
    return [(section, key_of(key_of(key)), value) for section, key, value in found]


def _parsed(path: str) -> Iterator[tuple[str, str, str]]:
    parser = parser_of(path)
    for section in parser.sections():
        for key, value in parser.items(section):
            yield section, key, value


def parser_of(path: str) -> RawConfigParser:
    """Read a file with configparser; empty if it does not exist or cannot be read.

    Raises UnreadableFile.
    """
    import configparser  # its import takes 5 ms, which plain_values saves most runs

    parser = configparser.RawConfigParser()
    setattr(parser, "optionxform", key_of)  # noqa: B010 - mypy knows it as a method
    coding = encoding()
    try:
        parser.read(path, encoding=coding)
    except UnicodeDecodeError:
        raise UnreadableFile(
            f"Configuration file contains invalid {coding} characters in {path}."
        ) from None
    except configparser.Error as error:
        raise UnreadableFile(f"Configuration file could not be loaded.\n{error}\n") from None
    return parser


def encoding() -> str:
    """Return the encoding of configuration files: the locale's, ignoring Python's UTF-8 mode."""
    import locale
    import sys

    if sys.flags.utf8_mode:
        return "utf-8"
    getencoding = getattr(locale, "getencoding", None)  # Python 3.11 and later
    name = getencoding() if getencoding else locale.getpreferredencoding(do_setlocale=False)
    return str(name)
