"""Build environments: folders with a project's build requirements, and what makes Python see them.

The layout is pip's: static requirements in ``overlay``, what a backend asks for beyond them in
``normal``, and a folder on PYTHONPATH whose ``sitecustomize`` hides the target's own packages.
Builds with the same requirements share an environment; it is filled once a run.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Mapping, Sequence
from contextvars import ContextVar
from pathlib import Path
from types import MappingProxyType
from typing import Protocol

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from pipfast.builds.errors import FillingFailed
from pipfast.builds.pyproject import BLIND, Sight
from pipfast.environment.discovery import installed
from pipfast.environment.interpreter import Interpreter
from pipfast.model.frozen_dataclass import dataclass, field

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


class Filler(Protocol):
    """Installs `requirements` and what they need into the folder `prefix`, as ``--prefix`` does.

    `whose` is the project that is going to be built, for messages. Answers the prefix that was
    filled: another for the same Python where that has the very same in it; it is only read. A
    virtual environment is itself filled; what is in it already counts. Raises FillingFailed.
    """

    def __call__(self, requirements: Sequence[str], prefix: Path, whose: str, /) -> Path:
        """Install."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Environment:
    """What a backend runs in: `variables` are set, `folders` hold its packages, `programs` theirs.

    The target environment itself needs no variables. Where it lies over another one that is
    `beneath`: the other's folders come first.
    """

    python: str
    variables: Mapping[str, str] = field(default_factory=lambda: _NOTHING)
    folders: tuple[str, ...]
    programs: tuple[str, ...] = ()
    beneath: Environment | None = None

    @property
    def own_folders(self) -> tuple[str, ...]:
        """The folders that the one beneath does not have."""
        return self.folders[len(self.beneath.folders) if self.beneath else 0 :]

    def disagreements(
        self, requirements: Sequence[str], target: Interpreter
    ) -> tuple[list[tuple[str, str]], list[str]]:
        """What of `requirements` it contradicts (what is there, what is asked), and what it lacks.

        Markers are evaluated for the target, with no extra. Direct references are taken for
        fulfilled by any version (pip behaviour).
        """
        there = {one.name: one.version for one in installed(self.folders, target)}
        conflicts, missing = [], []
        for text in requirements:
            requirement = Requirement(text)
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
        return specifier.contains(Version(version), prereleases=True)
    except InvalidVersion:
        return specifier.contains(version, prereleases=True)


def _pinned(version: str) -> str:
    try:
        return f"=={Version(version)}"
    except InvalidVersion:
        return f"==={version}"


class Environments:
    """The build environments of a run, below `folder`; made for `python` and filled by `fill`."""

    def __init__(self, python: Interpreter, fill: Filler, folder: Path) -> None:
        self._python = python
        self._fill = fill
        self._folder = folder
        self._lock = threading.Lock()
        self._made: dict[_Key, _Making] = {}
        self._open: dict[tuple[tuple[str, ...], Sight], Environment] = {}
        self._at: dict[tuple[Path, tuple[str, ...]], Environment] = {}

    def target(self) -> Environment:
        """The target's own environment, for builds without isolation."""
        return Environment(python=self._python.executable, folders=self._python.sys_path)

    def of(
        self, static: Sequence[str], dynamic: Sequence[str], whose: str, sees: Sight = BLIND
    ) -> Environment:
        """The environment with the `static` requirements and, over them, the `dynamic` ones.

        Behind all that there is what it `sees`. Raises FillingFailed; whoever waits for the same
        environment gets the same failure. A filler that builds what it installs comes back here:
        it fails where that would go round in a circle. If it works with threads of its own, it has
        to run them in its own context.
        """
        if sees != BLIND:
            return self._opened(self.of(static, dynamic, whose), sees)
        key: _Key = tuple(sorted(set(static))), tuple(sorted(set(dynamic)))
        chain = _CHAIN.get()
        if key in chain:
            raise FillingFailed([f"ERROR: {' '.join(key[0])} is needed to build itself"])
        with self._lock:
            making = self._made.setdefault(key, _Making())
        with making.lock:
            if making.failure is not None:
                raise making.failure
            if making.environment is None:
                token = _CHAIN.set((*chain, key))
                try:
                    making.environment = self._make(static, dynamic, whose)
                except FillingFailed as failure:
                    making.failure = failure
                    raise
                finally:
                    _CHAIN.reset(token)
            return making.environment

    def _opened(self, isolated: Environment, sees: Sight) -> Environment:
        """The environment, with what it sees shown behind its own."""
        from tempfile import mkdtemp

        key = isolated.folders, sees
        with self._lock:
            if key not in self._open:
                site = Path(mkdtemp(prefix="pip-build-env-", dir=self._folder)) / "site"
                folders = (*isolated.folders, *sees.folders)
                programs = (*isolated.programs, *sees.programs)
                variables = self._variables(site, folders, programs)
                self._open[key] = Environment(
                    python=isolated.python,
                    variables=variables,
                    folders=isolated.folders,
                    programs=programs,
                )
            return self._open[key]

    def _make(self, static: Sequence[str], dynamic: Sequence[str], whose: str) -> Environment:
        from tempfile import mkdtemp

        beneath = self.of(static, (), whose) if dynamic else None
        folder = Path(mkdtemp(prefix="pip-build-env-", dir=self._folder))
        prefix = folder / ("normal" if dynamic else "overlay")
        requirements = dynamic or static
        if requirements:
            prefix = self._fill(requirements, prefix, whose)
        place = prefix, beneath.folders if beneath else ()
        with self._lock:
            if place not in self._at:
                self._at[place] = self._seen(folder, prefix, beneath)
            return self._at[place]

    def _seen(self, folder: Path, prefix: Path, beneath: Environment | None) -> Environment:
        """The environment that shows what is in `prefix` and `beneath` it."""
        scheme = self._python.prefix_scheme.below(str(prefix))
        folders = tuple(dict.fromkeys((scheme.purelib, scheme.platlib)))
        programs = [scheme.scripts]
        if beneath is not None:
            folders = beneath.folders + folders
            programs = [*beneath.programs, *programs]
        return Environment(
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


class _Making:
    """An environment that is being made, or has been."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.environment: Environment | None = None
        self.failure: FillingFailed | None = None
