"""Git, with pip's commands and messages, and a cache of objects."""

from __future__ import annotations

import os
import re
from pathlib import Path
from urllib.parse import unquote, urlsplit, urlunsplit

from pipfast.fetch.vcs.base import (
    Address,
    VcsProgram,
    remove,
    shown_path,
    split_address,
)
from pipfast.fetch.vcs.errors import NoRemote, RemoteNotARequirement
from pipfast.fetch.vcs.events import (
    GitCommitResolved,
    GitRevisionAssumed,
    GitRevisionFound,
    GitVersionUnknown,
    RepositoryCloned,
)
from pipfast.fetch.vcs.git_credentials import write_origin
from pipfast.fetch.vcs.git_object_cache import (
    GitObjectCache,
    ObjectPool,
    make_independent,
    submodules,
)
from pipfast.fetch.vcs.runner import CommandFailed, VcsCommand, VcsRunner, Word
from pipfast.model.events import Level
from pipfast.model.file_urls import url_of_path
from pipfast.model.frozen_dataclass import dataclass
from pipfast.model.lazy_pattern import lazy_pattern
from pipfast.model.program_events import ProgramOutput

DROPPED = ("GIT_DIR", "GIT_WORK_TREE")
"""Variables that select another repository (pip does not pass them on either)."""

UNATTENDED = {"GIT_TERMINAL_PROMPT": "0", "GIT_SSH_COMMAND": "ssh -oBatchMode=yes"}
"""Variables that keep git from prompting if nobody can answer."""

_VERSION = lazy_pattern(r"git version (\d+)\.(\d+)")
_HASH = lazy_pattern(r"[a-fA-F0-9]{40}")
_SHORTHAND = lazy_pattern(r"(\w+@)?([^/:]+):(\w[^:]*)")
_BROKEN = lazy_pattern(
    r"alternate|corrupt|bad object|loose object|packfile|unable to read|reference repository"
)
"""git's messages about damaged borrowed objects."""

_UNFILTERED = "warning: filtering not recognized by server, ignoring"

_YES = ("y", "yes", "t", "true", "on", "1")


@dataclass(frozen=True, slots=True)
class _Revision:
    """The commit to check out; `branch` if it is one of the origin's."""

    name: str
    branch: str | None = None


