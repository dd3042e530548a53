"""The completions for the word at a shell's cursor, by pip's rules."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from pipfast.config.option_table import GENERAL, HIDDEN, VERSION, Command, Option
from pipfast.config.subcommands import COMMANDS

OWN_NAMES = ("doctor", "history", "parity", "shim", "tree", "undo", "why")
"""Subcommands that pip does not have."""

SHIM_OPTIONS = ("--remove", "--status", "--seed")
OWN_OPTIONS = {
    "doctor": {"--fix": False, "--skip": True, "--only": True, "--json": False},
    "history": {"--json": False},
    "undo": {"--keep": True, "--dry-run": False, "--json": False},
}
"""All options of other subcommands that pip does not have; whether each takes a value.

The subcommands parse their words by this table.
"""

PARITY_COMMANDS = ("install", "download", "wheel", "lock")
"""The commands that ``parity`` compares."""

PARITY_OPTIONS = ("--each", "--json")
"""The options of ``parity`` itself."""

Paths = Callable[[str, str], Iterable[str]]
"""Return the paths that begin with a text, only folders if the second argument is ``dir``."""

Names = Callable[[], Iterable[str]]
"""Return the normalised names of the projects installed in the environment itself."""

_MAIN = (*GENERAL, VERSION)
_OF_INSTALLED = ("show", "uninstall")
_PLACES = frozenset({"path", "file", "dir"})


def offered(
    line: str, position: int, paths: Paths, names: Names, *, has_own: bool = False
) -> list[str]:
    """Return the lines to print when word number `position` of `line` is completed.

    The program's name is word 0; `has_own` is whether it has pipfast's own subcommands. Before the
    subcommand all candidates are on one line. There are none if the cursor is behind words that the
    shell did not pass.
    """
    words = line.split()[1:]
    current = words[position - 1] if -len(words) < position <= len(words) else ""
    own = next((word for word in words if word in (*OWN_NAMES, *COMMANDS)), "") if has_own else ""
    if own in OWN_NAMES and not (own == current and words.index(own) == position - 1):
        return _of_own(own, words, position, (current, paths, names))
    name = next((word for word in words if word in COMMANDS), None)
    try:
        if name is None:
            commands = (*COMMANDS, *OWN_NAMES) if has_own else (*COMMANDS,)
            return [" ".join(_before_subcommand(words, position, (current, paths), commands))]
        if name == "help":
            return []
        special = _instead_of_options(name, words, current, paths, names)
        if special is not None:
            return special
        command = _row(name, has_own=has_own)
        return [*_options(command, words, position, (current, paths)),
                *_actions(command, words, current)]  # fmt: skip
    except IndexError:
        return []


def _row(name: str, *, has_own: bool) -> Command:
    """Return the options and actions of a subcommand of pip, with those that pipfast adds."""
    if has_own and name == "cache":
        from pipfast.config.cache_argv import COMMAND  # a program named pip has no more than pip

        return COMMAND
    return COMMANDS[name]


def _of_own(
    name: str, words: Sequence[str], position: int, at: tuple[str, Paths, Names]
) -> list[str]:
    """Return the candidates of a subcommand that pip does not have."""
    current, paths, names = at
    if name == "shim":
        if current.startswith("-"):
            return [one for one in SHIM_OPTIONS if one.startswith(current) and one not in words]
        return [*paths(current, "path")]
    if name in OWN_OPTIONS:
        if name == "undo" and words[position - 2] == "--keep":
            return [one for one in names() if one.startswith(current.lower())]
        return [one for one in OWN_OPTIONS[name] if one.startswith(current) and one not in words]
    if name != "parity":
        return _of_own_row(name, words, position, at)
    place = words.index(name)
    rest = [*words[:place], *words[place + 1 :]]
    if any(word in COMMANDS for word in rest):
        return offered(" ".join(["pip", *rest]), position - 1, paths, names)
    commands = [one for one in PARITY_COMMANDS if one.startswith(current)]
    line = " ".join(["pip", *words[:place], "install", *words[place + 1 :]])
    own = [flag for flag in PARITY_OPTIONS if current and flag.startswith(current)]
    return [*commands, *own, *offered(line, position, paths, names)]


def _of_own_row(
    name: str, words: Sequence[str], position: int, at: tuple[str, Paths, Names]
) -> list[str]:
    """Return the candidates of a subcommand whose options are a row of a table, as pip's are.

    Its arguments are installed projects; those after the first are requirements for ``why``.
    """
    # a program named pip has neither
    from pipfast.config.tree_argv import COMMAND as TREE
    from pipfast.config.why_argv import COMMAND as WHY

    current, paths, names = at
    row = {one.name: one for one in (TREE, WHY)}[name]
    kind = _kind_of_path(words, position, row.options)
    if current.startswith("-") or kind:
        return _options(row, words, position, (current, paths))
    found = [one for one in names() if one.startswith(current.lower()) and one not in words]
    return found or ([*paths(current, "path")] if name == "why" else [])


def _before_subcommand(
    words: Sequence[str], position: int, at: tuple[str, Paths], commands: Sequence[str]
) -> Iterator[str]:
    current, paths = at
    offers: Iterable[str] = commands
    if current.startswith("-"):
        offers = [*commands, *(flag for option in _shown(_MAIN) for flag in _flags(option))]
    else:
        kind = _kind_of_path(words, position, _MAIN)
        if kind:
            offers = paths(current, kind)
    return (offer for offer in offers if offer.startswith(current))


def _instead_of_options(
    name: str, words: Sequence[str], current: str, paths: Paths, names: Names
) -> list[str] | None:
    """Return the positional candidates of some subcommands; None if options are offered."""
    if current.startswith("-"):
        return None
    if name == "install":
        return [*paths(current, "path")]
    if name in _OF_INSTALLED:
        start = current.lower()
        found = [one for one in names() if one.startswith(start) and one not in words[1:]]
        return found or None
    return None


def _options(
    command: Command, words: Sequence[str], position: int, at: tuple[str, Paths]
) -> list[str]:
    """Return the options that are not given yet, or the paths for the option before the cursor."""
    current, paths = at
    kind = _kind_of_path(words, position, command.options)
    if kind:
        return [*paths(current, kind)]
    given = {word.split("=")[0] for word in words[1 : position - 1]}
    return [
        f"{flag}=" if flag.startswith("--") and option.action in _TAKING else flag
        for option in _shown(command.options)
        for flag in _flags(option)
        if flag not in given and flag.startswith(current)
    ]


_TAKING = frozenset({"store", "append", "callback"})
"""Actions whose options are offered with ``=``, including callbacks without a value."""


def _actions(command: Command, words: Sequence[str], current: str) -> list[str]:
    if any(action in words for action in command.actions):
        return []
    return [action for action in command.actions if action.startswith(current)]


def _kind_of_path(words: Sequence[str], position: int, options: Iterable[Option]) -> str | None:
    """Return the metavar of the option before the cursor if its value is a path.

    Raises IndexError if there is no word before the cursor.
    """
    if position < 2:
        return None
    before = words[position - 2].split("=", 1)[0]
    if not before.startswith("-"):
        return None
    for option in _shown(options):
        if before in option.flags and not _PLACES.isdisjoint((option.metavar or "").split("/")):
            return option.metavar
    return None


def _shown(options: Iterable[Option]) -> Iterator[Option]:
    return (option for option in options if option.name not in HIDDEN)


def _flags(option: Option) -> list[str]:
    """Return the spellings, long ones first."""
    return sorted(option.flags, key=lambda flag: not flag.startswith("--"))
