"""Call the hooks of a project's build backend like pip, with pip's output."""

from __future__ import annotations

import json
import linecache
import shlex
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol, TypeVar

from pipfast.builds.pyproject import BuildSystem
from pipfast.errors import Diagnostic, Interrupted
from pipfast.model.events import Level, Listener, Message, Purpose, Status, Work
from pipfast.model.frozen_dataclass import dataclass
from pipfast.model.program_events import (
    ProgramDetails,
    ProgramFailureShown,
    ProgramOutput,
    ProgramStarted,
)

_NOT_PIP = "This error originates from a subprocess, and is likely not a problem with pip."
_CONTROL = dict.fromkeys((7, 8, 11, 12, 13))  # characters that pip's output never contains
_T = TypeVar("_T")


class HookFailed(Exception):
    """A hook failed and everything was reported; `step` is what it was called for."""

    def __init__(self, step: str, output: Sequence[str] = ()) -> None:
        super().__init__(step)
        self.step = step
        self.output = tuple(output)


@dataclass(frozen=True, slots=True)
class ProcessFailure:
    """A failed subprocess: its purpose, exit code, output, command and folder."""

    described: str
    code: int
    output: Sequence[str]
    words: Sequence[str] = ()
    folder: str | None = None


class Run(Protocol):
    """Runs a subprocess: command, folder, added variables, listener; returns the exit code."""

    def __call__(
        self,
        words: Sequence[str],
        folder: str | None,
        variables: Mapping[str, str],
        receive: Callable[[str], None],
        /,
    ) -> int:
        """Run it."""
        ...


class Steps:
    """Reports subprocesses for `project` to `listen`, with their output if `shown`."""

    def __init__(
        self,
        listen: Listener,
        project: str = "",
        *,
        shown: bool,
        purpose: Purpose = Purpose.PREPARE,
    ) -> None:
        self._listen = listen
        self._project = project
        self._shown = shown
        self._purpose = purpose

    def for_wheel(self) -> Steps:
        """Return the same for the steps that build a wheel."""
        return Steps(self._listen, self._project, shown=self._shown, purpose=Purpose.BUILD)

    def begin(self, step: str, described: str) -> None:
        """Report the start of a step; `described` is pip's name for its command."""
        self._work(step, Status.STARTED)
        self._listen(ProgramStarted(described))

    def receive(self, step: str, line: str) -> None:
        """Report a line of output; a terminal shows the latest one."""
        self._listen(ProgramOutput(shown_line(line)))
        if not self._shown:
            self._work(step, Status.RUNNING, line)

    def end(self, step: str, status: Status) -> None:
        """Report the end of a step."""
        self._work(step, status)

    def _work(self, step: str, status: Status, line: str = "") -> None:
        purpose, project = self._purpose, self._project
        self._listen(Work(step, status, line, purpose=purpose, depth=1, project=project))

    def fail(self, step: str, end: ProcessFailure) -> HookFailed:
        """Report a failed subprocess; return the exception to raise afterwards."""
        if not self._shown:
            self.end(step, Status.ERROR)
        self.explain(exited(end.described, end.code, None if self._shown else end.output))
        if end.words:
            self._listen(ProgramDetails(shown_line(shlex.join(end.words)), end.folder))
        if self._shown:
            self.end(step, Status.ERROR)
        return HookFailed(end.described, end.output)

    def explain(self, diagnostic: Diagnostic) -> None:
        """Show a diagnostic during the run."""
        self._listen(ProgramFailureShown(diagnostic.message))

    def emit(self, message: Message) -> None:
        """Emit a message."""
        self._listen(message)


def shown_line(line: str, column: int = 2) -> str:
    """Return a line of output as pip prints it from `column`: without control characters, tabs."""
    return (" " * column + line.translate(_CONTROL)).expandtabs(8)[column:]


def exited(described: str, code: int, output: Sequence[str] | None) -> Diagnostic:
    """Return the diagnostic for a failed subprocess; None if its output was printed already."""
    context = "No available output."
    if output is not None:
        lines = [shown_line(line, 4) for line in output]
        context = "\n".join([f"[{len(lines)} lines of output]", *lines, "[end of output]"])
    return Diagnostic(
        "subprocess-exited-with-error",
        f"{described} did not run successfully.\nexit code: {code}",
        context=context,
        note=_NOT_PIP,
    )


def unavailable(backend: str, why: str) -> Diagnostic:
    """Return the diagnostic for a backend that cannot be imported."""
    return Diagnostic(
        "backend-unavailable",
        f"Cannot import build backend {backend!r}.",
        context=why,
        note="This is likely not a problem with pip.",
    )


