"""What `pipfast doctor` finds: data that `report/doctor_lines.py` turns into text.

A class of each kind of finding; its name and fields are those of the JSON document.
"""

from __future__ import annotations

from pipfast.errors import Remedy
from pipfast.model.credentials import CredentialSource
from pipfast.model.frozen_dataclass import dataclass

TYPE_CHECKING = False  # type checkers know this name; importing typing costs 3 ms
if TYPE_CHECKING:
    from typing import ClassVar


class Finding:
    """Base class. `is_problem` is false for facts, which do not change the exit code."""

    __slots__ = ()
    is_problem: ClassVar[bool] = True


class Fact(Finding):
    """Base class of findings that are no problem."""

    __slots__ = ()
    is_problem: ClassVar[bool] = False


@dataclass(frozen=True, slots=True)
class CheckFailed(Finding):
    """A check could not be completed; `why` is the error."""

    check: str
    why: str


@dataclass(frozen=True, slots=True)
class PythonUnusable(Finding):
    """The interpreter of the environment does not run."""

    python: str
    why: str


# What killed runs have left


@dataclass(frozen=True, slots=True)
class InterruptedRun(Finding):
    """A run of pipfast was killed while it changed the environment; `folder` is its journal's."""

    folder: str


@dataclass(frozen=True, slots=True)
class AbandonedFile(Finding):
    """A temporary file or folder of a killed run of pipfast."""

    path: str


@dataclass(frozen=True, slots=True)
class PipLeftover(Finding):
    """What a killed pip has renamed; `is_spare` is whether its project is installed again."""

    path: str
    is_spare: bool


# Metadata of installed distributions


@dataclass(frozen=True, slots=True)
class MetadataIncomplete(Finding):
    """A metadata folder without files that it must have; it may be empty altogether."""

    path: str
    missing: tuple[str, ...]
    is_empty: bool


@dataclass(frozen=True, slots=True)
class InstalledTwice(Finding):
    """Several metadata folders of a project; none of the files of those in `stale` are there."""

    project: str
    paths: tuple[str, ...]
    stale: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RequirementBroken(Finding):
    """A requirement is not met; `line` is that of ``pip check``."""

    line: str


# Files of installed distributions


@dataclass(frozen=True, slots=True)
class FilesMissing(Finding):
    """Files of RECORD that do not exist. `in_store` is whether the store has the same wheel."""

    project: str
    version: str
    paths: tuple[str, ...]
    in_store: bool


@dataclass(frozen=True, slots=True)
class FilesChanged(Finding):
    """Files whose content is not that of RECORD."""

    project: str
    version: str
    paths: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SharedFilesChanged(Finding):
    """Changed files that are hard links to files of the store and of other environments.

    `archives` are the unpacked wheels in the store that they belong to.
    """

    project: str
    version: str
    paths: tuple[str, ...]
    archives: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FilesAdded(Finding):
    """Files in folders of a distribution that no RECORD lists."""

    project: str
    version: str
    paths: tuple[str, ...]


# Scripts and paths


@dataclass(frozen=True, slots=True)
class ScriptsOfOtherPython(Finding):
    """Scripts whose first line names another interpreter, which may be gone."""

    paths: tuple[str, ...]
    interpreter: str
    is_gone: bool


@dataclass(frozen=True, slots=True)
class ActivationElsewhere(Finding):
    """A script that activates another environment than the one that contains it."""

    path: str
    prefix: str


@dataclass(frozen=True, slots=True)
class UserSiteShadow(Finding):
    """A project in the user site and in the environment: Python imports only one of them.

    `seen` and `hidden` are pairs of version and folder.
    """

    project: str
    seen: tuple[str, str]
    hidden: tuple[str, str]


@dataclass(frozen=True, slots=True)
class ScriptsNotFound(Finding):
    """The environment is active, but its scripts are not on PATH."""

    folder: str


@dataclass(frozen=True, slots=True)
class ProgramsHidden(Finding):
    """Programs in `folder` that programs in the folder `by`, which is earlier on PATH, hide."""

    names: tuple[str, ...]
    folder: str
    by: str


# The store


@dataclass(frozen=True, slots=True)
class StoreUnusable(Finding):
    """The store cannot be written; empty `why` if the cache is disabled."""

    folder: str
    why: str


@dataclass(frozen=True, slots=True)
class ArchiveDamaged(Finding):
    """An unpacked wheel in the store whose files were changed or removed."""

    folder: str
    wheel: str


@dataclass(frozen=True, slots=True)
class StoreFacts(Fact):
    """The store, its size and the free space of its file system in bytes."""

    folder: str
    wheels: int
    size: int
    free: int


# Indexes and settings


@dataclass(frozen=True, slots=True)
class IndexReached(Fact):
    """An index that answers; `status` is its HTTP status for a project's page."""

    url: str
    status: int
    seconds: float
    credentials: CredentialSource
    is_encrypted: bool


@dataclass(frozen=True, slots=True)
class IndexFailed(Finding):
    """An index that does not answer, or refuses; `remedies` are hints."""

    url: str
    why: str
    credentials: CredentialSource
    remedies: tuple[Remedy, ...]


@dataclass(frozen=True, slots=True)
class FindLinksMissing(Finding):
    """A folder of ``--find-links`` that does not exist."""

    path: str


@dataclass(frozen=True, slots=True)
class SettingWithoutEffect(Finding):
    """A variable, or a key in the file `path`, that is no setting; `nearest` may be meant."""

    name: str
    path: str
    nearest: str
