"""The build of one project up to its metadata: environment, hooks, messages."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Protocol

from packaging.utils import canonicalize_name

from pipfast.builds.backend import Backend, HookContext, HookFailed, ProcessFailure, Run, Steps
from pipfast.builds.errors import (
    BadMetadata,
    BuildRequirementsFailed,
    ConflictingRequirements,
    MetadataFailed,
    MetadataFault,
    MissingRequirements,
    NotEditable,
    PreparationFailed,
)
from pipfast.builds.events import (
    BuildRequirementsUndeclared,
    FallbackBackendMissing,
    OtherProjectFound,
)
from pipfast.builds.fork_server import EnvironmentLayer
from pipfast.builds.isolation import BuildEnvironment, BuildEnvironments
from pipfast.builds.missing_module import lacks
from pipfast.builds.missing_software import TargetMachine, missing_software
from pipfast.builds.pyproject import BuildSystem, Project, stated_name
from pipfast.environment.discovery import installed
from pipfast.environment.interpreter import Interpreter
from pipfast.errors import Interrupted
from pipfast.model.events import Level, Status
from pipfast.model.frozen_dataclass import dataclass
from pipfast.model.input_limits import METADATA_SIZE, is_excessive
from pipfast.model.installed_distribution import Installed
from pipfast.model.metadata import parse_metadata
from pipfast.policy.build import BuildPolicy
from pipfast.policy.mode import BuildIsolation


class Runner(Run, Protocol):
    """Runs hooks; may reuse work if an environment lies on top of another one."""

    def __call__(
        self,
        words: Sequence[str],
        folder: str | None,
        variables: Mapping[str, str],
        receive: Callable[[str], None],
        /,
        over: EnvironmentLayer | None = None,
    ) -> int:
        """Run it."""
        ...


class BuildState:
    """The state of a project that is being built or was built."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.system: BuildSystem | None = None
        self.environment: BuildEnvironment | None = None
        self.info: Path | None = None
        self.document: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class BuildTask:
    """The build of one project."""

    project: Project
    state: BuildState
    policy: BuildPolicy
    python: Interpreter
    environments: BuildEnvironments
    scratch: Path
    steps: Steps
    runner: Runner

    @property
    def system(self) -> BuildSystem:
        """The project's build system."""
        assert self.state.system is not None
        return self.state.system

    @property
    def backend(self) -> Backend:
        """The project's hooks."""
        warn = Level.WARNING if self.project.given else Level.DEBUG
        return Backend(self.project.folder, self.system, self.project.settings, warn=warn)

    def calling(self, environment: BuildEnvironment) -> HookContext:
        """Return how this project's hooks are called in `environment`."""
        own = self.policy.variables_of(canonicalize_name(self.name)) if self.name else {}
        # pip detects sources that need themselves through this variable. Backends detect pip
        # through it,
        # and hatchling then reads metadata from the wheel, which its plugins may have changed.
        own = {"PIP_BUILD_TRACKER": str(self.scratch), **own}
        variables = {**environment.variables, **own}
        run: Run = self.runner
        if environment.beneath is not None:
            beneath = {**environment.beneath.variables, **own}
            run = partial(self.runner, over=EnvironmentLayer(beneath, environment.own_folders))
        return HookContext(environment.python, variables, run, self.steps)

    @property
    def name(self) -> str:
        """The project's name: the requested one, else that of the metadata, else the static one."""
        document = self.state.document
        if self.project.name is not None:
            return self.project.name
        if document is not None:
            return parse_metadata(document).name
        return stated_name(self.project.folder)

    def advise(self, failure: HookFailed) -> None:
        """Report what to do about a failed hook, if its output tells."""
        machine = TargetMachine(
            version=self.python.version,
            headers=str(Path(self.python.base_prefix, "include", f"python{self.python.version}")),
            wheels=lambda: [f"{one.name} {one.version}" for one in self._around()],
        )
        project = self.name or self.project.folder.name
        missing = missing_software(failure.output, project, machine)
        if missing is not None:
            self.steps.emit(missing)

    def _around(self) -> Sequence[Installed]:
        """Yield the distributions that the build could see, in its environment and the target."""
        own = self.state.environment.folders if self.state.environment else ()
        return installed([*own, *self.python.sys_path], self.python)

    def environment(self) -> BuildEnvironment:
        """Return the project's build environment with all requirements."""
        try:
            return self._environment()
        except HookFailed as failure:
            self.advise(failure)
            missed = lacks(failure.output)
            raise PreparationFailed(self.project.called, failure.step, missed) from None

    def _environment(self) -> BuildEnvironment:
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
                raise ConflictingRequirements(
                    self.project.named, "the backend dependencies", conflicts
                )
            found = static
            if missing:
                found = self._filled("backend dependencies", self.system.requires, missing)
        if self.policy.check_dependencies:
            conflicts, missing = found.disagreements(self.system.requires, self.python)
            if conflicts:
                raise ConflictingRequirements(
                    self.project.named, "the backend dependencies", conflicts
                )
            if missing:
                raise MissingRequirements(self.project.named, missing)
        return found

    def _filled(self, kind: str, static: Sequence[str], dynamic: Sequence[str]) -> BuildEnvironment:
        """Return the environment with these requirements, reported as a step if there are any."""
        whose = self.project.name or ""
        if not static and not dynamic:
            return self.environments.of((), (), whose, self.project.sees)
        step = f"Installing {kind}"
        described = f"installing {kind}{f' for {whose}' if whose else ''}"
        self.steps.begin(step, described)
        try:
            found = self.environments.of(static, dynamic, whose, self.project.sees)
        except BuildRequirementsFailed as failure:
            for line in failure.output:
                self.steps.receive(step, line)
            ended = ProcessFailure(described, failure.code, failure.output)
            raise HookFailed(self.steps.fail(step, ended).step) from None
        except (KeyboardInterrupt, Interrupted):
            self.steps.end(step, Status.CANCELED)
            raise
        except BaseException:
            self.steps.end(step, Status.ERROR)
            raise
        for line in found.output:
            self.steps.receive(step, line)
        self.steps.end(step, Status.DONE)
        return found

    def _check_fallback(self, environment: BuildEnvironment) -> None:
        """Check that the default backend of a project without one is available."""
        conflicts, missing = environment.disagreements(self.system.check, self.python)
        if conflicts:
            against = "PEP 517/518 supported requirements"
            raise ConflictingRequirements(self.project.named, against, conflicts)
        if missing:
            self.steps.emit(BuildRequirementsUndeclared(self.project.named))
            self.steps.emit(FallbackBackendMissing(tuple(sorted(missing))))

    def _check_editable(self, environment: BuildEnvironment) -> None:
        if self.project.editable and not self.backend.supports_editable(self.calling(environment)):
            raise NotEditable(self.project.named)

    def metadata(self) -> tuple[Path, str]:
        """Return the ``.dist-info`` folder that the backend prepares, and its METADATA."""
        from tempfile import mkdtemp

        assert self.state.environment is not None
        folder = Path(mkdtemp(prefix="pip-modern-metadata-", dir=self.scratch))
        calling = self.calling(self.state.environment)
        editable = self.project.builds_editable
        try:
            name = self.backend.metadata(calling, folder, editable=editable)
        except HookFailed as failure:
            self.advise(failure)
            raise MetadataFailed(self.project.described, lacks(failure.output)) from None
        if name is None:
            raise BadMetadata(self.project.named, MetadataFault.NO_FOLDER)
        info = folder / name
        try:
            with (info / "METADATA").open("rb") as file:
                data = file.read(METADATA_SIZE + 1)
        except OSError:
            raise BadMetadata(self.project.named, MetadataFault.NO_DOCUMENT, name) from None
        if is_excessive(data):
            raise BadMetadata(self.project.named, MetadataFault.TOO_LARGE)
        document = data.decode("utf-8", errors="surrogateescape")
        self._check_name(document)
        return info, document

    def _check_name(self, document: str) -> None:
        """Report that the project's name differs from the requested one."""
        name, own = self.project.name, parse_metadata(document).name
        if not own:
            raise BadMetadata(self.project.named, MetadataFault.NO_NAME)
        if name is not None and canonicalize_name(own) != canonicalize_name(name):
            self.steps.emit(OtherProjectFound(name, canonicalize_name(own)))
