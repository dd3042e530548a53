"""The looks that pip takes at an environment in a run, each with its warnings about leftovers."""

from __future__ import annotations

from collections.abc import Sequence

from pipfast.environment.discovery import installed, look_again
from pipfast.environment.interpreter import Interpreter
from pipfast.model.events import Event, Said
from pipfast.model.frozen_dataclass import dataclass
from pipfast.model.installed_distribution import Installed
from pipfast.report.console import Console


@dataclass(frozen=True, slots=True)
class Looks:
    """Whoever looks sees all at the first look; later ones only repeat what pip would say then.

    `leftovers` is whether there is anything to repeat.
    """

    paths: Sequence[str]
    python: Interpreter
    console: Console
    leftovers: bool

    def again(self, until: str = "", paths: Sequence[str] = ()) -> None:
        """Repeat the warnings of a look at all, up to the project `until`, or only at `paths`."""
        if self.leftovers:
            look_again(paths or self.paths, self.python, self.console, until)


def first_look(
    paths: Sequence[str], python: Interpreter, console: Console
) -> tuple[tuple[Installed, ...], Looks]:
    """What is installed in `paths`, and how to look again.

    What is said is what pip says while it looks for setuptools, to name it to the indexes.
    """
    heard: list[Event] = []
    present = installed(paths, python, heard.append)
    leftovers = [one for one in heard if isinstance(one, Said) and one.text.startswith("Ignoring")]
    for one in heard:
        if one not in leftovers:
            console(one)
    looks = Looks(paths, python, console, bool(leftovers))
    looks.again("setuptools")
    return present, looks
