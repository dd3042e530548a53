"""Configuration files and variables, and where each value in them was set."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping

from pipfast.config.directories import configuration_files
from pipfast.config.ini import plain_values
from pipfast.errors import UsageError

TYPE_CHECKING = False  # by that name type checkers know it; typing costs 5 ms
if TYPE_CHECKING:
    from configparser import RawConfigParser

ENVIRONMENT = ":env:"
"""The section that stands for the ``PIP_*`` variables."""

SYSTEM, USER, SITE, NAMED = "global", "user", "site", "env"
"""The levels of files by pip's names, the weakest first; NAMED is ``PIP_CONFIG_FILE``."""

Sections = dict[str, dict[str, "tuple[str, str]"]]
"""Section, then key with dashes, then the value and where it was set; pip's order of keys."""


class UnreadableFile(UsageError):
    """A configuration file cannot be understood; pip ends with 2 and shows no usage."""

    def __init__(self, message: str) -> None:
        super().__init__(message.rstrip("\n"), usage="")


def read_sources(environ: Mapping[str, str], *, isolated: bool, prefix: str) -> Sections:
    """What every level sets: system under user under site under ``PIP_CONFIG_FILE`` under env.

    With `isolated` neither the user's files nor ``PIP_*`` count. A ``PIP_CONFIG_FILE`` that exists
    takes the place of the user's files; the null device takes the place of all files.
    Raises UnreadableFile.
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
    """The files of each level, the weakest first, whether they exist or not.

    There is no level of the user where his files do not count. Source: pip's configuration topic.
    """
    named = environ.get("PIP_CONFIG_FILE")
    files = configuration_files(environ, prefix)
    levels = {SYSTEM: files.system}
    if not isolated and not (named and os.path.exists(named)):  # noqa: PTH110 - start-up time
        levels[USER] = files.user
    return levels | {SITE: [files.site], NAMED: [] if named is None else [named]}


def switched_off(levels: Mapping[str, list[str]]) -> bool:
    """Whether no file counts, because ``PIP_CONFIG_FILE`` is the null device."""
    return levels[NAMED] == [os.devnull]


def variables(environ: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """The variables that configure pip, each by its whole name."""
    for name, value in environ.items():
        if name.startswith("PIP_") and name[4:].lower() not in ("version", "help"):
            yield name, value


def configured(sections: Sections, command: str) -> Iterator[tuple[str, str, str]]:
    """Key, value and origin of all that applies to `command`, the strongest last.

    ``[global]``, then the command's own section, then the environment; an empty value means that
    its section says nothing of the key.
    """
    for section in ("global", command, ENVIRONMENT):
        for key, (value, origin) in sections.get(section, {}).items():
            if value:
                yield key, value, origin


def key_of(name: str) -> str:
    """A key as it is compared: the long option without its dashes."""
    return name.lower().replace("_", "-").removeprefix("--")


def entries(path: str) -> list[tuple[str, str, str]]:
    """Section, key and value of all that a file sets, in its order.

    Nothing where it is not there or may not be read, as with pip. Raises UnreadableFile.
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
    """A file as configparser has it; empty where it is not there or may not be read.

    Raises UnreadableFile.
    """
    import configparser  # 5 ms, which most runs need not spend: see plain_values

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
    """The encoding of configuration files: the locale's, whatever Python's UTF-8 mode is not."""
    import locale
    import sys

    if sys.flags.utf8_mode:
        return "utf-8"
    getencoding = getattr(locale, "getencoding", None)  # Python 3.11 and later
    name = getencoding() if getencoding else locale.getpreferredencoding(do_setlocale=False)
    return str(name)
