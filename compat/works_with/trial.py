"""A tool and a small project: the initial state, the commands, and what must be equal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, auto
from types import MappingProxyType


class Python(Enum):
    """The environment ``<env>`` with pip 26.3."""

    ACTIVE = auto()
    """An active virtual environment."""
    IDLE = auto()
    """A virtual environment that is not active."""
    ALONE = auto()
    """A separate interpreter, first on PATH, as in a container image."""


class Standing(Enum):
    """Where pipfast is installed as ``pip`` and ``pip3``."""

    ON_PATH = auto()
    """In a separate folder, first on PATH."""
    IN_PLACE = auto()
    """In place of the environment's own pip."""
    SHIM = auto()
    """As a shim in ``<env>``; ``<shim> FOLDER`` in the lines puts one elsewhere."""
    SEED = auto()
    """As a seed, with which virtualenv makes its environments."""

    @property
    def is_pip_itself(self) -> bool:
        """Whether ``python -m pip`` is pipfast, which then logs its own calls."""
        return self in (Standing.SHIM, Standing.SEED)


def _nothing() -> Mapping[str, str]:
    return MappingProxyType({})


@dataclass(frozen=True, kw_only=True)
class Trial:
    """A tool's project and the shell lines that run in it, with pip and with pipfast.

    `tool` is installed with `pins` into a separate environment. `files` are written to the working
    directory; ``sh -e`` runs `lines`. `by_pip` and `by_pipfast` replace ``<pip>`` in both; if they
    differ, they show how the tool is told to use pipfast. More tokens: ``<here>`` is the working
    directory; ``<shim>`` makes shims, in pipfast's run; ``<env>``, ``<python>`` and ``<folder>``,
    the folder in which pipfast is ``pip``, ``pip3`` and ``pipfast``.

    The run exits with `code` and prints what `shows` names. The `folders` that it leaves (below
    the working directory, or tokens) must be equal except for paths that match `varies`, and so
    must its output if `says` is true. `calls` are the command lines, without the program, that
    reach pipfast, in any order; ``...`` matches anything. None for a tool that does not use
    pipfast.
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
        """Return the version of the tool, empty for none."""
        pins = dict(pin.split("==") for pin in self.pins)
        return pins.get(self.tool, "")
