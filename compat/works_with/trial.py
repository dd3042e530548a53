"""A tool at work on a small project: what there is, what is run, and what has to be the same."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, auto
from types import MappingProxyType


class Python(Enum):
    """What ``<env>`` is, with pip 26.3 in it."""

    ACTIVE = auto()
    """A virtual environment, active."""
    IDLE = auto()
    """A virtual environment that nobody has activated."""
    ALONE = auto()
    """An interpreter of its own, first on PATH, as in a container's image."""


class Standing(Enum):
    """Where pipfast stands under the names ``pip`` and ``pip3``."""

    ON_PATH = auto()
    """In a folder of its own, which comes first on PATH."""
    IN_PLACE = auto()
    """In place of the environment's own pip."""


def _nothing() -> Mapping[str, str]:
    return MappingProxyType({})


@dataclass(frozen=True, kw_only=True)
class Trial:
    """A tool's project and the shell lines that are run in it, with pip and with pipfast.

    `tool` is installed as `pins` say, in an environment of its own. `files` are put into the
    working directory, `lines` run by ``sh -e``. `by_pip` and `by_pipfast` are what ``<pip>`` stands
    for in both, with either program: where they differ, that is how the tool is told to use
    pipfast. Further tokens: ``<here>`` the working directory, ``<env>``, ``<python>`` and
    ``<folder>``, the folder in which pipfast is ``pip``, ``pip3`` and ``pipfast``.

    The run ends with `code` and prints what `shows` names; the `folders` it leaves (below the
    working directory, or tokens) are the same but for paths that `varies` matches, and so is its
    output where `says` is true. `calls` are the command lines, without the program, that
    reach pipfast, in whatever order; ``...`` in one stands for anything. None for a tool that goes
    past it.
    """

    tool: str
    what: str
    lines: str
    pins: tuple[str, ...] = ()
    files: Mapping[str, str] = field(default_factory=_nothing)
    environ: Mapping[str, str] = field(default_factory=_nothing)
    python: Python = Python.IDLE
    standing: Standing = Standing.ON_PATH
    by_pip: str = "pip"
    by_pipfast: str = "pip"
    code: int = 0
    shows: tuple[str, ...] = ()
    says: bool = False
    folders: tuple[str, ...] = ()
    varies: str = ""
    calls: tuple[str, ...] = ()

    @property
    def version(self) -> str:
        """The version of the tool that is tried, empty for none."""
        pins = dict(pin.split("==") for pin in self.pins)
        return pins.get(self.tool, "")
