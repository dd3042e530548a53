"""Run version control programs, with pip's messages."""

from __future__ import annotations

import os
import shlex
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import TYPE_CHECKING

from pipfast.errors import InstallationError, Interrupted, ProgramFailed
from pipfast.fetch.vcs.events import ExecutionFailed
from pipfast.fetch.vcs.git_credentials import git_credentials
from pipfast.model.events import Level, Listener, Message
from pipfast.model.frozen_dataclass import dataclass, replace
from pipfast.model.link import redact
from pipfast.model.program_events import (
    ProgramDetails,
    ProgramFailureShown,
    ProgramOutput,
    ProgramStarted,
)
from pipfast.store.workers.process_tree import end_families

if TYPE_CHECKING:
    import subprocess


@dataclass(frozen=True, slots=True)
class HiddenArgument:
    """An argument that is not shown as it is."""

    value: str
    shown: str

    @classmethod
    def url(cls, url: str) -> HiddenArgument:
        """An address that may contain a password."""
        return cls(url, redact(url))

    @classmethod
    def password(cls, value: str) -> HiddenArgument:
        """An argument that is hidden completely."""
        return cls(value, "****")

    def __str__(self) -> str:
        return self.shown


Word = str | HiddenArgument


@dataclass(frozen=True, slots=True)
class VcsCommand:
    """A program with its arguments; `unshown` ones precede argument `at` and are not shown."""

    words: tuple[Word, ...]
    unshown: tuple[str, ...] = ()
    at: int = 2

    @property
    def argv(self) -> list[str]:
        """The command that runs."""
        words = [word.value if isinstance(word, HiddenArgument) else word for word in self.words]
        return [*words[: self.at], *self.unshown, *words[self.at :]]

    @property
    def shown(self) -> str:
        """The command that pip shows."""
        return " ".join(shlex.quote(str(word)) for word in self.words)


class RunningPrograms:
    """The running programs; none can be started after it is closed.

    `watching` is active for the process id of each one.
    """

    def __init__(
        self, watching: Callable[[int], AbstractContextManager[None]] = lambda _: nullcontext()
    ) -> None:
        self.closed = False
        self._watching = watching
        self._at_work: set[subprocess.Popen[str]] = set()
        self._lock = threading.Lock()

    @contextmanager
    def watched(self, process: subprocess.Popen[str]) -> Iterator[None]:
        """Register a program during the block; an exception ends it."""
        with self._lock:
            self._at_work.add(process)
        try:
            if self.closed:
                raise Interrupted
            with self._watching(process.pid):
                yield
        except BaseException:
            end_families([process.pid])
            raise
        finally:
            with self._lock:
                self._at_work.discard(process)

    def close(self) -> None:
        """End all running programs for good."""
        self.closed = True
        with self._lock:
            at_work = list(self._at_work)
        if at_work:
            end_families([process.pid for process in at_work])


class CommandFailed(ProgramFailed):
    """A version control program failed; `transcript` are its lines, shown or not."""

    def __init__(
        self, command: str, code: int, output: Sequence[str] | None, transcript: Sequence[str]
    ) -> None:
        super().__init__(command, code, output)
        self.transcript = transcript


class ProgramMissing(InstallationError):
    """A program is not installed, or cannot be executed."""


