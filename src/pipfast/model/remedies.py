"""What a user can do about an error: values with data, which `report/hint_text.py` renders.

An error carries `remedies`. Nothing but `report` turns them into text, and nothing reads that text.
"""

from __future__ import annotations

from pipfast.errors import Remedy
from pipfast.model.frozen_dataclass import dataclass

TYPE_CHECKING = False  # type checkers know this name; importing typing costs 3 ms
if TYPE_CHECKING:
    from typing import ClassVar


@dataclass(frozen=True, slots=True)
class Advice(Remedy):
    """pip's own words on what to do, printed unchanged."""

    text: str


@dataclass(frozen=True, slots=True)
class SetBy(Remedy):
    """The invalid value of `key` comes from `origin`, a file or an environment variable."""

    key: str
    origin: str


@dataclass(frozen=True, slots=True)
class NameBuildVariables(Remedy):
    """A setting of variables for builds has another form than ``NAME=value``."""


@dataclass(frozen=True, slots=True)
class AcceptBuiltVersion(Remedy):
    """A wheel was built with another version; `setting` accepts it (``NAME=value``)."""

    setting: str
    is_setting: ClassVar[bool] = True


@dataclass(frozen=True, slots=True)
class AcceptLocalVersion(Remedy):
    """The metadata of `project` has another local version segment than expected."""

    project: str
    expected: str
    found: str
    is_setting: ClassVar[bool] = True


@dataclass(frozen=True, slots=True)
class MendRequirement(Remedy):
    """The metadata of `project` has an invalid `line` whose plain meaning is `meaning`."""

    project: str
    line: str
    meaning: str
    is_setting: ClassVar[bool] = True


@dataclass(frozen=True, slots=True)
class UseKeptWheel(Remedy):
    """The build of `project` fails; pip would use the wheel of an earlier build."""

    project: str
    is_setting: ClassVar[bool] = True


@dataclass(frozen=True, slots=True)
class UseWheelsOnly(Remedy):
    """Sources of `projects` cannot be built, and wheels of them would do."""

    projects: tuple[str, ...]
    is_setting: ClassVar[bool] = True


@dataclass(frozen=True, slots=True)
class ReadMetadataFromFile(Remedy):
    """An index announces a metadata file and does not serve it; the file itself has metadata."""

    is_wheel: bool
    is_setting: ClassVar[bool] = True


@dataclass(frozen=True, slots=True)
class SkipFailingIndexes(Remedy):
    """An index failed; pip would continue without it."""

    is_setting: ClassVar[bool] = True


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """A release that is only on an index which was not searched; `page` has no credentials."""

    project: str
    version: str
    page: str


@dataclass(frozen=True, slots=True)
class SearchAllIndexes(Remedy):
    """Releases on other indexes would resolve the conflict."""

    releases: tuple[Elsewhere, ...]
    is_setting: ClassVar[bool] = True


@dataclass(frozen=True, slots=True)
class UndeclaredModule:
    """The build of `project` did not find a module, or a distribution's metadata.

    `project` is the name as the user wrote it. The build backend does not declare `missing`.
    """

    project: str
    missing: str
    is_module: bool = True


@dataclass(frozen=True, slots=True)
class ProvideModule(Remedy):
    """Nothing that is installed or requested provides the module that a build needs."""

    module: UndeclaredModule


@dataclass(frozen=True, slots=True)
class MakeModuleVisible(Remedy):
    """A build needs a module; `provider` has it, or None if nothing known provides it."""

    module: UndeclaredModule
    provider: str | None
    is_setting: ClassVar[bool] = True


@dataclass(frozen=True, slots=True)
class PinBuildDependencies(Remedy):
    """Builds give other requirements each time they see other distributions."""


@dataclass(frozen=True, slots=True)
class FilesInJournal(Remedy):
    """Files that a transaction moved are in `folder`; the next run restores them."""

    folder: str


@dataclass(frozen=True, slots=True)
class ReservedName(Remedy):
    """A wheel is refused because it contains `path`, whose name only transactions use."""

    path: str


@dataclass(frozen=True, slots=True)
class EnableFallback(Remedy):
    """Real pip was not run because of a setting; `reason` names the setting and its origin."""

    reason: str
    is_setting: ClassVar[bool] = True


@dataclass(frozen=True, slots=True)
class PipNotStarted(Remedy):
    """Real pip was to be run instead and could not be started because of `error`."""

    error: str


@dataclass(frozen=True, slots=True)
class PipNotRun(Remedy):
    """Real pip was not run because it would fail with the same error, `failure`."""

    failure: str


@dataclass(frozen=True, slots=True)
class UseParityMode(Remedy):
    """pipfast and pip give different results; `reason` names the mode's origin."""

    reason: str
    is_setting: ClassVar[bool] = True


@dataclass(frozen=True, slots=True)
class AnswerInAdvance(Remedy):
    """A confirmation could not be asked for; ``-y`` gives it in advance."""


@dataclass(frozen=True, slots=True)
class Opponent:
    """A requirement that excludes newer releases.

    `origin` is the distribution that has it, empty if `is_users`; `is_constraint` for a constraint.
    """

    requirement: str
    origin: str = ""
    is_users: bool = False
    is_constraint: bool = False


@dataclass(frozen=True, slots=True)
class OldRelease(Remedy):
    """Why the resolver tried or chose a release that is much older than `newest`.

    `needs` are the requirements of the newest release that led to its rejection. `opponents` are
    the requirements that contradict them; there are none if no release satisfies `needs`.
    """

    project: str
    version: str
    newest: str
    needs: tuple[Opponent, ...]
    opponents: tuple[Opponent, ...]


@dataclass(frozen=True, slots=True)
class CompareForNewEnvironment(Remedy):
    """Two resolvers chose nothing, because the environment satisfies all requirements."""


@dataclass(frozen=True, slots=True)
class MakeSpace(Remedy):
    """What is to be installed does not fit on a disk."""
