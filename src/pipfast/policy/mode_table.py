"""The rules of the modes: default values and the origin of other values."""

from __future__ import annotations

from pipfast.config.pip_names import is_pip_name
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
    """The value of a rule and its origin `why`, as text that can end a message."""

    value: str
    why: str


def parity(settings: Settings) -> Row:
    """Return whether parity mode is on (``true`` or ``false``), and why.

    An explicit setting overrides the program's name.
    """
    setting = settings.pipfast.get("pip-compat")
    if setting is not None:
        return Row(setting, f"pip-compat is {setting}: {settings.own.origin('pip-compat')}")
    if is_pip_name(settings.program):
        return Row("true", f"the program was called {settings.program}")
    return Row("false", "guarded is the default")


def chosen(settings: Settings, question: str) -> Row:
    """Return the value of a rule: its own setting, else the mode's default."""
    value = settings.pipfast.get(question)
    if value is not None:
        return Row(value, f"{question} is {value}: {settings.own.origin(question)}")
    mode = parity(settings)
    return Row((PARITY if mode.value == "true" else GUARDED)[question], mode.why)
