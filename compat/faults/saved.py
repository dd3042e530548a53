"""Save the folders of a sandbox, restore only what a run has changed, and describe them.

Copying everything for each trial would take longer than the run.
"""

from __future__ import annotations

import hashlib
import os
import re
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

Tree = dict[str, str]
"""By path: the mode and the digest of the content, or the target of a link."""

_KEPT = 50_000
_CONTENTS: dict[tuple[int, int, int, int], bytes] = {}
"""The content of files, by inode, size and times, so that each is read once."""

_LONG_NUMBER = re.compile(rb"\d{6,}(\.\d+)?")


@dataclass(frozen=True, slots=True)
class Entry:
    """What the system says about a path. `moment` and `changed` are in nanoseconds."""

    mode: int
    inode: int
    links: int
    size: int
    moment: int
    changed: int

    @property
    def is_folder(self) -> bool:
        """Whether it is a folder."""
        return stat.S_ISDIR(self.mode)

    @property
    def is_link(self) -> bool:
        """Whether it is a symbolic link."""
        return stat.S_ISLNK(self.mode)


Entries = dict[str, Entry]


def entries(folder: str, prefix: str = "") -> Entries:
    """Return everything below a folder, by path with `prefix`; parents come first."""
    return dict(_walk(folder, prefix))


def _walk(folder: str, prefix: str) -> Iterator[tuple[str, Entry]]:
    with os.scandir(folder) as found:
        for each in sorted(found, key=lambda each: each.name):
            path = f"{prefix}/{each.name}"
            facts = each.stat(follow_symlinks=False)
            entry = Entry(
                facts.st_mode,
                facts.st_ino,
                facts.st_nlink,
                facts.st_size,
                facts.st_mtime_ns,
                facts.st_ctime_ns,
            )
            yield path, entry
            if entry.is_folder:
                yield from _walk(each.path, path)


def content(path: str, entry: Entry) -> bytes:
    """Return the content of a file or the target of a link."""
    key = (entry.inode, entry.size, entry.moment, entry.changed)
    found = _CONTENTS.get(key)
    if found is None:
        if len(_CONTENTS) > _KEPT:
            _CONTENTS.clear()
        found = os.fsencode(os.readlink(path)) if entry.is_link else Path(path).read_bytes()
        _CONTENTS[key] = found
    return found


def tree(folder: str | Path, prefix: str = "") -> Tree:
    """Return what a folder contains."""
    return described(str(folder), entries(str(folder)), prefix)


def described(folder: str, found: Entries, prefix: str = "") -> Tree:
    """Return what a folder with these entries contains."""
    return {prefix + path: _description(folder, path, found) for path in found}


def _description(folder: str, path: str, found: Entries) -> str:
    entry = found[path]
    if entry.is_folder:
        return f"{entry.mode:o}"
    data = content(folder + path, entry)
    if entry.is_link:
        return f"-> {os.fsdecode(data)}"
    if path.endswith(".pyc"):
        data = _without_time(path, data, found)
    return f"{entry.mode:o} {hashlib.sha256(data).hexdigest()}"


def _without_time(path: str, data: bytes, found: Entries) -> bytes:
    """Return bytecode with ``same`` or ``else`` in place of the time of its source.

    The word says whether the time is right. A wheel that is unpacked again has another time.
    """
    folder, name = os.path.split(path)
    source = found.get(f"{os.path.dirname(folder)}/{name.partition('.')[0]}.py")
    if source is None:
        return data
    is_right = int.from_bytes(data[8:12], "little") == source.moment // 1_000_000_000
    return data[:8] + (b"same" if is_right else b"else") + data[12:]


