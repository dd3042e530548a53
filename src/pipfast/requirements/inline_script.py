"""Requirements in the inline metadata of a script (PEP 723)."""

from __future__ import annotations

import errno
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.version import Version

from pipfast.errors import CommandError, InstallationError
from pipfast.model.input_limits import TOML_SIZE, check_size
from pipfast.model.lazy_pattern import lazy_pattern
from pipfast.model.requirement import parsed_specifier
from pipfast.model.toml_document import TOMLDecodeError, parsed_toml
from pipfast.requirements.errors import UnparsableInput

_BLOCK = lazy_pattern(
    r"(?m)^# /// (?P<type>[a-zA-Z0-9-]+)$\s(?P<content>(^#(| .*)$\s)+)^# ///$"
)  # the reference regular expression of PEP 723


def script_requirements(
    path: str, python: Sequence[int], *, ignore_requires_python: bool = False
) -> tuple[str, ...]:
    """Return the dependencies of the script at `path`, as written, for Python version `python`.

    Raises CommandError if the metadata is missing or invalid, and InstallationError if the script
    requires another Python, with pip's messages.
    """
    metadata = _read_metadata(path)
    requires_python, dependencies = _fields(metadata, path)
    if requires_python and not ignore_requires_python:
        version = Version(".".join(map(str, python[:3])))
        if version not in _parse_specifier(requires_python):
            short = ".".join(map(str, python[:2]))
            raise InstallationError(
                f"Script {path!r} requires a different Python: {short} not in {requires_python!r}"
            )
    return dependencies


def _fields(metadata: Mapping[str, Any], path: str) -> tuple[str, tuple[str, ...]]:
    """Return ``requires-python`` and ``dependencies``. Raises CommandError for wrong types."""
    python, dependencies = metadata.get("requires-python", ""), metadata.get("dependencies", ())
    listed = tuple(dependencies) if isinstance(dependencies, Iterable) else (dependencies,)
    if not all(isinstance(each, str) for each in (python, *listed)):
        raise CommandError(f"Failed to parse TOML in {path!r}")
    return python, listed


def _parse_specifier(text: str) -> SpecifierSet:
    try:
        return parsed_specifier(text)
    except InvalidSpecifier as error:
        raise UnparsableInput(str(error)) from None


def _read_metadata(path: str) -> dict[str, Any]:
    try:
        with open(path, encoding="utf-8") as file:
            text = file.read(TOML_SIZE + 1)
    except OSError as error:
        message = f"Could not install packages due to an OSError: {error}\n"
        if error.errno == errno.EACCES:
            message += "Check the permissions.\n"
        raise InstallationError(message) from None
    except UnicodeDecodeError as error:
        raise UnparsableInput(f"Could not read {path!r}: {error}") from None
    check_size(len(text), TOML_SIZE, path)
    blocks = [block for block in _BLOCK.finditer(text) if block["type"] == "script"]
    if len(blocks) > 1:
        raise CommandError(f"Multiple 'script' blocks found in {path!r}")
    if not blocks:
        raise CommandError(f"File does not contain 'script' metadata: {path!r}")
    lines = blocks[0]["content"].splitlines(keepends=True)
    content = "".join(line[2:] if line.startswith("# ") else line[1:] for line in lines)
    try:
        return parsed_toml(content, path)
    except TOMLDecodeError:
        raise CommandError(f"Failed to parse TOML in {path!r}") from None
