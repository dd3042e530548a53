"""Scenarios of the five issues: a world, and each tool's expected result."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

from compat.harness.scenario import Scenario, scenario
from compat.kit.index import Index


class Thread(Enum):
    """The five issues of uv's tracker, by number."""

    RESOLVER = 7879
    LOCAL = 11038
    WRONG = 7990
    NIGHTLY = 10119
    SOURCE = 7299


class Tool(Enum):
    """The tools, with the headings of the tables."""

    PIP = "pip"
    UV = "uv"
    GUARDED = "pipfast, guarded"
    PARITY = "pipfast, pip-parity"


@dataclass(frozen=True, slots=True)
class Outcome:
    """An expected result: solved or not, the installed distributions, and a line of output.

    A distribution is written as ``name version``. `says` is searched in the output with line
    breaks ignored; empty for no line.
    """

    solved: bool
    installed: frozenset[str]
    says: str = ""


def _told(distributions: str) -> frozenset[str]:
    return frozenset(name.strip() for name in distributions.split(",") if name.strip())


def solved(distributions: str, says: str = "") -> Outcome:
    """Return success with the distributions (``"torch 2.3.0, numpy 2.0"``)."""
    return Outcome(True, _told(distributions), says)  # noqa: FBT003 - named by the function


def fails(says: str, left: str = "") -> Outcome:
    """Return failure with a key line, and the distributions that remain."""
    return Outcome(False, _told(left), says)  # noqa: FBT003 - named by the function


@dataclass(frozen=True, slots=True)
class Running:
    """A Python program that runs in the environment while the tools change it.

    It prints a value, waits for a line, and prints the value again; `holds` is expected both
    times.
    """

    program: str
    holds: str


@dataclass(frozen=True, kw_only=True, eq=False)
class Ask:
    """One scenario of an issue.

    `world` contains the packages and arguments, the same for every tool; `uv` are uv's arguments
    if they differ. `about` describes the scenario in a sentence. If a tool succeeds, the Python
    program `proof` runs in the environment and must print `proves`, which detects another result
    with the same versions. `insoluble` says why no tool can succeed; then only the output is
    checked. `where` is the folder that contains what was installed.
    """

    thread: Thread
    world: Scenario
    about: str
    outcomes: dict[Tool, Outcome]
    uv: tuple[tuple[str, ...], ...] = ()
    proof: str = ""
    proves: str = ""
    running: Running | None = None
    insoluble: str = ""
    where: str = "<site>"

    @property
    def rule(self) -> str:
        """Return the scenario's name."""
        return self.world.rule


@dataclass(frozen=True, kw_only=True)
class Four:
    """The results of the four tools; `guarded` defaults to pip's."""

    pip: Outcome
    uv: Outcome
    parity: Outcome
    guarded: Outcome | None = None

    def by_tool(self) -> dict[Tool, Outcome]:
        """Return each tool's result."""
        return {
            Tool.PIP: self.pip,
            Tool.UV: self.uv,
            Tool.GUARDED: self.guarded or self.pip,
            Tool.PARITY: self.parity,
        }


def all_alike(outcome: Outcome) -> Four:
    """Return the same result for all four tools."""
    return Four(pip=outcome, uv=outcome, parity=outcome)


WORDS = ("uv", "proof", "proves", "running", "insoluble", "where")


def ask(thread: Thread, rule: str, argv: str | Sequence[str], *indexes: Index, about: str,
        ends: Four, **world: Any) -> Ask:  # fmt: skip
    """Return a scenario; `world` are arguments of `Ask` and of a harness scenario."""
    own = {word: world.pop(word) for word in WORDS if word in world}
    own["uv"] = tuple(tuple(words.split()) for words in own.get("uv", ()))
    return Ask(
        thread=thread,
        world=scenario(rule, argv, *indexes, **world),
        about=about,
        outcomes=ends.by_tool(),
        **own,
    )
