"""Get a project's metadata and wheel from its build backend."""

from __future__ import annotations

import os
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from pipfast.builds.backend import Steps
from pipfast.builds.build_result import BuildResult, attempt
from pipfast.builds.build_wheel import wheel
from pipfast.builds.fork_server import ForkServers, HookCache
from pipfast.builds.isolation import BuildEnvironments, RequirementsInstaller
from pipfast.builds.processes import ChildProcesses
from pipfast.builds.project_build import BuildState, BuildTask
from pipfast.builds.pyproject import NOTHING_VISIBLE, Project, build_system, stated_name
from pipfast.builds.virtual_env import VirtualEnvironments
from pipfast.environment.discovery import installed
from pipfast.environment.interpreter import Interpreter
from pipfast.errors import InstallationError
from pipfast.model.events import Listener
from pipfast.policy.build import BuildPolicy
from pipfast.policy.mode import BuildIsolation
from pipfast.store.filesystem.rmtree import discard_trees
from pipfast.store.workers.watchdog import WorkingFolder

if TYPE_CHECKING:
    from typing import Self  # type: ignore[attr-defined, unused-ignore]  # 3.11


class Builder:
    """Builds for the Python `python`, in folders at `place`; use it in a with statement.

    `fill` installs build requirements into an environment. With `verbosity` of 1 or more the
    output of backends is printed as it comes, otherwise only that of failing ones. Threads may
    build at the same time; the caller limits their number. `memory` makes the first hooks of a
    run faster. Leaving the with block ends all builds.
    """

    def __init__(
        self,
        policy: BuildPolicy,
        python: Interpreter,
        fill: RequirementsInstaller,
        place: WorkingFolder,
        verbosity: int,
        memory: HookCache | None = None,
    ) -> None:
        self._policy = policy
        self._python = python
        self._scratch = place.folder / f"pip-build-{os.urandom(4).hex()}"
        self._shown = verbosity >= 1
        self._children = ChildProcesses(place.keeper)
        self._hosts = ForkServers(self._children, self._scratch, memory)
        self._environments = (
            VirtualEnvironments(python, fill, self._scratch, self._children)
            if policy.virtual
            else BuildEnvironments(python, fill, self._scratch)
        )
        self._lock = threading.Lock()
        self._states: dict[str, BuildState] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End all build processes and remove temporary files.

        Build environments remain if the policy says so (``--no-clean``).
        """
        self._children.close()
        self._hosts.close()
        if self._policy.clean:
            discard_trees(str(self._scratch))

    def metadata(self, project: Project, listen: Listener) -> BuildResult[str]:
        """Return the METADATA document that the backend prepares, or that of the wheel it builds.

        It is created once per project. Raises the errors of errors.py for an invalid project.
        """
        return attempt(lambda log: self._metadata(project, log), listen, isolated=self._is_isolated)

    def wheel(self, project: Project, folder: Path, listen: Listener) -> BuildResult[Path]:
        """Build the project's wheel into `folder` and return its path.

        The folder that the metadata hook returned is passed to it if `metadata` was called before.
        Raises the errors of `metadata`.
        """
        return attempt(
            lambda log: self._wheel(project, folder, log), listen, isolated=self._is_isolated
        )

    def inputs(self, project: Project, listen: Listener) -> BuildResult[tuple[str, ...] | None]:
        """Return what the project's build would read beside its source; see `contents`.

        Its environment is filled for that, and no wheel is built. Raises the errors of `metadata`.
        """
        return attempt(lambda log: self._inputs(project, log), listen, isolated=self._is_isolated)

    @property
    def _is_isolated(self) -> bool:
        return self._policy.isolation is not BuildIsolation.NONE

    def _inputs(self, project: Project, listen: Listener) -> tuple[str, ...] | None:
        from pipfast.builds.build_inputs import contents  # only builds that are shared need it

        state = self._state(project)
        with state.lock:
            if state.environment is None:
                state.environment = self._task(project, state, listen).environment()
            return contents(installed(state.environment.folders, self._python))

    def _metadata(self, project: Project, listen: Listener) -> str:
        state = self._state(project)
        with state.lock:
            if state.document is None:
                task = self._task(project, state, listen)
                try:
                    state.environment = state.environment or task.environment()
                    state.info, state.document = task.metadata()
                except InstallationError:
                    state.environment = None  # everything is reported again to the next caller
                    raise
            return state.document

    def _wheel(self, project: Project, folder: Path, listen: Listener) -> Path:
        state = self._state(project)
        with state.lock:
            task = self._task(project, state, listen)
            state.environment = state.environment or task.environment()
            return wheel(task, folder)

    def requirements(self, project: Project) -> tuple[str, ...]:
        """Return the distributions in the project's build environment, as ``name==version``."""
        environment = self._state(project).environment
        if environment is None:
            return ()
        there = installed(environment.folders, self._python)
        return tuple(sorted(f"{one.name}=={one.version}" for one in there))

    def _state(self, project: Project) -> BuildState:
        with self._lock:
            return self._states.setdefault(project.key, BuildState())

    def _task(self, project: Project, state: BuildState, listen: Listener) -> BuildTask:
        if state.system is None:
            state.system = build_system(project.folder, project.named)
            self._scratch.mkdir(parents=True, exist_ok=True)
        apart = self._policy.virtual or project.sees != NOTHING_VISIBLE
        return BuildTask(
            project=project,
            state=state,
            policy=self._policy,
            python=self._python,
            environments=self._environments,
            scratch=self._scratch,
            steps=Steps(listen, _shown_name(project), shown=self._shown),
            runner=self._hosts.run_apart if apart else self._hosts.run,
        )


def _shown_name(project: Project) -> str:
    """Return what a terminal calls a project: its name, else that of its folder."""
    return project.name or stated_name(project.folder) or project.folder.name
