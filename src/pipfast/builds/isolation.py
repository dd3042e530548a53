"""Isolated build environments: folders with build requirements, and how Python sees them.

The layout is pip's: static requirements in ``overlay``, additional ones of the backend in
``normal``, and a folder on PYTHONPATH whose ``sitecustomize`` hides the target's own packages.
Builds with equal requirements share an environment, which is filled once per run.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Mapping, Sequence
from contextvars import ContextVar
from pathlib import Path
from types import MappingProxyType
from typing import Protocol

from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion

from pipfast.builds.errors import BuildRequirementsFailed
from pipfast.builds.pyproject import NOTHING_VISIBLE, VisiblePaths
from pipfast.environment.discovery import installed
from pipfast.environment.interpreter import Interpreter
from pipfast.model.frozen_dataclass import dataclass, field, replace
from pipfast.model.requirement import parsed_requirement, parsed_version

_Key = tuple[tuple[str, ...], tuple[str, ...]]

_CHAIN: ContextVar[tuple[_Key, ...]] = ContextVar("environments that are being filled", default=())

_NOTHING: Mapping[str, str] = MappingProxyType({})

_CUSTOMIZE = """\
import os
import site
import sys

hidden = {hidden!r}
shown = {shown!r}


def reached(folders):
    # What these folders and their .pth files put on the path. It is empty meanwhile: Python 3.15
    # passes over the .pth files of folders that are on it.
    kept, sys.path = sys.path, []
    for folder in folders:
        site.addsitedir(folder, set())
    found, sys.path = sys.path, kept
    return {{os.path.normcase(path) for path in found}}


unseen = reached(hidden)
sys.path[:] = [path for path in sys.path if os.path.normcase(path) not in unseen]
for folder in shown:
    site.addsitedir(folder)
"""


@dataclass(frozen=True, slots=True)
class FilledPrefix:
    """The folder that requirements were installed into, and what an install of them prints.

    There is no `output` unless the run explains itself.
    """

    folder: Path
    output: tuple[str, ...] = ()


class RequirementsInstaller(Protocol):
    """Installs `requirements` with their dependencies into the folder `prefix`, like ``--prefix``.

    `whose` is the project to build, for messages. The folder that was filled may be another one for
    the same Python with exactly the same content; it is only read. A virtual environment itself is
    filled, and its content is taken into account. Raises BuildRequirementsFailed.
    """

    def __call__(self, requirements: Sequence[str], prefix: Path, whose: str, /) -> FilledPrefix:
        """Install."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildEnvironment:
    """A build's environment: variables to set, folders with packages, folders with programs.

    The target environment itself needs no variables. `beneath` is the environment below this
    one, whose folders come first. `output` is what its installation printed.
    """

    python: str
    variables: Mapping[str, str] = field(default_factory=lambda: _NOTHING)
    folders: tuple[str, ...]
    programs: tuple[str, ...] = ()
    beneath: BuildEnvironment | None = None
    output: tuple[str, ...] = ()

    @property
    def own_folders(self) -> tuple[str, ...]:
        """Return the folders that the environment beneath does not have."""
        return self.folders[len(self.beneath.folders) if self.beneath else 0 :]

    def disagreements(
        self, requirements: Sequence[str], target: Interpreter
    ) -> tuple[list[tuple[str, str]], list[str]]:
        """Return the `requirements` that conflict (installed, required) and those that are missing.

        Markers are evaluated for the target without extras. Direct references are satisfied by
        any version (pip behaviour).
        """
        there = {one.name: one.version for one in installed(self.folders, target)}
        conflicts, missing = [], []
        for text in requirements:
            requirement = parsed_requirement(text)
            marker = requirement.marker
            if marker is not None and not marker.evaluate({**target.markers, "extra": ""}):
                continue
            version = there.get(canonicalize_name(requirement.name))
            if version is None:
                missing.append(text)
            elif not _fits(version, requirement.specifier):
                conflicts.append((f"{requirement.name}{_pinned(version)}", text))
        return conflicts, missing


def _fits(version: str, specifier: SpecifierSet) -> bool:
    try:
        return specifier.contains(parsed_version(version), prereleases=True)
    except InvalidVersion:
        return specifier.contains(version, prereleases=True)


def _pinned(version: str) -> str:
    try:
        return f"=={parsed_version(version)}"
    except InvalidVersion:
        return f"==={version}"


