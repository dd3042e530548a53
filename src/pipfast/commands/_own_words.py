"""The options of subcommands that pip does not have."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pipfast.config.completion_candidates import OWN_OPTIONS
from pipfast.errors import UsageError
from pipfast.model.frozen_dataclass import dataclass
from pipfast.report import own_usage


@dataclass(frozen=True, slots=True)
class OwnWords:
    """Flags that were given, the values of options by name, and the other words."""

    flags: frozenset[str]
    values: Mapping[str, tuple[str, ...]]
    words: tuple[str, ...]

    def given(self, option: str) -> tuple[str, ...]:
        """Return the values of an option that may be repeated."""
        return self.values.get(option, ())


def own_words(command: str, words: Sequence[str], usage: str) -> OwnWords:
    """Parse the words of the subcommand `command` by `OWN_OPTIONS`.

    Raises UsageError for an option that it does not have.
    """
    takes_value = OWN_OPTIONS[command]
    given: set[str] = set()
    values: dict[str, tuple[str, ...]] = {}
    others: list[str] = []
    rest = list(words)
    while rest:
        word = rest.pop(0)
        name, equals, value = word.partition("=")
        if takes_value.get(name):
            if not equals and not rest:
                raise UsageError(own_usage.no_value(name), usage=usage)
            values[name] = (*values.get(name, ()), value if equals else rest.pop(0))
        elif word in takes_value:
            given.add(word)
        elif word.startswith("-"):
            raise UsageError(own_usage.no_such_option(word), usage=usage)
        else:
            others.append(word)
    return OwnWords(frozenset(given), values, tuple(others))
