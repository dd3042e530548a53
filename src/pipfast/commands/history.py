"""`pipfast history`: show how the environment was changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pipfast.commands._environment import target_interpreter
from pipfast.commands._own_run import own_run
from pipfast.commands._own_words import own_words
from pipfast.config.settings import Settings
from pipfast.errors import CommandError
from pipfast.model.changes import Change
from pipfast.plan.reversal import undone
from pipfast.report import history_lines
from pipfast.report.console import Console
from pipfast.session.change_notes import history_of

JSON = "--json"


def do(settings: Settings | None, _: Sequence[str], __: Mapping[str, str]) -> int:
    """Print the changes of the environment; print the usage without settings."""
    return own_run(settings, history_lines.HISTORY_USAGE, _show, "read")


def _show(settings: Settings, console: Console) -> int:
    given = own_words("history", settings.words, history_lines.HISTORY_USAGE)
    python = target_interpreter(settings, console)
    changes = history_of(settings, python).changes()
    shown = [chosen(changes, word, python.prefix) for word in given.words] or changes
    done = undone(changes)
    if JSON in given.flags:
        console.print_json(history_lines.history_json(python.prefix, shown, done))
    elif given.words:
        console.print(history_lines.details(python.prefix, shown, done))
    else:
        console.print(history_lines.history(python.prefix, shown, done))
    return 0


def chosen(changes: Sequence[Change], word: str, prefix: str) -> Change:
    """Return the change with the number `word`. Raises CommandError if there is none."""
    if not (word.isascii() and word.isdecimal()):
        raise CommandError(history_lines.invalid_number(word))
    for change in changes:
        if change.number == int(word):
            return change
    raise CommandError(history_lines.unknown_change(int(word), prefix))