class VcsRunner:
    """Runs programs for one source and reports their output to `emit` in pip's format.

    `verbosity` is ``-v`` minus ``-q``; `dropped` are environment variables to remove, `given`
    those to add. Messages about a source have a `depth` of 1, below the source's own line.
    """

    def __init__(
        self,
        crew: RunningPrograms,
        emit: Listener,
        verbosity: int,
        dropped: Sequence[str] = (),
        given: Mapping[str, str] | None = None,
        *,
        depth: int = 1,
    ) -> None:
        self._emit = emit
        self._depth = depth
        self._crew = crew
        self._verbosity = verbosity
        self._dropped = dropped
        self._given = dict(given or {})
        self._options: tuple[str, ...] = ()

    def report(self, message: Message) -> None:
        """Emit a message at the depth of this source."""
        self._emit(replace(message, depth=self._depth))

    def loud(self, command: VcsCommand, folder: str | None = None) -> str:
        """Run it, show its output as it comes, and return all of it.

        Raises CommandFailed, already reported, ProgramMissing and Interrupted.
        """
        code, lines = self._followed(command, folder)
        if code:
            raise self._failed(command, folder, code, lines, Level.INFO)
        return "".join(f"{line}\n" for line in lines)

    def succeeds(self, command: VcsCommand, folder: str) -> bool:
        """Run it, show its output, and return whether it succeeded."""
        return not self._followed(command, folder)[0]

    def _followed(self, command: VcsCommand, folder: str | None) -> tuple[int, list[str]]:
        self.report(ProgramStarted(command.shown, level=Level.INFO))
        lines: list[str] = []
        process = self._begin(command, folder, together=True)
        with process, self._crew.watched(process):
            assert process.stdout is not None
            for line in process.stdout:
                lines.append(line.rstrip())
                self.report(ProgramOutput(lines[-1], level=Level.INFO))
            process.wait()
        self._see_that_it_goes_on()
        return process.returncode, lines

    def quiet(
        self, command: VcsCommand, folder: str | None = None, *, allowed: Iterable[int] | None = ()
    ) -> str:
        """Run it and return its standard output; ``-v`` shows all output.

        Exit codes other than 0 and the `allowed` ones (None allows all) raise CommandFailed.
        """
        self.report(ProgramStarted(command.shown))
        code, out, err = self._done(command, folder)
        for line in (*out.splitlines(), *err.splitlines()):
            self.report(ProgramOutput(line))
        if code and allowed is not None and code not in allowed:
            raise self._failed(command, folder, code, (out[:-1], err[:-1]), Level.VERBOSE)
        return out

    def answer_to(self, command: VcsCommand, folder: str) -> str | None:
        """Run it like `quiet`, but ignore failures and a missing program."""
        from shutil import which

        if which(str(command.words[0])) is None:
            return None
        self.report(ProgramStarted(command.shown))
        code, out, err = self._done(command, folder)
        for line in (*out.splitlines(), *err.splitlines()):
            self.report(ProgramOutput(line))
        return None if code else out

    def unseen(self, command: VcsCommand, folder: str) -> str:
        """Run something that pip does not run, and only report failures."""
        code, out, err = self._done(command, folder)
        if code:
            raise self._failed(command, folder, code, (out + err).splitlines(), None)
        return out

    def attempt(self, command: VcsCommand, folder: str) -> None:
        """Run something optional, and report nothing."""
        self._done(command, folder)

    def _done(self, command: VcsCommand, folder: str | None) -> tuple[int, str, str]:
        process = self._begin(command, folder, together=False)
        with process, self._crew.watched(process):
            out, err = process.communicate()
        self._see_that_it_goes_on()
        return process.returncode, out, err

    def _begin(
        self, command: VcsCommand, folder: str | None, *, together: bool
    ) -> subprocess.Popen[str]:
        import subprocess

        argv = self._without_secrets(command)
        environment = {**os.environ, **self._given}
        for name in self._dropped:
            environment.pop(name, None)
        try:
            return subprocess.Popen(
                argv,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT if together else subprocess.PIPE,
                cwd=folder,
                env=environment,
                text=True,
                errors="backslashreplace",
            )
        except OSError as error:
            self.report(ExecutionFailed(command.shown, str(error)))
            raise _missing(str(command.words[0]), error) from None

    def _without_secrets(self, command: VcsCommand) -> list[str]:
        """Return the command without credentials for git, which later commands need, too."""
        argv = command.argv
        if argv[0] != "git":
            return argv
        for word in command.words:
            found = git_credentials(word.value) if isinstance(word, HiddenArgument) else None
            if found is not None:
                self._options = found.options
                self._given.update(found.environment)
                argv = [found.bare if one == found.url else one for one in argv]
        return ["git", *self._options, *argv[1:]]

    def _see_that_it_goes_on(self) -> None:
        if self._crew.closed:
            raise Interrupted

    def _failed(
        self,
        command: VcsCommand,
        folder: str | None,
        code: int,
        transcript: Sequence[str],
        shown: Level | None,
    ) -> CommandFailed:
        seen = shown is not None and self._shows(shown)
        error = CommandFailed(command.shown, code, None if seen else transcript, transcript)
        self.report(ProgramFailureShown(error.message))
        self.report(ProgramDetails(command.shown, folder))
        return error

    def _shows(self, level: Level) -> bool:
        least = {0: Level.INFO, 1: Level.VERBOSE}.get(self._verbosity)
        if least is None:
            least = Level.DEBUG if self._verbosity > 0 else Level.WARNING
        return least.value <= level.value


def _missing(program: str, error: OSError) -> Exception:
    """Return pip's error for a program that cannot be started."""
    match error:
        case NotADirectoryError():
            return ProgramMissing(f"Cannot find command {program!r} - invalid PATH")
        case FileNotFoundError():
            return ProgramMissing(
                f"Cannot find command {program!r} - do you have {program!r} installed and in your "
                "PATH?"
            )
        case PermissionError():
            return ProgramMissing(
                f"No permission to execute {program!r} - install it locally, globally (ask admin), "
                "or check your PATH. See possible solutions at "
                "https://pip.pypa.io/en/latest/reference/pip_freeze/#fixing-permission-denied."
            )
        case _:
            return error
