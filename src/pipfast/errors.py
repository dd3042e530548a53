"""The error type every room raises: what went wrong, why, and what to do next."""


class PipfastError(Exception):
    """A fault that ends the run with one clear message.

    `message` is what pip would print after ``ERROR: `` where pip has such a line; it may
    hold several lines. `hint` is what to do next. `exit_code` is pip's (PARITY 11).
    `notes` are lines printed before the error, without a prefix, on standard output (pip's
    explanation of a conflict is one). Subclasses hold data and compose `message` from it.
    """

    exit_code = 1

    def __init__(self, message: str, *, hint: str = "", notes: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.notes = notes


class CommandError(PipfastError):
    """The words on the command line cannot be meant together."""


class InstallationError(PipfastError):
    """Something in the way from requirement to environment cannot be done."""


class UsageError(PipfastError):
    """The command line does not parse; `usage` is shown before the message (exit code 2)."""

    exit_code = 2

    def __init__(self, message: str, *, usage: str) -> None:
        super().__init__(message)
        self.usage = usage


class NotNative(PipfastError):
    """Real pip has to answer this: pipfast does not do it itself yet.

    Raised before anything was printed or changed, so that the same argv can be handed to pip.
    `docs/coverage.md` lists every reason.
    """


class Interrupted(PipfastError):
    """The user pressed Ctrl-C; the environment is what it was."""

    def __init__(self) -> None:
        super().__init__("Operation cancelled by user")
