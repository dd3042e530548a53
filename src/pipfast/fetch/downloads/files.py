"""A file to download, the downloaded file, and what a run has done with each."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from pathlib import Path

from pipfast.fetch.downloads.hash_check import HashMismatch, check
from pipfast.model.digest import Digest
from pipfast.model.frozen_dataclass import dataclass
from pipfast.model.link import Link
from pipfast.net.secure_origins import pip_caches
from pipfast.policy.detail import Detail
from pipfast.policy.network import NetworkPolicy


@dataclass(frozen=True, slots=True)
class Downloaded:
    """A local file at `path`, valid during the run; `digests` are those computed."""

    link: Link
    path: Path
    digests: tuple[Digest, ...]
    size: int

    @property
    def sha256(self) -> str:
        """Its SHA-256 in hexadecimal."""
        return next(digest.value for digest in self.digests if digest.algorithm == "sha256")


@dataclass(frozen=True, slots=True)
class DownloadRequest:
    """A file to download for `requirement`; with `digests`, only one that matches one of them.

    Without `digests` those of the link apply. `kept` is the size in bytes of a file whose
    content is in the store; it is only announced. `unpacked` returns the size of a wheel that
    another run has unpacked meanwhile, None if none has; there may be no file at its path then.
    `is_direct` is whether the user named the file, and not its project. `precedes_plan` is whether
    pip requests the file while it resolves.
    """

    link: Link
    requirement: str
    digests: tuple[Digest, ...] = ()
    kept: int | None = None
    unpacked: Callable[[], int | None] = lambda: None
    is_direct: bool = False
    precedes_plan: bool = False

    @property
    def trusted(self) -> str | None:
        """The SHA-256 that the file must have, None if there is none or several are possible."""
        wanted = {digest.value for digest in self.expected if digest.algorithm == "sha256"}
        return wanted.pop() if len(wanted) == 1 else None

    @property
    def expected(self) -> tuple[Digest, ...]:
        """The user's digests, of which the file must match one, else all digests of the link."""
        return self.digests or self.link.digests

    @property
    def name_without_hash(self) -> str:
        """What to name in the line that suggests a hash: the URL only if the user named one."""
        return self.link.redacted if self.is_direct else self.requirement.partition(" from ")[0]

    def check(self, received: Sequence[Digest]) -> None:
        """Check the digests of the file.

        pip accepts a file that matches any digest of the link. Raises HashMismatch.
        """
        if not self.digests and not set(self.link.digests) <= set(received):
            raise HashMismatch(self.requirement, self.link.digests, received)
        check(self.requirement, self.digests, received)


class FileState:
    """What the run has done with one file.

    `downloaded` is the file once it is here; who fetches it holds the `lock`, since metadata that
    are read ahead may need the same file. The others tell whether it was announced, belongs to
    a batch, was found in the destination, is reported as cached, and is a file of the store too.
    """

    __slots__ = (
        "announced",
        "downloaded",
        "from_store",
        "in_batch",
        "in_destination",
        "in_store",
        "lock",
    )

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.downloaded: Downloaded | None = None
        self.announced = False
        self.in_batch = False
        self.in_destination = False
        self.from_store = False
        self.in_store = False


class FileStates:
    """The states of all files. Safe for use by several threads."""

    def __init__(self) -> None:
        self._states: dict[str, FileState] = {}

    def of(self, link: Link) -> FileState:
        """Return the state of the file of `link`, which the caller may change."""
        return self._states.setdefault(link.url, FileState())

    def forget(self) -> None:
        """Forget all files."""
        self._states.clear()


def hides_request(policy: NetworkPolicy, link: Link) -> bool:
    """Return whether the store would hide a request that pip makes, and that is reported."""
    is_reported = policy.detail is Detail.EVERYTHING
    return is_reported and not pip_caches(link.url, policy.trusted_hosts)
