"""Dependency groups of ``pyproject.toml`` (PEP 735)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from packaging.dependency_groups import DependencyGroupResolver
from packaging.errors import ExceptionGroup

from pipfast.errors import InstallationError
from pipfast.model.input_limits import PROJECT_FILE_SIZE, check_size
from pipfast.model.toml_document import TOMLDecodeError, parsed_toml
from pipfast.requirements.errors import UnparsableInput


def group_requirements(groups: Sequence[tuple[str, str]]) -> tuple[str, ...]:
    """Return the requirements of `groups`, pairs of a path and a group name, in order.

    Every file is read before any group is resolved. Raises InstallationError with pip's message.
    """
    resolvers = {path: _resolver(path) for path in dict.fromkeys(path for path, _ in groups)}
    return tuple(text for path, name in groups for text in _resolve(resolvers[path], path, name))


def _resolve(resolver: DependencyGroupResolver, path: str, name: str) -> Iterator[str]:
    try:
        yield from map(str, resolver.resolve(name))
    except ExceptionGroup as error:
        raise InstallationError(
            f"[dependency-groups] resolution failed for '{name}' from '{path}': {_messages(error)}"
        ) from None


def _resolver(path: str) -> DependencyGroupResolver:
    document = _read_document(path)
    if "dependency-groups" not in document:
        raise InstallationError(
            f"[dependency-groups] table was missing from '{path}'. Cannot resolve '--group' option."
        )
    table = document["dependency-groups"]
    if not isinstance(table, dict):
        raise InstallationError(
            f"[dependency-groups] table was malformed in {path}. Cannot resolve '--group' option."
        )
    try:
        return DependencyGroupResolver(table)
    except ExceptionGroup as error:
        raise InstallationError(
            f"[dependency-groups] data was invalid in {path}: {_messages(error)}"
        ) from None


def _read_document(path: str) -> dict[str, Any]:
    try:
        with open(path, "rb") as file:
            data = file.read(PROJECT_FILE_SIZE + 1)
        check_size(len(data), PROJECT_FILE_SIZE, path)
        return parsed_toml(data.decode("utf-8"), path)
    except UnicodeDecodeError as error:
        raise UnparsableInput(f"Could not read {path}: {error}") from None
    except FileNotFoundError:
        message = f"{path} not found. Cannot resolve '--group' option."
    except TOMLDecodeError as error:
        message = f"Error parsing {path}: {error}"
    except OSError as error:
        message = f"Error reading {path}: {error}"
    raise InstallationError(message)


def _messages(error: ExceptionGroup) -> str:
    return "; ".join(str(one) for one in error.exceptions)
