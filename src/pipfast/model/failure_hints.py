"""Facts behind a failure, and what to do: values that `report/failure_hint_text.py` renders.

`session/explain_failure.py` finds them after a run has failed. They are printed after pip's own
lines, and in parity mode on a terminal only.
"""

from __future__ import annotations

from enum import Enum, auto

from pipfast.errors import Remedy
from pipfast.model.credentials import CredentialSource, KeyringUse
from pipfast.model.frozen_dataclass import dataclass


class FailureHint(Remedy):
    """Base class of hints that are found after the failure; each is a line of its own."""

    __slots__ = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherPython(FailureHint):
    """`version` of `project` matches, but needs another Python than `python`.

    `fits` is the newest release for this Python, empty if there is none.
    """

    project: str
    version: str
    needs: str
    python: str
    fits: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherPlatform(FailureHint):
    """`version` of `project` has wheels for `tags` only, and no sdist that may be built.

    `fits` is the newest release with a file for this target, empty if there is none.
    """

    project: str
    version: str
    tags: tuple[str, ...]
    target: str
    fits: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NoSuchRelease(FailureHint):
    """No release of `project` matches `specifier`; `newest` is the newest that may be chosen."""

    project: str
    specifier: str
    newest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelElsewhere(FailureHint):
    """`project` has the release `version`, and no file of it with the local `label` (PEP 440)."""

    project: str
    version: str
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OnlyPrereleases(FailureHint):
    """Only pre-releases of `project` match; `newest` is the newest of them."""

    project: str
    newest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FormatExcluded(FailureHint):
    """`version` of `project` has files only in a format that an option excludes.

    `binary` is whether wheels are what is excluded.
    """

    project: str
    version: str
    binary: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SimilarName(FailureHint):
    """There is no project `project`, but `similar` exists; `by_module` if that is its module."""

    project: str
    similar: str
    by_module: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class LoosenRequirement(FailureHint):
    """The conflict is solved by `replacement` in place of the user's `requirement`.

    `place` is the file and line, empty for the command line.
    """

    requirement: str
    replacement: str
    place: str
    is_constraint: bool


class Fault(Enum):
    """Why there was no usable response."""

    NAME = auto()
    CONNECTION = auto()
    TIMEOUT = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckNetwork(FailureHint):
    """No connection to `host` was made, or it broke."""

    host: str
    fault: Fault


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckProxy(FailureHint):
    """The `proxy` failed; it was set by `variable`, empty for an option or file."""

    proxy: str
    variable: str


class Certificate(Enum):
    """What is wrong with a certificate."""

    ISSUER = auto()
    EXPIRED = auto()
    NAME = auto()
    OTHER = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckCertificate(FailureHint):
    """The certificate of `host` was refused; `trusted` is the user's own file of certificates."""

    host: str
    fault: Certificate
    trusted: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckCredentials(FailureHint):
    """A server refused access with `status`, 401 or 403; `url` and `user` hold no secret."""

    url: str
    host: str
    status: int
    user: str
    source: CredentialSource
    keyring: KeyringUse


@dataclass(frozen=True, slots=True, kw_only=True)
class ForbidsUnknown(FailureHint):
    """The page `url` answered 403, which its index does for all projects that it does not list."""

    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerFailed(FailureHint):
    """A server answered with the error `status`."""

    host: str
    status: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DiskFull(FailureHint):
    """The disk of `path` has `free` bytes; `needed` bytes are needed, 0 if unknown."""

    path: str
    free: int
    needed: int
