"""Messages of the resolver."""

from __future__ import annotations

from pipfast.errors import OwnError
from pipfast.model.events import Level, Message
from pipfast.model.frozen_dataclass import dataclass, field
from pipfast.model.remedies import OldRelease, UndeclaredModule


@dataclass(frozen=True, slots=True)
class RuleRelaxed(Message):
    """Base class: parity mode relaxes a rule; with the error `failure` pip ends here."""

    failure: str | OwnError
    level: Level = field(default=Level.WARNING, kw_only=True)


@dataclass(frozen=True, slots=True)
class LocalVersionAccepted(RuleRelaxed):
    """Metadata of `project` with version `found` is accepted for `expected`."""

    project: str
    expected: str
    found: str


@dataclass(frozen=True, slots=True)
class BrokenSourceSkipped(RuleRelaxed):
    """The resolution continues with wheels of `project` only; its source cannot be built."""

    project: str
    version: str


@dataclass(frozen=True, slots=True)
class MetadataFileIgnored(RuleRelaxed):
    """An announced metadata file is missing; the wheel or sdist itself is read."""

    is_wheel: bool


@dataclass(frozen=True, slots=True)
class ModuleMadeVisible(Message):
    """A build sees `provider`, which has a module that the build does not declare."""

    module: UndeclaredModule
    provider: str
    level: Level = field(default=Level.WARNING, kw_only=True)


@dataclass(frozen=True, slots=True)
class OldReleaseChosen(Message):
    """A requested project resolves to a release that is much older than the newest one tried."""

    release: OldRelease


@dataclass(frozen=True, slots=True)
class OldReleaseTried(Message):
    """A distribution that failed was tried only because newer releases were rejected."""

    release: OldRelease
    level: Level = field(default=Level.WARNING, kw_only=True)


@dataclass(frozen=True, slots=True)
class IndexChosen(Message):
    """A project is on several indexes; `page` is where its release is from."""

    project: str
    version: str
    page: str
    other_pages: tuple[str, ...]
    level: Level = field(default=Level.VERBOSE, kw_only=True)
