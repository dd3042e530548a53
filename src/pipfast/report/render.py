"""Render typed events as the text that a user reads.

Each package that emits messages has a module of the same name in `report/messages`. That module is
imported when the first message of the package is rendered, so a run only loads the texts it needs.
"""

from __future__ import annotations

from importlib import import_module

from pipfast.model.events import Level, Message

TYPE_CHECKING = False  # type checkers know this name; importing typing costs 3 ms
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, TypeVar

    M = TypeVar("M", bound=Message)

_RENDERERS: dict[type[Message], Callable[[Any], str]] = {}


def renders(kind: type[M]) -> Callable[[Callable[[M], str]], Callable[[M], str]]:
    """Register the decorated function as the renderer of the messages of type `kind`."""

    def register(render: Callable[[M], str]) -> Callable[[M], str]:
        _RENDERERS[kind] = render
        return render

    return register


def text_of(message: Message) -> str:
    """Return the text of `message`, indented by its depth and without a level prefix.

    Raises KeyError if its type has no renderer, which a test rules out.
    """
    kind = type(message)
    if kind not in _RENDERERS:
        import_module(messages_module(kind))
    text = _RENDERERS[kind](message)
    if not message.depth or not text:
        return text
    indentation = "  " * message.depth
    return "\n".join(indentation + line for line in text.split("\n"))


_ENDS = frozenset(" \t\n/?#'\"")
"""Characters that end the part of a URL with the credentials."""


def without_passwords(text: str) -> str:
    """Return `text` with ``****`` in place of each password in a URL.

    Text may quote what the user, a server or a program wrote, so it is the last place to look.
    """
    if "://" not in text or "@" not in text:
        return text
    first, *rest = text.split("://")
    return "://".join([first, *map(_without_password, rest)])


def _without_password(text: str) -> str:
    """Do so for a URL without its scheme at the start of `text`."""
    end = next((at for at, character in enumerate(text) if character in _ENDS), len(text))
    account, at, host = text[:end].rpartition("@")
    user, colon, _ = account.partition(":")
    return f"{user}:****@{host}{text[end:]}" if at and colon else text


class Line:
    """Rendered text: one or more lines of `level`, indented and without pip's prefix.

    `of_program` and `of_library` are as for messages. Passwords in URLs are hidden.
    """

    __slots__ = ("level", "of_library", "of_program", "text")

    def __init__(
        self, level: Level, text: str, *, of_program: bool = False, of_library: bool = False
    ) -> None:
        self.level = level
        self.text = without_passwords(text)
        self.of_program = of_program
        self.of_library = of_library

    @property
    def is_for_stderr(self) -> bool:
        """Return whether pip writes it to standard error."""
        return self.of_program or self.level.value >= Level.WARNING.value

    @property
    def prefixed(self) -> str:
        """Return the text with pip's prefix on the first line, behind the indentation."""
        if self.level.value < Level.WARNING.value or self.of_program:
            return self.text
        if self.text.startswith("DEPRECATION: "):
            return self.text
        prefix = "WARNING: " if self.level is Level.WARNING else "ERROR: "
        body = self.text.lstrip(" ")
        indentation = self.text[: len(self.text) - len(body)]
        return f"{indentation}{prefix}{body}"


def line_of(message: Message) -> Line:
    """Return a message as it is printed."""
    return Line(
        message.level,
        text_of(message),
        of_program=message.of_program,
        of_library=message.of_library,
    )


def load_renderers(*packages: str) -> None:
    """Import the renderers of packages now.

    Call this before an environment changes: a later import could read files that were just
    installed, if pipfast itself is in that environment.
    """
    for package in packages:
        import_module(f"pipfast.report.messages.{package}")


def messages_module(kind: type[Message]) -> str:
    """Return the name of the module that renders messages of type `kind`."""
    module = kind.__module__.split(".")[1]
    return f"pipfast.report.messages.{module}"


def has_renderer(kind: type[Message]) -> bool:
    """Return whether a renderer is registered for messages of type `kind`."""
    return kind in _RENDERERS