class Git(VcsProgram):
    """Git for one source; see `VersionControl`.

    Without `clones` everything is fetched each time.
    """

    name = "git"
    folder = ".git"
    noun = "clone"

    def __init__(
        self, programs: VcsRunner, verbosity: int, clones: GitObjectCache | None = None
    ) -> None:
        super().__init__(programs, verbosity)
        self._clones = clones

    def address(self, url: str) -> Address:
        """Return the address; ``git+user@host:path`` is an SSH shorthand and kept."""
        scheme, netloc, path, query, fragment = urlsplit(url)
        if scheme.endswith("file"):
            url = f"git+{urlunsplit(('file', netloc, _local(path), query, fragment))}"
        if "://" in url:
            bare, revision = split_address(url)
            return Address.to(bare, revision)
        bare, revision = split_address(url.replace("git+", "git+ssh://"))
        return Address.to(bare.replace("ssh://", ""), revision)

    def clone(self, address: Address, place: str, *, lasting: bool) -> None:
        """Clone without blobs of other commits, and check out the revision.

        Objects of earlier clones of the URL are not fetched again, unless git reports damage.
        """
        try:
            self._clone(address, place, lasting=lasting)
        except CommandFailed as error:
            if not (self._lends(address) and _BROKEN.search("\n".join(error.transcript))):
                raise
            self._forget(address)
            remove(place)
            self._clone(address, place, lasting=lasting)
        if lasting:
            write_origin(place, address.url.value)

    def _clone(self, address: Address, place: str, *, lasting: bool) -> None:
        """Clone with cached objects, and cache new ones.

        The revision is checked out directly, except for a permanent clone, where pip leaves the
        files of HEAD if the revision does not exist.
        """
        cloned = RepositoryCloned(str(address.url), address.revision, shown_path(place))
        self._programs.report(cloned)
        partial = self._is_partial()
        unshown = ("--no-checkout",) if address.revision and not lasting else ()
        if self._clones is None:
            self._make(address, place, unshown, partial=partial)
            self._finish(address, place, None)
            return
        pool = self._clones.pool(address.url.value, partial=partial)
        modules = self._clones.modules(address.url.value)
        lender = pool.lend()
        if lender is not None:
            unshown = (*unshown, "--reference", str(lender))
        try:
            self._repeat_warning(self._make(address, place, unshown, partial=partial), pool)
            self._finish(address, place, modules)
        finally:
            _share(Path(place, ".git"), pool, modules, lasting=lasting)
        if pool.crowded:
            self._programs.attempt(VcsCommand(("git", "gc", "--auto", "--quiet")), str(pool.folder))

    def _lends(self, address: Address) -> bool:
        url = address.url.value
        return self._clones is not None and any(pool.exists for pool in self._clones.pools(url))

    def _forget(self, address: Address) -> None:
        assert self._clones is not None
        for pool in self._clones.pools(address.url.value):
            pool.forget()

    def _make(
        self, address: Address, place: str, unshown: tuple[str, ...], *, partial: bool
    ) -> str:
        """Run the clone; return git's output."""
        if self._verbosity <= 0:
            flags: tuple[str, ...] = ("--quiet",)
        else:
            flags = () if self._verbosity == 1 else ("--verbose", "--progress")
        if partial:
            flags = ("--filter=blob:none", *flags)
        words: tuple[Word, ...] = ("git", "clone", *flags, address.url, place)
        return self._programs.loud(VcsCommand(words, unshown))

    def _repeat_warning(self, output: str, pool: ObjectPool) -> None:
        """Record servers that send unrequested blobs.

        git only warns about it when it transfers something.
        """
        if _UNFILTERED in output:
            pool.note(_UNFILTERED)
        elif pool.noted(_UNFILTERED):
            self._programs.report(ProgramOutput(_UNFILTERED, level=Level.INFO))

    def _finish(self, address: Address, place: str, modules: ObjectPool | None) -> None:
        if address.revision:
            revision = self._resolved(address, place, address.revision)
            self._programs.report(GitRevisionFound(revision.name, revision.branch))
            self._check_out(revision, place)
        else:
            revision = _Revision(self.commit(place))
        self._programs.report(GitCommitResolved(str(address.url), revision.name))
        self._submodules(place, self._verbosity, modules)

    def _check_out(self, revision: _Revision, place: str) -> None:
        """Write the files; pip has them already if no other commit is requested."""
        if revision.branch is None:
            if self.is_at(place, revision.name):
                self._unseen(place, "checkout", "-q", "-f")
            else:
                self._run(place, "checkout", "-q", revision.name)
        elif self._branch(place) == revision.branch:
            self._unseen(place, "checkout", "-q", "-f")
        else:
            tracked = f"origin/{revision.branch}"
            self._run(place, "checkout", "-b", revision.branch, "--track", tracked)

    def update(self, address: Address, place: str) -> None:
        """Fetch, and reset to the revision."""
        quiet = ("-q",) if self._verbosity <= 0 else ()
        tags = ("--tags",) if self._version() >= (1, 9) else ()
        self._run(place, "fetch", *tags, *quiet)
        revision = self._resolved(address, place, address.revision or "HEAD")
        self._run(place, "reset", "--hard", *quiet, revision.name)
        self._submodules(place, self._verbosity)

    def switch(self, address: Address, place: str) -> None:
        """Change the origin's URL and check out the local revision of that name."""
        quiet = ("-q",) if self._verbosity <= 0 else ()
        self._run(place, "config", "remote.origin.url", address.url)
        self._run(place, "checkout", *quiet, address.revision or "HEAD")
        self._submodules(place, self._verbosity)
        write_origin(place, address.url.value)

    def remote(self, place: str) -> str:
        """Return the URL of the origin, or of the first remote, in the form of a requirement."""
        command = VcsCommand(("git", "config", "--get-regexp", r"remote\..*\.url"))
        remotes = self._programs.quiet(command, place, allowed=(1,)).splitlines()
        if not remotes:
            raise NoRemote(place)
        origin = [line for line in remotes if line.startswith("remote.origin.url ")]
        url = (origin or remotes)[0].split(" ")[1].strip()
        if re.match(r"\w+://", url):
            return url
        if Path(url).exists():
            return url_of_path(url)
        shorthand = _SHORTHAND.fullmatch(url)
        if shorthand is None:
            raise RemoteNotARequirement(place, url)
        return shorthand.expand(r"ssh://\1\2/\3")

    def commit(self, place: str) -> str:
        """Return the commit of HEAD."""
        return self._parsed(place, "HEAD")

    def pinned(self, place: str) -> str:
        """Return the commit of HEAD."""
        return self.commit(place)

    def top(self, place: str) -> str | None:
        """Return git's own folder."""
        own = self._output(place, "rev-parse", "--git-dir").strip()
        return str(Path(place, own).absolute().parent)

    def is_at(self, place: str, revision: str | None) -> bool:
        """Return whether HEAD is at exactly this commit, given in full."""
        return bool(revision) and self.commit(place) == revision

    def _resolved(self, address: Address, place: str, name: str) -> _Revision:
        """Return the commit or tag object of a branch, tag or ref; git resolves other names."""
        found, is_branch = self._ref(place, name)
        if found is not None:
            return _Revision(found, name if is_branch else None)
        looks_full = _HASH.fullmatch(name) is not None
        if not looks_full:
            self._programs.report(GitRevisionAssumed(name))
        if not name.startswith("refs/") and (not looks_full or self._has_commit(place, name)):
            return _Revision(name)
        self._run(place, "fetch", "-q", address.url, name)
        return _Revision(self._parsed(place, "FETCH_HEAD"))

    def _ref(self, place: str, name: str) -> tuple[str | None, bool]:
        """Return the origin's branch, or the tag, of this name, and which of them it is."""
        command = VcsCommand(("git", "show-ref", name))
        output = self._programs.quiet(command, place, allowed=None)
        refs: dict[str, str] = {}
        for line in output.strip().split("\n"):  # no other separator: a ref may contain those
            commit, _, ref = line.rstrip("\r").partition(" ")
            refs[ref] = commit
        branch = refs.get(f"refs/remotes/origin/{name}")
        return (branch, True) if branch else (refs.get(f"refs/tags/{name}"), False)

    def _has_commit(self, place: str, name: str) -> bool:
        words = ("git", "rev-parse", "-q", "--verify", f"{name}^{{commit}}")
        return self._programs.succeeds(VcsCommand(words), place)

    def _branch(self, place: str) -> str | None:
        command = VcsCommand(("git", "symbolic-ref", "-q", "HEAD"))
        ref = self._programs.quiet(command, place, allowed=(1,)).strip()
        return ref.removeprefix("refs/heads/") if ref.startswith("refs/heads/") else None

    def _parsed(self, place: str, name: str) -> str:
        return self._output(place, "rev-parse", name).strip()

    def _submodules(self, place: str, verbosity: int, modules: ObjectPool | None = None) -> None:
        if not Path(place, ".gitmodules").exists():
            return
        words = ("git", "submodule", "update", "--init", "--recursive")
        command = VcsCommand((*words, "-q") if verbosity <= 0 else words)
        lender = modules.lend() if modules is not None else None
        if lender is not None:
            command = VcsCommand(command.words, ("--reference", str(lender)), at=3)
        self._programs.loud(command, place)

    def _is_partial(self) -> bool:
        new_enough = self._version() >= (2, 17)
        forbidden = os.environ.get("PIP_NO_PARTIAL_CLONE_FOR_BROKEN_GIT_SERVER", "no").lower()
        return new_enough and forbidden not in _YES

    def _version(self) -> tuple[int, ...]:
        version_line = self._programs.quiet(VcsCommand(("git", "version")))
        match = _VERSION.match(version_line)
        if match is None:
            self._programs.report(GitVersionUnknown(version_line))
            return ()
        return int(match[1]), int(match[2])

    def _unseen(self, place: str, *words: str) -> str:
        return self._programs.unseen(VcsCommand(("git", *words)), place)


def _share(repository: Path, pool: ObjectPool, modules: ObjectPool, *, lasting: bool) -> None:
    """Add fetched objects to the cache; a permanent repository copies what it borrowed."""
    if not repository.is_dir():
        return
    below = submodules(repository)
    pool.fill([repository])
    modules.fill(below)
    if lasting:
        for one in (repository, *below):
            make_independent(one)


def _local(path: str) -> str:
    """Return the path of a ``file:`` URL in git's form, with slashes."""
    slashes = path[: len(path) - len(path.lstrip("/"))]
    if os.name == "nt":
        from urllib.request import url2pathname

        return slashes + url2pathname(path).replace("\\", "/").lstrip("/")
    return slashes + unquote(path).lstrip("/")
