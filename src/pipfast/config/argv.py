"""Words of a command line become option values, by optparse's rules, which are pip's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pipfast.config.option_table import Command, Frozen, Option
from pipfast.config.option_types import CALLBACKS, BadValue, Values, checked
from pipfast.errors import NotNative


class Arguments(Frozen):
    """What a command line says: `values` by dest, the `words` that are no options, in order.

    `given` is the dests that the command line itself set.
    """

    __slots__ = ("given", "values", "words")

    def __init__(self, values: Values, words: tuple[str, ...], given: frozenset[str]) -> None:
        self.values = values
        self.words = words
        self.given = given


def parse(
    words: Sequence[str],
    command: Command,
    defaults: Mapping[str, object],
    *,
    interspersed: bool = True,
) -> Arguments:
    """Read `words` as the arguments of `command`, on top of `defaults`.

    With `interspersed` false the first word that is no option ends the options, as before the
    subcommand. Raises BadValue with optparse's message, CommandError where pip does, and NotNative
    when help is asked for: pip's own help is the help.
    """
    return _Reader(words, command, defaults).read(interspersed=interspersed)


class _Reader:
    """One walk over the words; optparse's `rargs` is `rest`, reversed."""

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
        """One word of short flags: the last may have its value behind it."""
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
        """Do what the row says, with the next word where it takes a value."""
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


class Speller(_Reader):
    """Reads a command line to write it anew: `said` is each option's dest and its words.

    Options are spelled as they were, abbreviated ones in full.
    """

    def __init__(
        self, words: Sequence[str], command: Command, defaults: Mapping[str, object]
    ) -> None:
        super().__init__(words, command, defaults)
        self.said: list[tuple[str, list[str]]] = []

    def take(self, option: Option, flag: str) -> None:
        """Note an option that is valid, with the next word where it takes a value."""
        value = [self.rest.pop()] if option.takes_value else []
        self.said.append((option.dest, [flag, *value]))
