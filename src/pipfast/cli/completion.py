"""Answer a shell's request for completions without any slow import."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from pipfast.config.completion_candidates import offered
from pipfast.config.program_name import is_pip_name


def is_asked(environ: Mapping[str, str]) -> bool:
    """Return whether pip's completion script runs the program."""
    line_given = environ.get("COMP_WORDS") and environ.get("COMP_CWORD")
    return "PIP_AUTO_COMPLETE" in environ and bool(line_given)


def complete(words: Sequence[str], program: str, environ: Mapping[str, str]) -> int:
    """Print the completions and return pip's exit code, which is 1.

    `words` are the program's own arguments; ``COMP_WORDS`` contains the command line to
    complete.
    """
    try:
        position = int(environ["COMP_CWORD"])
    except ValueError:
        return 1  # print no error into the line that the user types

    def names() -> Iterable[str]:
        from pipfast.cli.completion_names import local_names

        return local_names(words, program, environ)

    line = environ["COMP_WORDS"]
    try:
        if is_pip_name(os.path.basename(program)):  # noqa: PTH119 - pathlib costs start-up time
            lines = offered(line, position, _paths, names)
        else:
            lines = _with_own(line, position, names)
    except OSError:
        return 1
    sys.stdout.writelines(f"{line}\n" for line in lines)
    return 1


def _with_own(line: str, position: int, names: Callable[[], Iterable[str]]) -> list[str]:
    """Return pip's completions and those of what only pipfast has."""
    from pipfast.cli.own_commands import OWN_COMMANDS
    from pipfast.config.own_completions import own_offers

    own = own_offers(line, position, OWN_COMMANDS)
    return own if own is not None else offered(line, position, _paths, names, has_own=True)


def _paths(current: str, kind: str) -> Iterator[str]:
    """Return the files and folders that begin with `current`; only folders if `kind` is ``dir``.

    Raises OSError if the folder cannot be read.
    """
    directory, start = os.path.split(current)
    folder = os.path.abspath(directory)  # noqa: PTH100 - pathlib costs start-up time
    if not os.access(folder, os.R_OK):
        return
    start = os.path.normcase(start)
    for name in os.listdir(folder):  # noqa: PTH208
        if os.path.normcase(name).startswith(start):
            path = os.path.normcase(os.path.join(directory, name))  # noqa: PTH118
            place = os.path.join(folder, name)  # noqa: PTH118
            if kind != "dir" and os.path.isfile(place):  # noqa: PTH113
                yield path
            elif os.path.isdir(place):  # noqa: PTH112
                yield os.path.join(path, "")  # noqa: PTH118
