"""Configuration files and variables, and where each value in them was set."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping

from pipfast.config.ini import plain_values
from pipfast.config.places import configuration_files
from pipfast.errors import UsageError

ENVIRONMENT = ":env:"
"""The section that stands for the ``PIP_*`` variables."""

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
    read: set[str] = set()
    for path in _files(environ, isolated=isolated, prefix=prefix):
        if path not in read and os.path.exists(path):  # noqa: PTH110 - pathlib costs start-up time
            read.add(path)
            _read_file(path, sections)
    if not isolated:
        variables = sections.setdefault(ENVIRONMENT, {})
        for name, value in environ.items():
            if name.startswith("PIP_") and name not in ("PIP_VERSION", "PIP_HELP"):
                variables[_key(name[4:])] = value, f"environment variable {name}"
    return sections


def configured(sections: Sections, command: str) -> Iterator[tuple[str, str, str]]:
    """Key, value and origin of all that applies to `command`, the strongest last.

    ``[global]``, then the command's own section, then the environment; an empty value means that
    its section says nothing of the key.
    """
    for section in ("global", command, ENVIRONMENT):
        for key, (value, origin) in sections.get(section, {}).items():
            if value:
                yield key, value, origin


def _files(environ: Mapping[str, str], *, isolated: bool, prefix: str) -> list[str]:
    named = environ.get("PIP_CONFIG_FILE")
    if named == os.devnull:
        return []
    files = configuration_files(environ, prefix)
    paths = list(files.system)
    if not isolated and not (named and os.path.exists(named)):  # noqa: PTH110
        paths += files.user
    paths.append(files.site)
    return paths if named is None else [*paths, named]


def _key(name: str) -> str:
    return name.lower().replace("_", "-").removeprefix("--")


def _read_file(path: str, sections: Sections) -> None:
    try:
        with open(path, "rb") as file:  # noqa: PTH123 - pathlib costs start-up time
            data = file.read()
    except OSError:
        return  # pip passes over a file it may not read
    values = plain_values(data)
    for section, key, value in _parsed(path) if values is None else values:
        sections.setdefault(section, {})[_key(key)] = value, path


def _parsed(path: str) -> Iterator[tuple[str, str, str]]:
    import configparser  # 5 ms, which most runs need not spend: see plain_values

    parser = configparser.RawConfigParser()
    setattr(parser, "optionxform", _key)  # noqa: B010 - mypy knows it as a method
    encoding = _encoding()
    try:
        parser.read(path, encoding=encoding)
    except UnicodeDecodeError:
        raise UnreadableFile(
            f"Configuration file contains invalid {encoding} characters in {path}."
        ) from None
    except configparser.Error as error:
        raise UnreadableFile(f"Configuration file could not be loaded.\n{error}\n") from None
    for section in parser.sections():
        for key, value in parser.items(section):
            yield section, key, value


def _encoding() -> str:
    """The encoding of configuration files: the locale's, whatever Python's UTF-8 mode is not."""
    import locale
    import sys

    if sys.flags.utf8_mode:
        return "utf-8"
    getencoding = getattr(locale, "getencoding", None)  # Python 3.11 and later
    name = getencoding() if getencoding else locale.getpreferredencoding(do_setlocale=False)
    return str(name)
