"""Scenarios: the initial state, the commands, and the known differences from pip."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum, auto
from types import MappingProxyType
from typing import Any

from compat.kit.index import Index
from compat.kit.repositories import Repository
from tests.kit.wheels import Built, Wheel

Content = str | bytes | Built

LOG = "pip.log"
"""The name of the log file (``--log``)."""


def _nothing() -> MappingProxyType[str, Any]:
    return MappingProxyType({})


class Target(Enum):
    """The environment that the commands operate on."""

    VENV = auto()
    """A virtual environment, selected with `--python`."""
    ACTIVE = auto()
    """An active virtual environment, found through VIRTUAL_ENV and PATH only."""
    SEEING = auto()
    """A virtual environment with access to its base's site-packages."""
    ALONE = auto()
    """An interpreter outside any virtual environment."""
    MANAGED = auto()
    """Like ALONE, marked as externally managed (PEP 668)."""


class Lines(Enum):
    """The output that is compared."""

    ALL = auto()
    NONE = auto()


class Part(Enum):
    """The part of the result in which a known difference appears."""

    STDOUT = auto()
    STDERR = auto()
    TREE = auto()
    INSPECT = auto()
    FROZEN = auto()
    LOG = auto()
    EXIT = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Allow:
    """A known difference: lines or paths of `part` that match `pattern` are not compared.

    docs/differences.md repeats `reason` word for word.
    """

    part: Part
    pattern: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class Stance:
    """The expected result of pipfast when it does not run in parity mode.

    `called` is the program's name. `environ` replaces the variable that enables parity mode; the
    fallback stays off unless it says otherwise. `standing` are further files of the world. The
    last step must exit with `code`, print each text of `says` and none of `hides`, and leave the
    distributions in `leaves` (``name==version``) with `installer` in INSTALLER. With `follows`
    the run fails, its last line names a setting, and the same run with that setting leaves
    `leaves`.
    """

    called: str = "pipfast"
    environ: Mapping[str, str | None] = field(default_factory=_nothing)
    standing: Mapping[str, Content] = field(default_factory=_nothing)
    code: int = 0
    says: tuple[str, ...] = ()
    hides: tuple[str, ...] = ()
    leaves: tuple[str, ...] = ()
    installer: str | None = None
    follows: bool = False


@dataclass(frozen=True, kw_only=True, eq=False)
class Scenario:
    """A world and the commands that run in it, identified by the rule that it tests.

    `steps` are one or more argument lists without the program. Real pip installs the wheels in
    `before` first. `files` are written to the working directory, `standing` to the world (paths
    with tokens). `exits` are pip's exit codes, one per step; the last applies to all further steps.
    pip's output must contain the texts in `shows`: they prove that the scenario tests its rule.
    With a `stance`, pipfast's result is compared with the stance instead of pip's result. `returns`
    enables uninstalling everything with real pip in both worlds afterwards, `freezes` comparing
    `pip freeze`. `delegates` means that pipfast must hand the command to pip; otherwise it must
    not. The commands run with `umask`, unless it is -1. A file `LOG` in the working directory is
    compared line by line, as output is.

    These tokens are replaced in arguments, files and environ: ``<NAME>`` is the simple URL of
    the index NAME, ``<NAME-files>`` the URL of its files, ``<NAME-page>`` a page with all its
    files, ``<port>`` the server's port, ``<here>`` the working directory, ``<links>`` the folder
    of `links`; ``<env>``, ``<site>``, ``<python>`` and ``<home>`` are paths. For a repository
    NAME, ``<NAME.git>`` is its URL and ``<NAME.git:REF>`` the commit of a branch or tag, or, by
    number, of one of HEAD's history.
    """

    rule: str
    steps: tuple[tuple[str, ...], ...]
    indexes: tuple[Index, ...] = ()
    links: tuple[Built, ...] = ()
    repositories: tuple[Repository, ...] = ()
    before: tuple[Wheel, ...] = ()
    files: Mapping[str, Content] = field(default_factory=_nothing)
    standing: Mapping[str, Content] = field(default_factory=_nothing)
    environ: Mapping[str, str | None] = field(default_factory=_nothing)
    target: Target = Target.VENV
    exits: tuple[int, ...] = (0,)
    shows: tuple[str, ...] = ()
    lines: Lines = Lines.ALL
    allow: tuple[Allow, ...] = ()
    returns: bool = True
    freezes: bool = False
    delegates: bool = False
    typed: str = ""
    umask: int = -1
    stance: Stance | None = None

    def exit_of(self, step: int) -> int:
        """Return pip's exit code for the step."""
        return self.exits[min(step, len(self.exits) - 1)]


def scenario(rule: str, argv: str | Sequence[str], *indexes: Index, **world: Any) -> Scenario:
    """Return a scenario with one step; a `str` is split at spaces. `then` are further steps."""
    argvs = [argv, *world.pop("then", ())]
    steps = tuple(tuple(words.split() if isinstance(words, str) else words) for words in argvs)
    return Scenario(rule=rule, steps=steps, indexes=indexes, **world)
