"""Cache git objects, so that later clones need not fetch them."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from pipfast.store.filesystem.in_use import hold
from pipfast.store.filesystem.owned_names import sweep, unused_name
from pipfast.store.filesystem.private_files import private_file, private_folder
from pipfast.store.filesystem.rmtree import discard_trees

_CROWDED = 50
"""The number of packs in a pool after which they are combined."""

_SUFFIXES = (".pack", ".rev", ".promisor", ".bitmap", ".mtimes")
"""Files that may accompany a pack's index, which is linked last: git then uses the pack."""

_CONFIG = """[core]
	repositoryformatversion = 1
	bare = true
[gc]
	autoDetach = false
	autoPackLimit = 50
"""

_PARTIAL = """[extensions]
	partialClone = origin
[remote "origin"]
	promisor = true
	partialclonefilter = blob:none
"""


class ObjectPool:
    """A bare repository that lends its objects (git's ``--reference``).

    Servers are told that its refs exist locally; they never determine where a branch is, which
    the server reports each time. Safe for many processes, because a pack is named after its
    content and linked atomically.
    """

    def __init__(self, folder: Path, *, partial: bool) -> None:
        self.folder = folder
        self._partial = partial

    @property
    def exists(self) -> bool:
        """Return whether it contains anything."""
        return (self.folder / "packed-refs").is_file()

    def lend(self) -> Path | None:
        """Return the repository to borrow from, None if empty; a damaged one is removed.

        git would try to fetch what is damaged, which reads it again without end.
        """
        hold(str(self.folder))
        if not self.exists:
            return None
        if all(_is_sound(index) for index in self._packs.glob("*.idx")):
            return self.folder
        self.forget()
        return None

    @property
    def _packs(self) -> Path:
        return self.folder / "objects" / "pack"

    @property
    def crowded(self) -> bool:
        """Return whether its packs should be combined."""
        return len(list(self._packs.glob("*.idx"))) > _CROWDED

    def fill(self, repositories: list[Path]) -> None:
        """Add the packs of these repositories, and replace the refs with theirs."""
        refs = [line for number, one in enumerate(repositories) for line in _refs(one, number)]
        if not refs:
            return
        with suppress(OSError):  # a cache that cannot be written only slows the next run down
            self._make()
            for one in repositories:
                _give(one / "objects" / "pack", self._packs)
            _write(self.folder / "packed-refs", "".join(refs))

    def _make(self) -> None:
        private_folder(str(self._packs))
        private_folder(str(self.folder / "refs"))
        if not (self.folder / "config").exists():
            _write(self.folder / "config", _CONFIG + (_PARTIAL if self._partial else ""))
        if not (self.folder / "HEAD").exists():
            _write(self.folder / "HEAD", "ref: refs/heads/main\n")

    def note(self, text: str) -> None:
        """Record a message of git about the server."""
        with suppress(OSError):
            self._make()
            _write(self.folder / "said", text)

    def noted(self, text: str) -> bool:
        """Return whether git printed that."""
        try:
            return (self.folder / "said").read_text("utf-8") == text
        except OSError:
            return False

    def forget(self) -> None:
        """Remove it, because it is damaged."""
        aside = _unused(self.folder)
        with suppress(OSError):
            self.folder.rename(aside)
        discard_trees(str(aside))


class GitObjectCache:
    """The pools of a cache, by the repository's URL without credentials."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def pool(self, url: str, *, partial: bool) -> ObjectPool:
        """Return the repository's pool; partial clones have a separate one."""
        return ObjectPool(self._of(url) / ("partial" if partial else "whole"), partial=partial)

    def modules(self, url: str) -> ObjectPool:
        """Return the pool of its submodules, which are always complete."""
        return ObjectPool(self._of(url) / "modules", partial=False)

    def pools(self, url: str) -> tuple[ObjectPool, ...]:
        """Return all pools of a repository."""
        return (self.pool(url, partial=True), self.pool(url, partial=False), self.modules(url))

    def _of(self, url: str) -> Path:
        scheme, netloc, path, query, _ = urlsplit(url)
        host = netloc.rpartition("@")[2] if scheme in ("http", "https") else netloc
        bare = urlunsplit((scheme, host, path.rstrip("/").removesuffix(".git"), query, ""))
        return self._folder / hashlib.sha256(bare.encode()).hexdigest()[:32]


def make_independent(repository: Path) -> None:
    """Copy borrowed packs into a repository, as links if possible."""
    borrowed = repository / "objects" / "info" / "alternates"
    try:
        lenders = borrowed.read_text("utf-8").splitlines()
    except OSError:
        return
    for lender in lenders:
        _give(Path(lender, "pack"), repository / "objects" / "pack")
    borrowed.unlink()


def submodules(repository: Path) -> list[Path]:
    """Yield the repositories of its submodules, recursively."""
    found: list[Path] = []
    for folder, below, files in os.walk(repository / "modules"):
        if "HEAD" in files and "objects" in below:
            found.append(Path(folder))
            below[:] = ["modules"] if "modules" in below else []
    return found


def _refs(repository: Path, number: int) -> Iterator[str]:
    """Return lines for a packed-refs file with names that are unique per repository."""
    try:
        lines = (repository / "packed-refs").read_text("utf-8").splitlines()
        foreign = "objectformat" in (repository / "config").read_text("utf-8").lower()
    except (OSError, UnicodeDecodeError):
        return
    if foreign:  # SHA-256: git only lends between repositories of the same hash
        return
    for line in lines:
        commit, space, name = line.partition(" ")
        if space and name.startswith("refs/"):
            yield f"{commit} refs/{number}/{name.removeprefix('refs/')}\n"


def _give(source: Path, target: Path) -> None:
    """Link the packs of one folder into another; OSError if the disk is full."""
    for index in sorted(source.glob("*.idx")):
        if (target / index.name).exists():
            continue
        for suffix in (*_SUFFIXES, ".idx"):
            file = index.with_suffix(suffix)
            if file.exists():
                _link(file, target / file.name)


def _is_sound(index: Path) -> bool:
    """Return whether a pack is complete: it and its index end with its digest."""
    try:
        with index.open("rb") as file:
            file.seek(-40, os.SEEK_END)
            expected = file.read(20)
        with index.with_suffix(".pack").open("rb") as file:
            file.seek(-20, os.SEEK_END)
            return file.read() == expected
    except OSError:
        return False


def _link(file: Path, target: Path) -> None:
    try:
        os.link(file, target)
    except FileExistsError:
        return
    except OSError:
        aside = _unused(target)
        shutil.copyfile(file, aside)
        aside.replace(target)


def _write(path: Path, text: str) -> None:
    aside = _unused(path)
    with open(aside, "x", encoding="utf-8", newline="\n", opener=private_file) as file:
        file.write(text)
    aside.replace(path)


def _unused(path: Path) -> Path:
    """Return an unused path beside `path`; what killed runs left there is removed."""
    sweep(str(path.parent))
    return path.with_name(unused_name(f".{path.name}"))