@dataclass(slots=True)
class Saved:
    """A saved state of the folders `areas` below `root`.

    `inodes` are the files that are known to be as they were saved.
    """

    root: str
    before: Entries
    contents: dict[str, bytes]
    inodes: dict[str, int] = field(default_factory=dict)

    @classmethod
    def of(cls, root: Path, areas: Iterable[str]) -> Saved:
        """Save the present state."""
        place = str(root)
        before = {}
        for area in areas:
            before.update(_area(place, area))
        files = {path: each for path, each in before.items() if not each.is_folder}
        contents = {path: content(place + path, each) for path, each in files.items()}
        return cls(place, before, contents, {path: each.inode for path, each in files.items()})

    def restore(self, areas: Iterable[str]) -> None:
        """Restore the folders `areas`."""
        for area in areas:
            now = _area(self.root, area)
            before = {path: each for path, each in self.before.items() if _is_in(path, area)}
            stays = {path for path in now if path in before and self._is_intact(path, now[path])}
            for path in reversed(now):
                if path not in stays:
                    _remove(self.root + path, now[path])
            copies = {before[path].inode: path for path in stays}
            for path, each in before.items():
                if path not in stays:
                    self._make(path, each, copies)
            self._date(before)

    def _is_intact(self, path: str, now: Entry) -> bool:
        before = self.before[path]
        if before.is_folder or now.is_folder:
            return before.is_folder and now.is_folder
        return (
            (now.mode, now.size, now.moment) == (before.mode, before.size, before.moment)
            and now.inode == self.inodes[path]
            and content(self.root + path, now) == self.contents[path]
        )

    def _make(self, path: str, each: Entry, copies: dict[int, str]) -> None:
        """Make a folder or file; `copies` are files that are there, by the saved inode."""
        place = self.root + path
        if each.is_folder:
            os.mkdir(place)
            return
        if each.inode in copies:
            os.link(self.root + copies[each.inode], place, follow_symlinks=False)
        elif each.is_link:
            os.symlink(self.contents[path], place)
        else:
            handle = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            os.write(handle, self.contents[path])
            os.fchmod(handle, stat.S_IMODE(each.mode))
            os.utime(handle, ns=(each.moment, each.moment))
            os.close(handle)
        copies[each.inode] = path
        self.inodes[path] = os.lstat(place).st_ino

    def _date(self, before: Entries) -> None:
        """Restore the modes and times of folders."""
        for path in reversed(before):
            each = before[path]
            if not each.is_folder:
                continue
            place = self.root + path
            facts = os.stat(place)
            if facts.st_mode != each.mode:
                os.chmod(place, stat.S_IMODE(each.mode))
            if facts.st_mtime_ns != each.moment:
                os.utime(place, ns=(each.moment, each.moment))


def _area(root: str, area: str) -> Entries:
    place = f"{root}/{area}"
    os.makedirs(place, exist_ok=True)
    facts = os.stat(place)
    top = Entry(facts.st_mode, facts.st_ino, 1, 0, facts.st_mtime_ns, facts.st_ctime_ns)
    return {f"/{area}": top, **entries(place, f"/{area}")}


def _is_in(path: str, area: str) -> bool:
    return path == f"/{area}" or path.startswith(f"/{area}/")


def _remove(path: str, entry: Entry) -> None:
    if entry.is_folder:
        os.rmdir(path)
    else:
        os.unlink(path)


def condition(root: Path, areas: Iterable[str], changing: re.Pattern[str]) -> str:
    """Return a digest of folders, which is the same if commands find the same there.

    Left out are times, the keys of signatures if nothing is signed, and what matches `changing` in
    paths: parts of names that are different in each run.
    """
    found: Tree = {}
    for area in areas:
        now = _area(str(root), area)
        found.update(described(str(root), now))
        for path, each in now.items():
            if not each.is_folder and "/v1/" in path:
                found[path] = _without_times(path, each, content(f"{root}{path}", each))
    if not any("/.pipfast-transaction" in path for path in found):
        found = {path: "" if path.endswith(".key") else each for path, each in found.items()}
    lines = sorted(f"{changing.sub('#', path)} {each}" for path, each in found.items())
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def _without_times(path: str, entry: Entry, data: bytes) -> str:
    """Return the description of a file of the store, some of which contain times.

    Those of wheels that were built contain the times of their files and digests of these.
    """
    if "/traces/" in path:
        data = _LONG_NUMBER.sub(b"#", data)
    elif "/pyc/" in path and not path.endswith("/done"):
        data = data[:8] + data[12:]
    elif path.endswith(("/manifest", "/done")):
        data = b"%d" % len(data)
    return f"{entry.mode:o} {entry.links > 1} {hashlib.sha256(data).hexdigest()}"
