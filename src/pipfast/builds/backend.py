"""A project's build backend: its hooks called as pip calls them, told as pip tells of them."""

from __future__ import annotations

import json
import linecache
import shlex
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol, TypeVar

from pipfast.builds.pyproject import BuildSystem
from pipfast.errors import Diagnostic, Interrupted
from pipfast.model.events import Level, Listener, Said, Status, Work
from pipfast.model.frozen_dataclass import dataclass

INDENT = "  "
_NOT_PIP = "This error originates from a subprocess, and is likely not a problem with pip."
_CONTROL = dict.fromkeys((7, 8, 11, 12, 13))  # characters that pip's output never shows
_T = TypeVar("_T")


class HookFailed(Exception):
    """A hook did not do its work, and all was told; `step` is what was being done."""

    def __init__(self, step: str, output: Sequence[str] = ()) -> None:
        super().__init__(step)
        self.step = step
        self.output = tuple(output)


@dataclass(frozen=True, slots=True)
class Ended:
    """A program that failed: what it was to do, its exit code and output, its words and folder."""

    described: str
    code: int
    output: Sequence[str]
    words: Sequence[str] = ()
    folder: str | None = None


class Run(Protocol):
    """Runs a program: words, folder, variables over our own, and who hears; its exit code."""

    def __call__(
        self,
        words: Sequence[str],
        folder: str | None,
        variables: Mapping[str, str],
        hear: Callable[[str], None],
        /,
    ) -> int:
        """Run."""
        ...


class Steps:
    """Tells `listen` of the programs at work, with their output where that is `shown`."""

    def __init__(self, listen: Listener, *, shown: bool) -> None:
        self._listen = listen
        self._shown = shown

    def begin(self, step: str, described: str) -> None:
        """A step begins; `described` is what pip calls its command."""
        self._listen(Work(INDENT + step, Status.STARTED))
        self._verbose(f"Running command {described}")

    def hear(self, step: str, line: str) -> None:
        """A program has said a line; on a terminal its last one is seen."""
        self._verbose(line)
        if not self._shown:
            self._listen(Work(INDENT + step, Status.RUNNING, line))

    def end(self, step: str, status: Status) -> None:
        """A step is over."""
        self._listen(Work(INDENT + step, status))

    def fail(self, step: str, end: Ended) -> HookFailed:
        """A program has failed; what to raise when all is told."""
        if not self._shown:
            self.end(step, Status.ERROR)
        self.explain(exited(end.described, end.code, None if self._shown else end.output))
        if end.words:
            self._verbose(f"full command: {shlex.join(end.words)}")
            self._verbose(f"cwd: {end.folder or '[inherit]'}")
        if self._shown:
            self.end(step, Status.ERROR)
        return HookFailed(end.described, end.output)

    def _verbose(self, line: str) -> None:
        self._listen(Said(Level.VERBOSE, shown_line(INDENT, line), of_program=True))

    def explain(self, diagnostic: Diagnostic) -> None:
        """Show a diagnostic in the middle of the run."""
        text = "\n".join(INDENT + line for line in diagnostic.message.split("\n"))
        self._listen(Said(Level.ERROR, text, of_program=True))

    def say(self, level: Level, text: str, *, of_program: bool = False) -> None:
        """Say one line, or several at once."""
        lines = (shown_line(INDENT, line) for line in text.split("\n"))
        self._listen(Said(level, "\n".join(lines), of_program=of_program))


def shown_line(indent: str, line: str) -> str:
    """A program's line as pip shows it: indented, without control characters, tabs made blanks."""
    return (indent + line.translate(_CONTROL)).expandtabs(8)


def exited(described: str, code: int, output: Sequence[str] | None) -> Diagnostic:
    """The diagnostic for a program that failed; None for output that was shown already."""
    context = "No available output."
    if output is not None:
        lines = [shown_line("    ", line)[4:] for line in output]
        context = "\n".join([f"[{len(lines)} lines of output]", *lines, "[end of output]"])
    return Diagnostic(
        "subprocess-exited-with-error",
        f"{described} did not run successfully.\nexit code: {code}",
        context=context,
        note=_NOT_PIP,
    )


def unavailable(backend: str, why: str) -> Diagnostic:
    """The diagnostic for a backend that cannot be imported."""
    return Diagnostic(
        "backend-unavailable",
        f"Cannot import build backend {backend!r}.",
        context=why,
        note="This is likely not a problem with pip.",
    )


