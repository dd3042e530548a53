"""A change of an environment, as the history notes it."""

from __future__ import annotations

from pipfast.model.frozen_dataclass import dataclass
from pipfast.model.project_names import NormalizedName, canonical_name


@dataclass(frozen=True, slots=True, kw_only=True)
class DistributionState:
    """A distribution before or after a change.

    `name` and `version` are as its metadata spell them, `requested` is whether the user requested
    it (PEP 376). `digest` is the SHA-256 of its wheel in hexadecimal, `url` where its file came
    from; both are None if unknown. `direct_url` is the text of ``direct_url.json`` (PEP 610), None
    without one. `editable` is the project folder of an editable install. URLs have no accounts.
    """

    name: str
    version: str
    requested: bool = False
    digest: str | None = None
    url: str | None = None
    direct_url: str | None = None
    editable: str | None = None


@dataclass(frozen=True, slots=True)
class DistributionChange:
    """What a project was `before` a change and is `after` it, None if it was not installed."""

    before: DistributionState | None
    after: DistributionState | None

    @property
    def name(self) -> NormalizedName:
        """The normalised name of the project."""
        state = self.after or self.before
        assert state is not None, "a change has one of them"
        return canonical_name(state.name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A change of an environment that a command made in one transaction.

    `number` identifies it in the history of the environment; it is 0 before it is noted. `time` is
    in seconds since the epoch. `words` are the command line without secrets. `in_user_site` is
    whether the user's site-packages were changed. `undoes` is the number of the change that this
    one undid, None for another change.
    """

    time: float
    words: tuple[str, ...]
    distributions: tuple[DistributionChange, ...]
    in_user_site: bool = False
    undoes: int | None = None
    number: int = 0
