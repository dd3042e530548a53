"""The answer to a shell that asks for completions: no word of it is worth a slow import."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence

from pipfast.config.completion_candidates import offered


def is_asked(environ: Mapping[str, str]) -> bool:
    """Whether it is pip's completion script that calls, and not a person."""
    told = environ.get("COMP_WORDS") and environ.get("COMP_CWORD")
    return "PIP_AUTO_COMPLETE" in environ and bool(told)


def complete(words: Sequence[str], program: str, environ: Mapping[str, str]) -> int:
    """Print what the shell is offered, and return pip's exit code, which is 1.

    `words` are the program's own; the command line that is completed is in ``COMP_WORDS``.
    """
    try:
        position = int(environ["COMP_CWORD"])
    except ValueError:
        return 1  # nothing is said: it would stand in the midst of what the user types

    def names() -> Iterable[str]:
        from pipfast.cli.completion_names import local_names

        return local_names(words, program, environ)

    try:
        lines = offered(environ["COMP_WORDS"], position, _paths, names)
    except OSError:
        return 1
    sys.stdout.writelines(f"{line}\n" for line in lines)
    return 1


def _paths(current: str, kind: str) -> Iterator[str]:
    """The files and folders that begin with `current`; folders alone if `kind` is ``dir``.

    Raises OSError where there is no such folder to look into.
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
