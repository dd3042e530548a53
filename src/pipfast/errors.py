"""The error type every room raises: what went wrong, why, and what to do next."""


class PipfastError(Exception):
    """A fault that ends the run with one clear message.

    `message` is what pip would print after ``ERROR: `` where pip has such a line; it may
    hold several lines. `hint` is what to do next. `exit_code` is pip's (PARITY 11).
    `notes` are lines printed before the error, without a prefix, on standard output (pip's
    explanation of a conflict is one). Subclasses hold data and compose `message` from it.
    """

    exit_code = 1

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class CommandError(PipfastError):
    """The words on the command line cannot be meant together."""


class InstallationError(PipfastError):
    """Something in the way from requirement to environment cannot be done."""


class Diagnostic(InstallationError):
    """A fault that pip explains at length, under a reference of its own, without ``ERROR: ``.

    `message` is the whole text as pip prints it on a stream that can show every character;
    `plain` the same for one that cannot. `what` and `context` may hold several lines.
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
        """The text in ASCII's means."""
        return self._text([self.what, *(["", self.context] if self.context else [])])

    def _text(self, body: list[str]) -> str:
        after = ["", *self._after] if self._after else []
        return "\n".join([f"error: {self.reference}", "", *body, *after])


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
