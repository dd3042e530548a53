"""The options of subcommands that pip does not have."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

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


def own_words(
    words: Sequence[str], usage: str, flags: Collection[str], valued: Collection[str] = ()
) -> OwnWords:
    """Parse the words of a subcommand. Raises UsageError for an option that it does not have."""
    given: set[str] = set()
    values: dict[str, tuple[str, ...]] = {}
    others: list[str] = []
    rest = list(words)
    while rest:
        word = rest.pop(0)
        name, equals, value = word.partition("=")
        if name in valued:
            if not equals and not rest:
                raise UsageError(own_usage.no_value(name), usage=usage)
            values[name] = (*values.get(name, ()), value if equals else rest.pop(0))
        elif word in flags:
            given.add(word)
        elif word.startswith("-"):
            raise UsageError(own_usage.no_such_option(word), usage=usage)
        else:
            others.append(word)
    return OwnWords(frozenset(given), values, tuple(others))
