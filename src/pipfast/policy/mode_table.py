"""The table of the two modes: what each question is answered by default, and who said otherwise."""

from __future__ import annotations

from pipfast.config.pipfast_settings import is_pip_name
from pipfast.config.settings import Settings
from pipfast.model.frozen_dataclass import dataclass

GUARDED = {
    "index-strategy": "first-index",
    "local-versions": "strict",
    "build-isolation": "strict",
    "index-errors": "fail",
    "fallback": "never",
}
PARITY = {
    "index-strategy": "best-match",
    "local-versions": "lax",
    "build-isolation": "see-through",
    "index-errors": "skip",
    "fallback": "auto",
}


@dataclass(frozen=True, slots=True)
class Row:
    """The answer to one question: its `value`, and `why`, in words a message can end with."""

    value: str
    why: str


def parity(settings: Settings) -> Row:
    """Whether pip's own answers count before safety does: ``true`` or ``false``, and why.

    An explicit setting outranks the name the program was called by.
    """
    said = settings.pipfast.get("pip-compat")
    if said is not None:
        return Row(said, f"pip-compat is {said}: {settings.own.origin('pip-compat')}")
    if is_pip_name(settings.program):
        return Row("true", f"the program was called {settings.program}")
    return Row("false", "guarded is the default")


def chosen(settings: Settings, question: str) -> Row:
    """The answer to `question`: its own setting, else the mode's."""
    value = settings.pipfast.get(question)
    if value is not None:
        return Row(value, f"{question} is {value}: {settings.own.origin(question)}")
    mode = parity(settings)
    return Row((PARITY if mode.value == "true" else GUARDED)[question], mode.why)
