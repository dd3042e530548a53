"""What a thread asked for, as a world to act it out in and the outcome that each tool has there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

from compat.harness.scenario import Scenario, scenario
from compat.kit.index import Index


class Thread(Enum):
    """The five threads of uv's tracker, by number."""

    RESOLVER = 7879
    LOCAL = 11038
    WRONG = 7990
    NIGHTLY = 10119
    SOURCE = 7299


class Tool(Enum):
    """Who acts a scenario out, by the heading of the tables."""

    PIP = "pip"
    UV = "uv"
    GUARDED = "pipfast, guarded"
    PARITY = "pipfast, pip-parity"


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a scenario ends: solved or not, what is installed then, and a line that was said.

    A distribution is told as ``name version``. `says` is found in the output whatever its line
    breaks; empty where nothing has to be said.
    """

    solved: bool
    installed: frozenset[str]
    says: str = ""


def _told(distributions: str) -> frozenset[str]:
    return frozenset(name.strip() for name in distributions.split(",") if name.strip())


def solved(distributions: str, says: str = "") -> Outcome:
    """The tool does it and leaves the distributions (``"torch 2.3.0, numpy 2.0"``)."""
    return Outcome(True, _told(distributions), says)  # noqa: FBT003 - named by the function


def fails(says: str, left: str = "") -> Outcome:
    """The tool gives up with a key line, and leaves the distributions."""
    return Outcome(False, _told(left), says)  # noqa: FBT003 - named by the function


@dataclass(frozen=True, slots=True)
class Running:
    """A Python program that runs in the environment while the tools change it.

    It says what it holds, waits for a line, and says it again: `holds`, both times.
    """

    program: str
    holds: str


@dataclass(frozen=True, kw_only=True, eq=False)
class Ask:
    """One ask of a thread.

    `world` holds the packages and the argv, the same for every tool; `uv` are uv's own words where
    it spells them otherwise. `told` is the ask in a sentence. Where a tool has solved it, the
    Python program `proof`, run in the environment, prints `proves`: another outcome under the same
    version numbers would show. `insoluble` says why no tool can solve it: then it is judged by what
    is said. `where` is the folder that holds what was installed.
    """

    thread: Thread
    world: Scenario
    told: str
    outcomes: dict[Tool, Outcome]
    uv: tuple[tuple[str, ...], ...] = ()
    proof: str = ""
    proves: str = ""
    running: Running | None = None
    insoluble: str = ""
    where: str = "<site>"

    @property
    def rule(self) -> str:
        """The name of the scenario."""
        return self.world.rule


@dataclass(frozen=True, kw_only=True)
class Four:
    """The outcomes of the four tools; `guarded` is as pip's where nothing else is said."""

    pip: Outcome
    uv: Outcome
    parity: Outcome
    guarded: Outcome | None = None

    def by_tool(self) -> dict[Tool, Outcome]:
        """The outcome of each."""
        return {
            Tool.PIP: self.pip,
            Tool.UV: self.uv,
            Tool.GUARDED: self.guarded or self.pip,
            Tool.PARITY: self.parity,
        }


def all_alike(outcome: Outcome) -> Four:
    """One outcome for all four."""
    return Four(pip=outcome, uv=outcome, parity=outcome)


WORDS = ("uv", "proof", "proves", "running", "insoluble", "where")


def ask(thread: Thread, rule: str, argv: str | Sequence[str], *indexes: Index, told: str,
        ends: Four, **world: Any) -> Ask:  # fmt: skip
    """An ask in one call: `world` are the words of `Ask` and those of a scenario."""
    own = {word: world.pop(word) for word in WORDS if word in world}
    own["uv"] = tuple(tuple(words.split()) for words in own.get("uv", ()))
    return Ask(
        thread=thread,
        world=scenario(rule, argv, *indexes, **world),
        told=told,
        outcomes=ends.by_tool(),
        **own,
    )