class Backend:
    """The hooks of the project in `folder`, each called in a new state of the build's Python.

    `settings` are the user's (``--config-settings``). `warn` is the level of the backend's own
    warnings: pip shows them for folders that the user named, and otherwise only with full
    verbosity.
    """

    def __init__(
        self,
        folder: Path,
        system: BuildSystem,
        settings: Mapping[str, str | list[str]],
        *,
        warn: Level,
    ) -> None:
        self._folder = str(folder)
        self._system = system
        self._settings = dict(settings) or None
        self._warn = warn

    def supports_editable(self, call: HookContext) -> bool:
        """Return whether the backend has the hook ``build_editable`` (PEP 660)."""
        step = "Checking if build backend supports build_editable"
        return "build_editable" in self._call(
            call,
            step,
            "supports_feature",
            lambda caller: caller._supported_features(),  # noqa: SLF001
        )

    def requirements(self, call: HookContext, *, editable: bool) -> Sequence[str]:
        """Return the backend's additional requirements for a wheel or an editable wheel."""
        kind = "editable" if editable else "wheel"
        name = f"get_requires_for_build_{kind}"
        step = f"Getting requirements to build {kind}"
        requires: Sequence[str] = self._hook(call, step, name)
        return requires

    def metadata(self, call: HookContext, folder: Path, *, editable: bool) -> str | None:
        """Create the ``.dist-info`` folder in `folder`; return its name, None if the backend fails.

        For a backend without the hook, the wheel is built instead and found by the later build.
        """
        kind = "editable" if editable else "wheel"
        step = f"Preparing {'editable ' if editable else ''}metadata (pyproject.toml)"
        name = f"prepare_metadata_for_build_{kind}"
        found: str | None = self._hook(call, step, name, metadata_directory=str(folder))
        return found

    def wheel(
        self, call: HookContext, name: str, places: tuple[Path, Path | None], *, editable: bool
    ) -> str | None:
        """Build the wheel of the project `name`; return its file name, None if there is none.

        `places` are the target folder and the ``.dist-info`` folder that was prepared.
        """
        kind = "editable" if editable else "wheel"
        into, info = places
        call = HookContext(call.python, call.variables, call.run, call.steps.for_wheel())
        return self._hook(  # type: ignore[no-any-return]
            call,
            f"Building {kind} for {name} (pyproject.toml)",
            f"build_{kind}",
            wheel_directory=str(into),
            metadata_directory=None if info is None else str(info),
        )

    def _hook(self, call: HookContext, step: str, name: str, **arguments: str | None) -> Any:
        def hook(caller: Any) -> Any:
            return getattr(caller, name)(config_settings=self._settings, **arguments)

        return self._call(call, step, name, hook)

    def _call(self, call: HookContext, step: str, name: str, hook: Callable[[Any], _T]) -> _T:
        """Call a hook as one step.

        Raises HookFailed after everything was reported, and `pyproject_hooks.HookMissing`.
        """
        from pyproject_hooks import BackendUnavailable, BuildBackendHookCaller

        attempt = _Attempt(call, step)
        try:
            caller = BuildBackendHookCaller(
                self._folder,
                self._system.backend,
                self._system.backend_path,
                runner=attempt.run,
                python_executable=call.python,
            )
            return hook(caller)
        except BackendUnavailable as error:
            lines = error.traceback.strip().splitlines()
            call.steps.explain(unavailable(self._system.backend, (lines or [str(error)])[-1]))
            raise HookFailed(f"Calling build backend hook {name}", lines) from None
        finally:
            for line in attempt.warnings:
                call.steps.emit(_backend_warning(line, self._warn))


class HookContext:
    """How hooks are called for one project: the Python, the runner, the listener."""

    def __init__(self, python: str, variables: Mapping[str, str], run: Run, steps: Steps) -> None:
        self.python = python
        self.variables = variables
        self.run = run
        self.steps = steps


class _Attempt:
    """A hook call: pyproject_hooks specifies the command and reads the answer from a file."""

    def __init__(self, call: HookContext, step: str) -> None:
        self._call = call
        self._step = step
        self.warnings: list[str] = []

    def run(
        self,
        cmd: Sequence[str],
        cwd: str | None = None,
        extra_environ: Mapping[str, str] | None = None,
    ) -> None:
        """Run the command that calls the hook; its output is saved in case it fails."""
        steps, output = self._call.steps, list[str]()

        def receive(line: str) -> None:
            output.append(line)
            steps.receive(self._step, line)

        steps.begin(self._step, self._step)
        try:
            variables = {**self._call.variables, **(extra_environ or {})}
            code = self._call.run(cmd, cwd, variables, receive)
            if code:
                raise steps.fail(self._step, ProcessFailure(self._step, code, output, cmd, cwd))
        except (KeyboardInterrupt, Interrupted):
            steps.end(self._step, Status.CANCELED)
            raise
        except HookFailed:
            raise
        except BaseException:
            steps.end(self._step, Status.ERROR)
            raise
        steps.end(self._step, Status.DONE)
        self.warnings = _warnings(Path(cmd[-1], "output.json"))


def _warnings(answer: Path) -> list[str]:
    """Remove the backend's warnings from its answer, which would be emitted through `warnings`.

    That module has one state for all threads, and several hooks may run at the same time.
    """
    try:
        fields = json.loads(answer.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return []
    found = fields.pop("warnings", [])
    if found:
        answer.write_text(json.dumps(fields), encoding="utf-8")
    return [_formatted(one) for one in found]


def _backend_warning(text: str, level: Level) -> Message:
    """Return the message for a warning of the backend."""
    shown = "\n".join(map(shown_line, text.split("\n")))
    return ProgramOutput(shown, level=level, of_program=level is Level.WARNING)


def _formatted(warning: Mapping[str, Any]) -> str:
    place = f"{warning['filename']}:{warning['lineno']}"
    source = linecache.getline(warning["filename"], warning["lineno"]).strip()
    text = f"{place}: BuildBackendWarning: {warning['message']}"
    return f"{text}\n  {source}" if source else text
