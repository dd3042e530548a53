"""The door of this room: a project's metadata and its wheel, made by its own build backend."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name

from pipfast.build.backend import Backend, Calling, Ended, HookFailed, Run, Steps
from pipfast.build.faults import (
    BadMetadata,
    Conflict,
    FillingFailed,
    MetadataFailed,
    Missing,
    NotEditable,
    PreparationFailed,
    WheelNotBuilt,
)
from pipfast.build.host import Hosts, Memory
from pipfast.build.isolation import Environment, Environments, Filler
from pipfast.build.programs import Children
from pipfast.build.project import BuildSystem, build_system
from pipfast.build.validity import fault_of
from pipfast.environment.installed import installed
from pipfast.environment.interpreter import Interpreter
from pipfast.errors import Interrupted
from pipfast.model.events import Level, Listener, Status
from pipfast.model.metadata import parse_metadata
from pipfast.policy.build import BuildPolicy
from pipfast.policy.mode import BuildIsolation

if TYPE_CHECKING:
    from typing import Self  # type: ignore[attr-defined, unused-ignore]  # 3.11

_NO_SETTINGS: Mapping[str, str | list[str]] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """A source tree to be built.

    `named` stands for it in messages, as pip writes a requirement (``demo from file:///…``);
    `described` in those that pip words otherwise: the project's name, else ``from <link>``. `name`
    is the project's where it is known. `editable` asks for an editable wheel (PEP 660); with
    `as_wheel` too it only has to be possible, and the wheel is an ordinary one. `settings` are the
    backend's (``--config-settings``). `given` is true for a folder that the user named: its
    backend's warnings are the user's own business.
    """

    folder: Path
    named: str
    described: str
    name: str | None = None
    editable: bool = False
    as_wheel: bool = False
    given: bool = False
    settings: Mapping[str, str | list[str]] = field(default_factory=lambda: _NO_SETTINGS)

    @property
    def builds_editable(self) -> bool:
        """Whether the hooks for an editable wheel are called."""
        return self.editable and not self.as_wheel

    @property
    def called(self) -> str:
        """The name, or the link where there is none yet."""
        return self.name or self.described.removeprefix("from ")

    @property
    def key(self) -> str:
        """Tells one way of building from another."""
        settings = json.dumps(dict(self.settings), sort_keys=True)
        return f"{self.folder}\n{self.editable} {self.as_wheel}\n{settings}"


class Builder:
    """Builds for the Python `python`, in folders below `scratch`; use it in a with statement.

    `fill` puts build requirements into an environment. At `verbosity` 1 and more the output of
    backends is shown as it comes, else only that of one that fails. Threads may build side by side;
    how many is for the caller to say. `memory` makes a run's first hooks faster. Whatever ends the
    with block ends every build.
    """

    def __init__(
        self,
        policy: BuildPolicy,
        python: Interpreter,
        fill: Filler,
        scratch: Path,
        verbosity: int,
        memory: Memory | None = None,
    ) -> None:
        self._policy = policy
        self._python = python
        self._scratch = scratch
        self._shown = verbosity >= 1
        self._children = Children()
        self._hosts = Hosts(self._children, memory)
        self._environments = Environments(python, fill, scratch)
        self._lock = threading.Lock()
        self._states: dict[str, _State] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End every process that works for a build."""
        self._children.close()
        self._hosts.close()

    def metadata(self, project: Project, listen: Listener) -> str:
        """The METADATA document that the backend prepares, or takes from the wheel it builds.

        It is made once a project. Raises PreparationFailed and MetadataFailed for a backend that
        fails, once that is told; what is wrong with the project itself, as faults.py has it.
        """
        state = self._state(project)
        with state.lock:
            if state.document is None:
                task = self._task(project, state, listen)
                state.environment = state.environment or task.environment()
                state.info, state.document = task.metadata()
            return state.document

    def wheel(self, project: Project, folder: Path, listen: Listener) -> Path:
        """Build the project's wheel into `folder`; its path there.

        A backend that was not asked for metadata is not asked now either. Raises WheelNotBuilt when
        all is told, and what `metadata` raises.
        """
        state = self._state(project)
        with state.lock:
            task = self._task(project, state, listen)
            state.environment = state.environment or task.environment()
            return task.wheel(folder)

    def requirements(self, project: Project) -> tuple[str, ...]:
        """What stands in the environment that the project was built in, as ``name==version``."""
        environment = self._state(project).environment
        if environment is None:
            return ()
        there = installed(environment.folders, self._python)
        return tuple(sorted(f"{one.name}=={one.version}" for one in there))

    def _state(self, project: Project) -> _State:
        with self._lock:
            return self._states.setdefault(project.key, _State())

    def _task(self, project: Project, state: _State, listen: Listener) -> _Task:
        if state.system is None:
            state.system = build_system(project.folder, project.named)
        return _Task(
            project=project,
            state=state,
            policy=self._policy,
            python=self._python,
            environments=self._environments,
            scratch=self._scratch,
            steps=Steps(listen, shown=self._shown),
            runner=self._hosts.run,
        )


class _State:
    """What is known of a project that was built, or is being built."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.system: BuildSystem | None = None
        self.environment: Environment | None = None
        self.info: Path | None = None
        self.document: str | None = None


@dataclass(frozen=True, kw_only=True, eq=False)
class _Task:
    """One project's way through its hooks."""

    project: Project
    state: _State
    policy: BuildPolicy
    python: Interpreter
    environments: Environments
    scratch: Path
    steps: Steps
    runner: Run

    @property
    def system(self) -> BuildSystem:
        assert self.state.system is not None
        return self.state.system

    @property
    def backend(self) -> Backend:
        warn = Level.WARNING if self.project.given else Level.DEBUG
        return Backend(self.project.folder, self.system, self.project.settings, warn=warn)

    def calling(self, environment: Environment) -> Calling:
        """How this project's hooks are called in `environment`, with the user's own variables."""
        name = self.project.name or self._own_name()
        own = self.policy.variables_of(canonicalize_name(name)) if name else {}
        variables = {**environment.variables, **own}
        return Calling(environment.python, variables, self.runner, self.steps)

    def _own_name(self) -> str:
        """The name that the project's metadata gave it."""
        document = self.state.document
        return parse_metadata(document).name if document is not None else ""

    def environment(self) -> Environment:
        """The environment that the project is built in, with all requirements."""
        try:
            return self._environment()
        except HookFailed as failure:
            raise PreparationFailed(self.project.called, failure.step) from None

    def _environment(self) -> Environment:
        if self.policy.isolation is BuildIsolation.NONE:
            found = self.environments.target()
            self._check_editable(found)
        else:
            static = self._filled("build dependencies", self.system.requires, ())
            self._check_fallback(static)
            self._check_editable(static)
            needs = self.backend.requirements(
                self.calling(static), editable=self.project.builds_editable
            )
            conflicts, missing = static.disagreements(needs, self.python)
            if conflicts:
                raise Conflict(self.project.named, "the backend dependencies", conflicts)
            found = static
            if missing:
                found = self._filled("backend dependencies", self.system.requires, missing)
        if self.policy.check_dependencies:
            conflicts, missing = found.disagreements(self.system.requires, self.python)
            if conflicts:
                raise Conflict(self.project.named, "the backend dependencies", conflicts)
            if missing:
                raise Missing(self.project.named, missing)
        return found

    def _filled(self, kind: str, static: Sequence[str], dynamic: Sequence[str]) -> Environment:
        """The environment with these requirements, told as one step where there are any."""
        whose = self.project.name or ""
        if not static and not dynamic:
            return self.environments.of((), (), whose)
        step = f"Installing {kind}"
        described = f"installing {kind}{f' for {whose}' if whose else ''}"
        self.steps.begin(step, described)
        try:
            found = self.environments.of(static, dynamic, whose)
        except FillingFailed as failure:
            for line in failure.output:
                self.steps.hear(step, line)
            raise self.steps.fail(step, Ended(described, failure.code, failure.output)) from None
        except (KeyboardInterrupt, Interrupted):
            self.steps.end(step, Status.CANCELED)
            raise
        except BaseException:
            self.steps.end(step, Status.ERROR)
            raise
        self.steps.end(step, Status.DONE)
        return found

    def _check_fallback(self, environment: Environment) -> None:
        """See that the backend which stands in for an unnamed one can be had."""
        conflicts, missing = environment.disagreements(self.system.check, self.python)
        if conflicts:
            against = "PEP 517/518 supported requirements"
            raise Conflict(self.project.named, against, conflicts)
        if missing:
            named = self.project.named
            listed = " and ".join(map(repr, sorted(missing)))
            self.steps.say(
                Level.WARNING, f"Missing build requirements in pyproject.toml for {named}."
            )
            self.steps.say(
                Level.WARNING,
                "The project does not specify a build backend, and pip cannot fall back to "
                f"setuptools without {listed}.",
            )

    def _check_editable(self, environment: Environment) -> None:
        if self.project.editable and not self.backend.supports_editable(self.calling(environment)):
            raise NotEditable(self.project.named)

    def metadata(self) -> tuple[Path, str]:
        """The ``.dist-info`` folder that the backend prepares, and its METADATA."""
        from tempfile import mkdtemp

        assert self.state.environment is not None
        folder = Path(mkdtemp(prefix="pip-modern-metadata-", dir=self.scratch))
        calling = self.calling(self.state.environment)
        editable = self.project.builds_editable
        try:
            name = self.backend.metadata(calling, folder, editable=editable)
        except HookFailed:
            raise MetadataFailed(self.project.described) from None
        if name is None:
            raise BadMetadata(self.project.named, "it names no folder")
        info = folder / name
        try:
            document = (info / "METADATA").read_text(encoding="utf-8", errors="surrogateescape")
        except OSError:
            raise BadMetadata(self.project.named, f"there is no METADATA in {name}") from None
        self._check_name(document)
        return info, document

    def _check_name(self, document: str) -> None:
        """Tell where the project has another name than it was asked for by."""
        name, own = self.project.name, parse_metadata(document).name
        if not own:
            raise BadMetadata(self.project.named, "METADATA has no Name")
        if name is not None and canonicalize_name(own) != canonicalize_name(name):
            self.steps.say(
                Level.WARNING,
                f"Generating metadata for package {name} produced metadata for project name "
                f"{canonicalize_name(own)}. Fix your #egg={name} fragments.",
            )

    def wheel(self, folder: Path) -> Path:
        """The wheel, built aside and put into `folder` when it is whole."""
        from tempfile import TemporaryDirectory

        name = self.project.name or self._own_name() or self.project.called
        folder.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(dir=folder) as aside:
            built = self._built(name, Path(aside))
            if built is None:
                kind = "editable" if self.project.builds_editable else "wheel"
                self.steps.say(Level.ERROR, f"Failed building {kind} for {name}")
                raise WheelNotBuilt(name)
            path = folder / built.name
            self._tell_created(name, built)
            fault = fault_of(built, name) if self.policy.verify else None
            if fault is None:
                os.replace(built, path)  # noqa: PTH105 - the same file system, by construction
                return path
            kind = "editable" if self.project.builds_editable else "wheel"
            self.steps.say(Level.INFO, f"Stored in directory: {folder}")
            self.steps.say(Level.WARNING, f"Built {kind} for {name} is invalid: {fault}")
            raise WheelNotBuilt(name)

    def _built(self, name: str, aside: Path) -> Path | None:
        from pyproject_hooks import HookMissing

        assert self.state.environment is not None
        editable = self.project.builds_editable
        places = aside, self.state.info
        calling = self.calling(self.state.environment)
        try:
            found = self.backend.wheel(calling, name, places, editable=editable)
        except HookFailed:
            return None
        except HookMissing as missing:
            self.steps.say(
                Level.ERROR,
                f"Cannot build editable {name} because the build backend does not have the "
                f"{missing} hook",
            )
            return None
        if found is None or not (aside / found).is_file():
            self.steps.say(Level.ERROR, f"The build backend made no wheel {found or ''}".rstrip())
            return None
        return aside / found

    def _tell_created(self, name: str, wheel: Path) -> None:
        from hashlib import sha256

        content = wheel.read_bytes()
        self.steps.say(
            Level.INFO,
            f"Created wheel for {name}: filename={wheel.name} size={len(content)} "
            f"sha256={sha256(content).hexdigest()}",
        )
