"""Guarded or pip-parity: the mode of a run, row by row, each with who decided it."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from types import MappingProxyType

from pipfast.config.settings import Settings
from pipfast.model.frozen_dataclass import dataclass
from pipfast.policy.mode_table import GUARDED, PARITY, chosen, parity
from pipfast.policy.network import IndexErrors, IndexStrategy


class LocalVersions(Enum):
    """Whether a difference in the local segment alone makes a version another version."""

    STRICT = "strict"
    LAX = "lax"


class BuildIsolation(Enum):
    """What a build sees beside what it declared."""

    STRICT = "strict"
    SEE_THROUGH = "see-through"  # a second try sees the target and the wheels of this run
    NONE = "none"


class Fallback(Enum):
    """Whether real pip is asked for what is not native."""

    NEVER = "never"
    AUTO = "auto"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mode:
    """The mode of a run, as one value for each question of the table of modes.

    `pip_compat` is parity mode; `why` says who decided, by question, ``pip-compat`` among them, in
    words that can end a message.
    """

    pip_compat: bool
    index_strategy: IndexStrategy
    local_versions: LocalVersions
    build_isolation: BuildIsolation
    index_errors: IndexErrors
    fallback: Fallback
    why: Mapping[str, str]

    @property
    def installer(self) -> str:
        """What INSTALLER says."""
        return "pip" if self.pip_compat else "pipfast"

    def answers(self) -> dict[str, str]:
        """Every question with its answer, in the words of a setting."""
        return {
            "pip-compat": "true" if self.pip_compat else "false",
            "index-strategy": self.index_strategy.value,
            "local-versions": self.local_versions.value,
            "build-isolation": self.build_isolation.value,
            "index-errors": self.index_errors.value,
            "fallback": self.fallback.value,
        }


def provenance(decided: Mode) -> tuple[str, ...]:
    """Which mode is on and who said so, and one line for each row that is not the mode's own."""
    name = "pip-parity" if decided.pip_compat else "guarded"
    usual = PARITY if decided.pip_compat else GUARDED
    rows = [
        f"  {decided.why[question]} (in this mode else: {usual[question]})"
        for question, value in decided.answers().items()
        if question in usual and value != usual[question]
    ]
    return (f"pipfast's mode is {name}: {decided.why['pip-compat']}", *rows)


def mode(settings: Settings) -> Mode:
    """The mode that `settings` ask for: ``pip-compat``, then each row's own setting over it."""
    compat = parity(settings)
    rows = {question: chosen(settings, question) for question in GUARDED}
    why = {question: row.why for question, row in rows.items()} | {"pip-compat": compat.why}
    return Mode(
        pip_compat=compat.value == "true",
        index_strategy=IndexStrategy(rows["index-strategy"].value),
        local_versions=LocalVersions(rows["local-versions"].value),
        build_isolation=BuildIsolation(rows["build-isolation"].value),
        index_errors=IndexErrors(rows["index-errors"].value),
        fallback=Fallback(rows["fallback"].value),
        why=MappingProxyType(why),
    )
