"""What to do about an existing file or folder: by option, or by asking the user."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence

from pipfast.errors import InstallationError, OwnError


class NoAnswer(InstallationError):
    """The user cannot be asked; pip exits with a traceback and code 2 here."""

    exit_code = 2


class InputEnded(OwnError, NoAnswer):
    """Standard input ended before `question` was answered."""

    def __init__(self, question: str) -> None:
        super().__init__()
        self.question = question


class ExistsAction:
    """`actions` are the letters of ``--exists-action``, in order.

    `ask` asks the user a question and returns the answer; None if the user must not be asked.
    """

    def __init__(self, actions: Sequence[str], ask: Callable[[str], str] | None = input) -> None:
        self._actions = actions
        self._ask = ask

    @property
    def are_answered(self) -> bool:
        """Return whether the user can be asked."""
        return self._ask is not None

    def decided(self, question: str, options: str) -> str:
        """Return the letter of `options` that the user has chosen by option, or chooses now.

        Raises NoAnswer.
        """
        for action in self._actions:
            if action in options:
                return action
        put = question
        while True:
            if self._ask is None:
                raise NoAnswer(f"No input was expected ($PIP_NO_INPUT set); question: {question}")
            try:
                answer = self._ask(put).strip().lower()
            except EOFError:
                raise InputEnded(question) from None
            if answer in set(options):
                return answer
            allowed = ", ".join(options)
            put = (
                f"Your response ({answer!r}) was not one of the expected responses: {allowed}\n"
                + question
            )


def backup_of(place: str) -> str:
    """Return the first free name for a backup of `place`: ``….bak``, ``….bak2``."""
    number, ending = 1, ".bak"
    while os.path.exists(place + ending):  # noqa: PTH110 - pip appends to the name as it is
        number += 1
        ending = f".bak{number}"
    return place + ending