class BuildEnvironments:
    """The build environments of a run, below `folder`, for `python`; `fill` installs into them."""

    def __init__(self, python: Interpreter, fill: RequirementsInstaller, folder: Path) -> None:
        self._python = python
        self._fill = fill
        self._folder = folder
        self._lock = threading.Lock()
        self._made: dict[_Key, _EnvironmentSlot] = {}
        self._open: dict[tuple[tuple[str, ...], VisiblePaths], BuildEnvironment] = {}
        self._at: dict[tuple[Path, tuple[str, ...]], BuildEnvironment] = {}

    def target(self) -> BuildEnvironment:
        """Return the target's own environment, for builds without isolation."""
        return BuildEnvironment(python=self._python.executable, folders=self._python.sys_path)

    def of(
        self,
        static: Sequence[str],
        dynamic: Sequence[str],
        whose: str,
        sees: VisiblePaths = NOTHING_VISIBLE,
    ) -> BuildEnvironment:
        """Return the environment with `static` requirements and, on top, `dynamic` ones.

        `sees` comes last. Raises BuildRequirementsFailed; all callers waiting for the same
        environment get the same error. An installer that builds its requirements calls this again;
        it fails if that leads to a cycle. If it uses threads, it must run them in its own context.
        """
        if sees != NOTHING_VISIBLE:
            return self._opened(self.of(static, dynamic, whose), sees)
        key: _Key = tuple(sorted(set(static))), tuple(sorted(set(dynamic)))
        chain = _CHAIN.get()
        if key in chain:
            raise BuildRequirementsFailed([f"ERROR: {' '.join(key[0])} is already being built"])
        with self._lock:
            making = self._made.setdefault(key, _EnvironmentSlot())
        with making.lock:
            if making.failure is not None:
                raise making.failure
            if making.environment is None:
                token = _CHAIN.set((*chain, key))
                try:
                    making.environment = self._make(static, dynamic, whose)
                except BuildRequirementsFailed as failure:
                    making.failure = failure
                    raise
                finally:
                    _CHAIN.reset(token)
            return making.environment

    def _opened(self, isolated: BuildEnvironment, sees: VisiblePaths) -> BuildEnvironment:
        """Return the environment with additional visible folders behind its own."""
        from tempfile import mkdtemp

        key = isolated.folders, sees
        with self._lock:
            if key not in self._open:
                site = Path(mkdtemp(prefix="pip-build-env-", dir=self._folder)) / "site"
                folders = (*isolated.folders, *sees.folders)
                programs = (*isolated.programs, *sees.programs)
                variables = self._variables(site, folders, programs)
                self._open[key] = BuildEnvironment(
                    python=isolated.python,
                    variables=variables,
                    folders=isolated.folders,
                    programs=programs,
                    output=isolated.output,
                )
            return self._open[key]

    def _make(self, static: Sequence[str], dynamic: Sequence[str], whose: str) -> BuildEnvironment:
        from tempfile import mkdtemp

        beneath = self.of(static, (), whose) if dynamic else None
        folder = Path(mkdtemp(prefix="pip-build-env-", dir=self._folder))
        prefix = folder / ("normal" if dynamic else "overlay")
        requirements = dynamic or static
        filled = FilledPrefix(prefix)
        if requirements:
            filled = self._fill(requirements, prefix, whose)
        place = filled.folder, beneath.folders if beneath else ()
        with self._lock:
            if place not in self._at:
                self._at[place] = self._seen(folder, filled.folder, beneath)
            found = self._at[place]
            return replace(found, output=filled.output) if filled.output else found

    def _seen(
        self, folder: Path, prefix: Path, beneath: BuildEnvironment | None
    ) -> BuildEnvironment:
        """Return the environment for `prefix` on top of `beneath`."""
        scheme = self._python.prefix_scheme.below(str(prefix))
        folders = tuple(dict.fromkeys((scheme.purelib, scheme.platlib)))
        programs = [scheme.scripts]
        if beneath is not None:
            folders = beneath.folders + folders
            programs = [*beneath.programs, *programs]
        return BuildEnvironment(
            python=self._python.executable,
            variables=self._variables(folder / "site", folders, programs),
            folders=folders,
            programs=tuple(programs),
            beneath=beneath,
        )

    def _variables(
        self, site: Path, folders: Sequence[str], programs: Sequence[str]
    ) -> Mapping[str, str]:
        site.mkdir()
        hidden = sorted({os.path.normcase(path) for path in self._python.site_folders})
        text = _CUSTOMIZE.format(hidden=hidden, shown=list(folders))
        (site / "sitecustomize.py").write_text(text, encoding="utf-8")
        return {
            "PATH": os.pathsep.join([*programs, *filter(None, [os.environ.get("PATH")])]),
            "PYTHONNOUSERSITE": "1",
            "PYTHONPATH": str(site),
        }


class _EnvironmentSlot:
    """An environment that is being created, or exists."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.environment: BuildEnvironment | None = None
        self.failure: BuildRequirementsFailed | None = None
