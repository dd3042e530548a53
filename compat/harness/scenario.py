"""A scenario: what there is, what is asked, and which differences from pip are known."""

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


def _nothing() -> MappingProxyType[str, Any]:
    return MappingProxyType({})


class Target(Enum):
    """Which environment the argv is meant for."""

    VENV = auto()
    """A virtual environment, named by `--python`."""
    ACTIVE = auto()
    """A virtual environment, active: found by VIRTUAL_ENV and PATH alone."""
    SEEING = auto()
    """A virtual environment that sees the site-packages of its base."""
    ALONE = auto()
    """An interpreter of its own, outside any virtual environment."""
    MANAGED = auto()
    """As ALONE, marked as externally managed (PEP 668)."""


class Lines(Enum):
    """Which output is compared."""

    ALL = auto()
    NONE = auto()


class Part(Enum):
    """Where a known difference is."""

    STDOUT = auto()
    STDERR = auto()
    TREE = auto()
    INSPECT = auto()
    FROZEN = auto()
    EXIT = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Allow:
    """A known difference: lines or paths of `part` that match `pattern` are not compared.

    `reason` stands word for word in docs/differences.md.
    """

    part: Part
    pattern: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class Stance:
    """How pipfast is called where that is not in pip-parity mode by its variable, and what comes.

    `called` is the name of the program, `environ` are its settings in place of the mode's variable
    (the fallback stays off unless they say otherwise), `standing` further files of the world. It
    ends with `code` (of the last step), says each of `says` and none of `hides`, and leaves what
    `leaves` names (``name==version``), put there by `installer`. With `follows` the run fails, its
    last line names a setting, and the same run with that setting leaves what `leaves` names.
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
    """A world and the commands that are run in it, named by the rule that it shows.

    `steps` are one or more argv without the program. `before` are wheels that real pip installs
    first. `files` are put into the working directory, `standing` into the whole world (paths with
    tokens). `exits` are pip's exit codes, one a step (the last for all further ones), and `shows`
    are texts that pip's output must hold: they prove that the scenario shows its rule.
    With a `stance` what pipfast does is not compared with pip's run but with what the stance says.
    `returns` says whether real pip uninstalls everything afterwards, in both worlds, and `freezes`
    whether its `freeze` is compared, too. `delegates` says that real pip must have been
    asked; where it does not, it must not.

    Tokens, replaced in argv, files and environ: ``<NAME>`` the simple URL of the index NAME,
    ``<NAME-files>`` where its files are, ``<NAME-page>`` a page of all its files, ``<port>``,
    ``<here>`` the working directory, ``<links>`` the folder of `links`, ``<env>``, ``<site>``,
    ``<python>`` and ``<home>``; of a repository NAME, ``<NAME.git>`` is the address and
    ``<NAME.git:REF>`` the commit of a branch or a tag, or, by its number, of one on its way.
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
    stance: Stance | None = None

    def exit_of(self, step: int) -> int:
        """The exit code that pip gives to the step."""
        return self.exits[min(step, len(self.exits) - 1)]


def scenario(rule: str, argv: str | Sequence[str], *indexes: Index, **world: Any) -> Scenario:
    """A scenario of one argv; a `str` is split at blanks. `then` are further argv."""
    argvs = [argv, *world.pop("then", ())]
    steps = tuple(tuple(words.split() if isinstance(words, str) else words) for words in argvs)
    return Scenario(rule=rule, steps=steps, indexes=indexes, **world)