class Backend:
    """The hooks of the project in `folder`, each called in a fresh state of the build's Python.

    `settings` are the user's (``--config-settings``). `warn` is how loud a backend's own warnings
    are: pip shows them for folders that the user named, and else to those who ask for all.
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

    def supports_editable(self, call: Calling) -> bool:
        """Whether there is a hook ``build_editable`` (PEP 660)."""
        step = "Checking if build backend supports build_editable"
        return "build_editable" in self._call(
            call,
            step,
            "supports_feature",
            lambda caller: caller._supported_features(),  # noqa: SLF001
        )

    def requirements(self, call: Calling, *, editable: bool) -> Sequence[str]:
        """What the backend needs beyond what is stated, for a wheel or for an editable one."""
        kind = "editable" if editable else "wheel"
        name = f"get_requires_for_build_{kind}"
        step = f"Getting requirements to build {kind}"
        requires: Sequence[str] = self._hook(call, step, name)
        return requires

    def metadata(self, call: Calling, folder: Path, *, editable: bool) -> str | None:
        """Have the ``.dist-info`` folder made in `folder`; its name, None if the backend fails to.

        A backend without the hook builds the wheel instead, and the build finds that later.
        """
        kind = "editable" if editable else "wheel"
        step = f"Preparing {'editable ' if editable else ''}metadata (pyproject.toml)"
        name = f"prepare_metadata_for_build_{kind}"
        found: str | None = self._hook(call, step, name, metadata_directory=str(folder))
        return found

    def wheel(
        self, call: Calling, name: str, places: tuple[Path, Path | None], *, editable: bool
    ) -> str | None:
        """Build the wheel of the project `name`; its file name, None if the backend gives none.

        `places` are the folder that it comes into and the ``.dist-info`` folder made before.
        """
        kind = "editable" if editable else "wheel"
        into, info = places
        return self._hook(  # type: ignore[no-any-return]
            call,
            f"Building {kind} for {name} (pyproject.toml)",
            f"build_{kind}",
            wheel_directory=str(into),
            metadata_directory=None if info is None else str(info),
        )

    def _hook(self, call: Calling, step: str, name: str, **arguments: str | None) -> Any:
        def hook(caller: Any) -> Any:
            return getattr(caller, name)(config_settings=self._settings, **arguments)

        return self._call(call, step, name, hook)

    def _call(self, call: Calling, step: str, name: str, hook: Callable[[Any], _T]) -> _T:
        """Call a hook as one step.

        Raises HookFailed when all is told of what went wrong, `pyproject_hooks.HookMissing`.
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
                call.steps.say(self._warn, line, of_program=self._warn is Level.WARNING)


class Calling:
    """How hooks are called for one project: the Python, who runs them, who is told."""

    def __init__(self, python: str, variables: Mapping[str, str], run: Run, steps: Steps) -> None:
        self.python = python
        self.variables = variables
        self.run = run
        self.steps = steps


class _Attempt:
    """One call of a hook: pyproject_hooks says what to run, and finds the answer in a file."""

    def __init__(self, call: Calling, step: str) -> None:
        self._call = call
        self._step = step
        self.warnings: list[str] = []

    def run(
        self,
        cmd: Sequence[str],
        cwd: str | None = None,
        extra_environ: Mapping[str, str] | None = None,
    ) -> None:
        """Run the program that calls the hook; its output is kept for the case that it fails."""
        steps, output = self._call.steps, list[str]()

        def hear(line: str) -> None:
            output.append(line)
            steps.hear(self._step, line)

        steps.begin(self._step, self._step)
        try:
            variables = {**self._call.variables, **(extra_environ or {})}
            code = self._call.run(cmd, cwd, variables, hear)
            if code:
                raise steps.fail(self._step, Ended(self._step, code, output, cmd, cwd))
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
    """The backend's warnings, taken out of its answer: else they would go through `warnings`.

    That has one state for all threads, and several hooks may be called at once.
    """
    try:
        told = json.loads(answer.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return []
    found = told.pop("warnings", [])
    if found:
        answer.write_text(json.dumps(told), encoding="utf-8")
    return [_formatted(one) for one in found]


def _formatted(warning: Mapping[str, Any]) -> str:
    place = f"{warning['filename']}:{warning['lineno']}"
    source = linecache.getline(warning["filename"], warning["lineno"]).strip()
    text = f"{place}: BuildBackendWarning: {warning['message']}"
    return f"{text}\n  {source}" if source else text
