"""What is to become of a file or folder that stands in the way: the user has said, or is asked."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence

from pipfast.errors import InstallationError


class NoAnswer(InstallationError):
    """A question could not be put to anybody; pip ends with a traceback here, and code 2."""

    exit_code = 2


class Questions:
    """`actions` are the letters of ``--exists-action``, in order.

    `ask` puts a question to the user and returns the answer; None where nobody is to be asked.
    """

    def __init__(self, actions: Sequence[str], ask: Callable[[str], str] | None = input) -> None:
        self._actions = actions
        self._ask = ask

    @property
    def are_answered(self) -> bool:
        """Whether there is somebody to answer."""
        return self._ask is not None

    def decided(self, question: str, options: str) -> str:
        """The letter of `options` that the user has chosen beforehand, or chooses now.

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
                raise NoAnswer(f"Nobody was there to answer: {question}") from None
            if answer in set(options):
                return answer
            allowed = ", ".join(options)
            put = (
                f"Your response ({answer!r}) was not one of the expected responses: {allowed}\n"
                + question
            )


def backup_of(place: str) -> str:
    """The first name that is free for what stands at `place`: ``….bak``, ``….bak2``."""
    number, ending = 1, ".bak"
    while os.path.exists(place + ending):  # noqa: PTH110 - pip appends to the name as it is
        number += 1
        ending = f".bak{number}"
    return place + ending
