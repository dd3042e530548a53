"""A project's build system and static metadata, read without running anything."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeGuard

from packaging.requirements import InvalidRequirement
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from pipfast.builds.errors import (
    InvalidBuildSystem,
    InvalidToml,
    NotAProject,
    TomlType,
    UnreadableProject,
    WrongTypeInProject,
)
from pipfast.environment.metadata_files import document_of
from pipfast.model.frozen_dataclass import dataclass, field
from pipfast.model.input_limits import (
    METADATA_SIZE,
    PROJECT_FILE_SIZE,
    check_size,
    is_excessive,
)
from pipfast.model.metadata import Metadata, metadata_in, parse_metadata
from pipfast.model.requirement import parsed_requirement, parsed_version

LEGACY = "setuptools.build_meta:__legacy__"
"""The backend of projects that do not name one; it runs setup.py like before PEP 517."""

OLDEST_SETUPTOOLS = "setuptools>=40.8.0"
"""The requirement of projects that do not declare any."""

_NO_SETTINGS: Mapping[str, str | list[str]] = MappingProxyType({})
_PROMISED = ("name", "version", "requires-dist", "requires-python", "provides-extra")
_FIELDS = frozenset({"version", "dependencies", "optional-dependencies", "requires-python"})


@dataclass(frozen=True, slots=True)
class VisiblePaths:
    """Additional visible folders of a build: site folders, and those of their programs."""

    folders: tuple[str, ...] = ()
    programs: tuple[str, ...] = ()


NOTHING_VISIBLE = VisiblePaths()
"""No additional folders, as PEP 517 requires."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """A source tree to build.

    `named` is its name in messages, spelled like a requirement in pip (``demo from file:///…``);
    `described` its name where pip uses another form: the project, else ``from <link>``. `name`
    is the project's if known. `editable` requests an editable wheel (PEP 660); with `as_wheel`
    too, the backend only has to support it, and an ordinary wheel is built. `settings` are the
    backend's (``--config-settings``). `given` is true for a folder that the user named, whose
    backend's warnings are shown. `sees` are additional visible folders of its builds.
    """

    folder: Path
    named: str
    described: str
    name: str | None = None
    editable: bool = False
    as_wheel: bool = False
    given: bool = False
    settings: Mapping[str, str | list[str]] = field(default_factory=lambda: _NO_SETTINGS)
    sees: VisiblePaths = NOTHING_VISIBLE

    @property
    def builds_editable(self) -> bool:
        """Return whether the hooks for an editable wheel are called."""
        return self.editable and not self.as_wheel

    @property
    def called(self) -> str:
        """Return the name, or the link if it is unknown."""
        return self.name or self.described.removeprefix("from ")

    @property
    def key(self) -> str:
        """Return a key that identifies this way of building."""
        settings = json.dumps(dict(self.settings), sort_keys=True)
        sees = os.pathsep.join(self.sees.folders)
        return f"{self.folder}\n{self.editable} {self.as_wheel}\n{settings}\n{sees}"


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildSystem:
    """A build system (PEP 517, 518).

    `check` are undeclared requirements of the backend that pip uses by default.
    """

    requires: tuple[str, ...]
    backend: str
    backend_path: tuple[str, ...] = ()
    check: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class StaticMetadata:
    """Static metadata of a project; `document` is its METADATA, None if there is none."""

    metadata: Metadata
    document: str | None = None


def build_system(folder: Path, named: str) -> BuildSystem:
    """Read the build system of the project in `folder`; `named` is its name in messages.

    Raises NotAProject, UnreadableProject and InvalidBuildSystem.
    """
    file = folder / "pyproject.toml"
    if not file.is_file():
        if not (folder / "setup.py").is_file():
            raise NotAProject(named)
        return BuildSystem(requires=(OLDEST_SETUPTOOLS,), backend=LEGACY)
    table = _document(file, named).get("build-system")
    if table is None:
        return BuildSystem(requires=(OLDEST_SETUPTOOLS,), backend=LEGACY)
    if not isinstance(table, dict):
        raise WrongTypeInProject(named, "build-system", TomlType.TABLE)
    return _build_system(table, named)


def _build_system(table: Mapping[str, Any], named: str) -> BuildSystem:
    if "requires" not in table:
        raise InvalidBuildSystem.without_requires(named)
    requires = table["requires"]
    if not _are_texts(requires):
        raise InvalidBuildSystem.with_requires(named, "It is not a list of strings.")
    wrong = next((one for one in requires if not _is_requirement(one)), None)
    if wrong is not None:
        reason = f"It contains an invalid requirement: {wrong!r}"
        raise InvalidBuildSystem.with_requires(named, reason)
    backend, path = table.get("build-backend"), table.get("backend-path", [])
    if backend is not None and not isinstance(backend, str):
        raise WrongTypeInProject(named, "build-backend", TomlType.STRING)
    if not _are_texts(path):
        raise WrongTypeInProject(named, "backend-path", TomlType.STRINGS)
    return BuildSystem(
        requires=tuple(requires),
        backend=LEGACY if backend is None else backend,
        backend_path=tuple(path),
        check=(OLDEST_SETUPTOOLS,) if backend is None else (),
    )


def _is_requirement(text: str) -> bool:
    try:
        parsed_requirement(text)
    except InvalidRequirement:
        return False
    return True


def stated_name(folder: Path) -> str:
    """Return the static name of the project in `folder`; may be empty."""
    try:
        table = _document(folder / "pyproject.toml", "").get("project")
    except (OSError, UnreadableProject):
        table = None
    name = table.get("name") if isinstance(table, dict) else None
    if isinstance(name, str):
        return name
    return parse_metadata(_package_info(folder) or "").name


def stated_metadata(folder: Path) -> Metadata | None:
    """Return the metadata in `folder`, static or not; None if there is none."""
    eggs = sorted([*folder.glob("*.egg-info"), *folder.glob("*/*.egg-info")])
    for info in (folder, *eggs):
        metadata = metadata_in(document_of(str(info), errors="surrogateescape"))
        if metadata.requires_dist:
            return metadata
    try:
        table = _document(folder / "pyproject.toml", "").get("project")
    except (OSError, UnreadableProject):
        return None
    if not isinstance(table, dict):
        return None
    return _of_table({"name": "", "version": "0", **table, "dynamic": []})


def static_metadata(folder: Path, *, sdist: bool) -> StaticMetadata | None:
    """Return metadata that a build of `folder` cannot change, None if it is not static.

    For an `sdist` that is PKG-INFO in which name, version, requirements, extras and Python are
    static (PEP 643); for other folders the table ``[project]`` with the same fields (PEP 621).
    """
    if sdist:
        return _of_sdist(folder)
    try:
        table = _document(folder / "pyproject.toml", "").get("project")
    except (OSError, UnreadableProject):
        return None
    metadata = _of_table(table)
    return None if metadata is None else StaticMetadata(metadata)


def _of_sdist(folder: Path) -> StaticMetadata | None:
    document = _package_info(folder)
    if document is None:
        return None
    metadata = parse_metadata(document)
    try:
        promises = parsed_version(metadata.metadata_version) >= Version("2.2")
        parsed_version(metadata.version)
    except InvalidVersion:
        return None
    if not promises or not metadata.name or not metadata.dynamic.isdisjoint(_PROMISED):
        return None
    return StaticMetadata(metadata, document) if _is_project_of(folder, metadata) else None


def _package_info(folder: Path) -> str | None:
    """Return the text of PKG-INFO, None if it is missing or too large to be used."""
    try:
        with (folder / "PKG-INFO").open("rb") as file:
            data = file.read(METADATA_SIZE + 1)
    except OSError:
        return None
    return None if is_excessive(data) else data.decode("utf-8", errors="surrogateescape")


def _is_project_of(folder: Path, metadata: Metadata) -> bool:
    """Return whether ``[project]`` in `folder`, if there is one, has the name of `metadata`.

    If it has not, PKG-INFO is not what a build makes of the sdist, and the backend decides (pip
    behaviour).
    """
    try:
        table = _document(folder / "pyproject.toml", "").get("project")
    except OSError:
        return True
    except UnreadableProject:
        return False
    name = table.get("name") if isinstance(table, dict) else None
    return not isinstance(name, str) or canonicalize_name(name) == metadata.canonical_name


def _of_table(table: object) -> Metadata | None:
    if not isinstance(table, dict):
        return None
    dynamic = table.get("dynamic", [])
    if not _are_texts(dynamic) or not _FIELDS.isdisjoint(dynamic):
        return None
    name, version = table.get("name"), table.get("version")
    python = table.get("requires-python")
    extras = table.get("optional-dependencies", {})
    requires = _requirements(table.get("dependencies", []), extras)
    if not isinstance(name, str) or not isinstance(version, str):
        return None
    if requires is None or not isinstance(python, str | None):
        return None
    return Metadata(
        name=name,
        version=version,
        requires_dist=requires,
        requires_python=python,
        provides_extra=tuple(extras),
        metadata_version="2.2",
    )


def _requirements(plain: object, extras: object) -> tuple[str, ...] | None:
    """Return Requires-Dist lines for the two tables, None if they violate PEP 621."""
    if not _are_texts(plain) or not isinstance(extras, dict):
        return None
    lines = list(plain)
    for extra, listed in extras.items():
        if not _are_texts(listed):
            return None
        try:
            lines += [_with_extra(requirement, extra) for requirement in listed]
        except InvalidRequirement:
            return None
    return tuple(lines)


def _with_extra(text: str, extra: str) -> str:
    requirement = parsed_requirement(text)
    marker, requirement.marker = requirement.marker, None
    condition = f'extra == "{extra}"'
    whole = f"({marker}) and {condition}" if marker is not None else condition
    return f"{requirement} ; {whole}"


def _are_texts(value: object) -> TypeGuard[Sequence[str]]:
    return isinstance(value, list) and all(isinstance(one, str) for one in value)


def _document(file: Path, named: str) -> dict[str, Any]:
    from pipfast.model.toml_document import TOMLDecodeError, parsed_toml

    try:
        check_size(file.stat().st_size, PROJECT_FILE_SIZE, str(file))
        return parsed_toml(file.read_text(encoding="utf-8"), str(file))
    except (UnicodeDecodeError, TOMLDecodeError) as error:
        raise InvalidToml(named, str(error)) from None
