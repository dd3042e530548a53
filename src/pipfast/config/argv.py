"""Parse arguments into option values by the rules of optparse, which pip uses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pipfast.config.option_table import Command, Option
from pipfast.config.option_types import CALLBACKS, BadValue, Values, checked
from pipfast.errors import NotNative
from pipfast.model.frozen_dataclass import dataclass


@dataclass(frozen=True, slots=True)
class Arguments:
    """A parsed command line: `values` by dest, and the positional arguments `words` in order.

    `given` are the dests that were set on the command line.
    """

    values: Values
    words: tuple[str, ...]
    given: frozenset[str]


def parse(
    words: Sequence[str],
    command: Command,
    defaults: Mapping[str, object],
    *,
    interspersed: bool = True,
) -> Arguments:
    """Parse `words` as arguments of `command`, on top of `defaults`.

    If `interspersed` is false, the first positional argument ends the options, as before the
    subcommand. Raises BadValue with optparse's message, CommandError where pip does, and
    NotNative for help, which pip prints.
    """
    return _Reader(words, command, defaults).read(interspersed=interspersed)


class _Reader:
    """A pass over the arguments; `rest` is optparse's `rargs`, reversed."""

    def __init__(
        self, words: Sequence[str], command: Command, defaults: Mapping[str, object]
    ) -> None:
        self.rest = list(reversed(words))
        self.flags = {flag: option for option in command.options for flag in option.flags}
        self.values = dict(defaults)
        self.given: set[str] = set()

    def read(self, *, interspersed: bool) -> Arguments:
        positional: list[str] = []
        while self.rest:
            word = self.rest[-1]
            if word == "--":
                self.rest.pop()
                break
            if word.startswith("--"):
                self.long(self.rest.pop())
            elif word.startswith("-") and len(word) > 1:
                self.short(self.rest.pop())
            elif interspersed:
                positional.append(self.rest.pop())
            else:
                break
        positional.extend(reversed(self.rest))
        return Arguments(self.values, tuple(positional), frozenset(self.given))

    def long(self, word: str) -> None:
        flag, attached, value = word.partition("=")
        flag = self.unabbreviated(flag)
        option = self.flags[flag]
        if attached:
            if not option.takes_value:
                raise BadValue(f"{flag} option does not take a value")
            self.rest.append(value)
        self.take(option, flag)

    def unabbreviated(self, flag: str) -> str:
        if flag in self.flags:
            return flag
        longer = sorted(known for known in self.flags if known.startswith(flag) and known[1] == "-")
        if not longer:
            raise BadValue(f"no such option: {flag}")
        if len(longer) > 1:
            raise BadValue(f"ambiguous option: {flag} ({', '.join(longer)}?)")
        return longer[0]

    def short(self, word: str) -> None:
        """Parse an argument of short flags; the last one may be followed by its value."""
        for position, letter in enumerate(word[1:], start=2):
            flag = f"-{letter}"
            option = self.flags.get(flag)
            if option is None:
                raise BadValue(f"no such option: {flag}")
            if option.takes_value and word[position:]:
                self.rest.append(word[position:])
            self.take(option, flag)
            if option.takes_value:
                return

    def take(self, option: Option, flag: str) -> None:
        """Apply an option, with the next argument if it takes a value."""
        text: str | None = None
        if option.takes_value:
            if not self.rest:
                raise BadValue(f"{flag} option requires 1 argument")
            text = self.rest.pop()
        self.given.add(option.dest)
        before = self.values.get(option.dest)
        match option.action:
            case "help":
                raise NotNative("help is printed by pip")
            case "callback":
                value = checked(option, flag, text) if text is not None else None
                CALLBACKS[option.name](
                    option, flag, value if isinstance(value, str) else None, self.values
                )
            case "append":
                earlier = before if isinstance(before, tuple) else ()
                self.values[option.dest] = (*earlier, checked(option, flag, text or ""))
            case "count":
                self.values[option.dest] = (before if isinstance(before, int) else 0) + 1
            case "store":
                self.values[option.dest] = checked(option, flag, text or "")
            case "store_const":
                self.values[option.dest] = option.type
            case _:
                self.values[option.dest] = option.action == "store_true"


class ArgumentExpander(_Reader):
    """Parses a command line to rewrite it: `spelled` is each option's dest and its arguments.

    Options keep their spelling; abbreviated ones are completed.
    """

    def __init__(
        self, words: Sequence[str], command: Command, defaults: Mapping[str, object]
    ) -> None:
        super().__init__(words, command, defaults)
        self.spelled: list[tuple[str, list[str]]] = []

    def take(self, option: Option, flag: str) -> None:
        """Record a valid option, with the next argument if it takes a value."""
        value = [self.rest.pop()] if option.takes_value else []
        self.spelled.append((option.dest, [flag, *value]))
