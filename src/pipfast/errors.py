"""Errors that all packages raise: what went wrong, why, and what to do next."""

from __future__ import annotations

from collections.abc import Sequence

TYPE_CHECKING = False  # type checkers know this name; importing typing costs 3 ms
if TYPE_CHECKING:
    from typing import ClassVar


class Remedy:
    """Base class of what a user can do about an error; `model/remedies.py` has the subclasses."""

    __slots__ = ()
    is_setting: ClassVar[bool] = False
    """Whether the remedy names a setting or option that makes the same command succeed."""


class PipfastError(Exception):
    """An error that ends the run with one clear message.

    `message` is what pip would print after ``ERROR: ``, where pip has such a line; it may contain
    several lines. `remedies` are what to do next; `report` renders them as a hint. `exit_code` is
    pip's.
    """

    exit_code = 1

    def __init__(self, message: str = "", *remedies: Remedy) -> None:
        super().__init__(message)
        self.message = message
        self.remedies: tuple[Remedy, ...] = remedies


class OwnError(PipfastError):
    """An error that pip does not have: it holds data, which `report/error_text.py` renders.

    Errors of one class with equal attributes are equal, as messages may contain them.
    """

    def __init__(self, *remedies: Remedy) -> None:
        super().__init__("", *remedies)

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and vars(self) == vars(other)

    def __hash__(self) -> int:
        return hash(type(self))


def described(error: PipfastError) -> str | OwnError:
    """Return the error's message if it is pip's, else the error."""
    return error if isinstance(error, OwnError) else error.message


class CommandError(PipfastError):
    """Options or arguments exclude each other."""


class InstallationError(PipfastError):
    """A requirement cannot be installed."""


class OwnInstallationError(OwnError, InstallationError):
    """A requirement cannot be installed for a reason that pip does not have."""


class Diagnostic(InstallationError):
    """An error that pip explains at length, with a reference of its own and without ``ERROR: ``.

    `message` is the complete text as pip prints it to a stream that can encode every character;
    `plain` is the ASCII form. `what` and `context` may contain several lines.
    """

    def __init__(
        self, reference: str, what: str, *, context: str = "", note: str = "", advice: str = ""
    ) -> None:
        self.reference = reference
        self.what = what
        self.context = context
        self._after = [
            f"{name}: " + text.replace("\n", "\n      ")
            for name, text in (("note", note), ("hint", advice))
            if text
        ]
        first = "\n│ " if context else "\n  "
        body = ["× " + what.replace("\n", first)]  # noqa: RUF001 - pip's own sign
        if context:
            body.append("╰─> " + context.replace("\n", "\n    "))
        super().__init__(self._text(body))

    @property
    def plain(self) -> str:
        """The text in ASCII."""
        return self._text([self.what, *(["", self.context] if self.context else [])])

    def _text(self, body: list[str]) -> str:
        after = ["", *self._after] if self._after else []
        return "\n".join([f"error: {self.reference}", "", *body, *after])


class ProgramFailed(Diagnostic):
    """A subprocess or a build backend's hook failed with exit code `code`.

    `command` is pip's name for it; `output` are its lines, None if they were printed already.
    """

    def __init__(self, command: str, code: int, output: Sequence[str] | None) -> None:
        context = "No available output."
        if output is not None:
            lines = "".join(f"{line}\n" for line in output)
            context = f"[{len(output)} lines of output]\n{lines}[end of output]"
        super().__init__(
            "subprocess-exited-with-error",
            f"{command} did not run successfully.\nexit code: {code}",
            context=context,
            note="This error originates from a subprocess, and is likely not a problem with pip.",
        )
        self.command = command
        self.code = code
        self.output = output


class NotPrepared(InstallationError):
    """A source could not be fetched or prepared: `step` is the command of the ProgramFailed.

    That error was printed when it occurred; this one ends the run with pip's text. `named` is the
    project as requested, else its link.
    """

    def __init__(self, named: str, step: str) -> None:
        super().__init__(f"Failed to build '{named}' when {step.lower()}")


class UsageError(PipfastError):
    """The command line does not parse; `usage` is shown before the message (exit code 2)."""

    exit_code = 2

    def __init__(self, message: str, *remedies: Remedy, usage: str) -> None:
        super().__init__(message, *remedies)
        self.usage = usage


class NotNative(PipfastError):
    """Real pip has to run this command, because pipfast does not implement it.

    Raised before anything is printed or changed, so that pip can run the same arguments.
    `docs/coverage.md` lists every reason.
    """


class OwnFault(PipfastError):
    """An internal failure with no counterpart in pip; treated as a bug."""


class Interrupted(PipfastError):
    """The user pressed Ctrl-C; the environment is unchanged."""

    def __init__(self) -> None:
        super().__init__("Operation cancelled by user")
