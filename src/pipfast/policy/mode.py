"""The mode of a run, guarded or parity: each rule's value and its origin."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from types import MappingProxyType

from pipfast.config.settings import Settings
from pipfast.model.frozen_dataclass import dataclass
from pipfast.policy.mode_table import GUARDED, PARITY, chosen, parity
from pipfast.policy.network import IndexErrors, IndexStrategy


class LocalVersions(Enum):
    """Whether versions that differ only in the local segment are the same version."""

    STRICT = "strict"
    LAX = "lax"


class BuildIsolation(Enum):
    """What a build sees in addition to its declared requirements."""

    STRICT = "strict"
    SEE_THROUGH = (
        "see-through"  # on failure, build again with the target and this run's wheels visible
    )
    NONE = "none"


class Fallback(Enum):
    """Whether real pip runs what pipfast cannot."""

    NEVER = "never"
    AUTO = "auto"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mode:
    """The mode of a run: the value of each rule.

    `pip_compat` is true in parity mode; `why` is the origin of each value, including
    ``pip-compat``, as text that can end a message.
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
        """The content of INSTALLER."""
        return "pip" if self.pip_compat else "pipfast"

    def answers(self) -> dict[str, str]:
        """Yield every rule with its value as in a setting."""
        return {
            "pip-compat": "true" if self.pip_compat else "false",
            "index-strategy": self.index_strategy.value,
            "local-versions": self.local_versions.value,
            "build-isolation": self.build_isolation.value,
            "index-errors": self.index_errors.value,
            "fallback": self.fallback.value,
        }


def provenance(decided: Mode) -> tuple[str, ...]:
    """Return the mode and its origin, and a line for each rule that differs from the default."""
    name = "pip-parity" if decided.pip_compat else "guarded"
    usual = PARITY if decided.pip_compat else GUARDED
    rows = [
        f"  {decided.why[question]} (default in this mode: {usual[question]})"
        for question, value in decided.answers().items()
        if question in usual and value != usual[question]
    ]
    return (f"pipfast's mode is {name}: {decided.why['pip-compat']}", *rows)


def mode(settings: Settings) -> Mode:
    """Return the mode of `settings`: ``pip-compat``, then each rule's own setting."""
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
