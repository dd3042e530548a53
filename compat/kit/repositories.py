"""Git repositories created on the fly, with the same commits in every run."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tests.kit.wheels import STAMP, encoded, nothing

AUTHOR = "Kit <kit@example.org>"
ENVIRON = {"PATH": os.defpath, "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": os.devnull}


@dataclass(frozen=True, kw_only=True, eq=False)
class Commit:
    """A commit; `files` is its complete content.

    `branch` is the branch it is added to, after the branch's last commit or after the commit of
    the tag `after`. `tags` and `refs` name it; `noted` are annotated tags. `modules` are
    submodules: the path of each, and the repository whose first branch it points at.
    """

    files: Mapping[str, str | bytes]
    branch: str = "main"
    after: str | None = None
    tags: tuple[str, ...] = ()
    noted: tuple[str, ...] = ()
    refs: tuple[str, ...] = ()
    modules: Mapping[str, Repository] = field(default_factory=nothing)


@dataclass(frozen=True, kw_only=True, eq=False)
class Repository:
    """A bare repository; HEAD is the branch of the first commit."""

    name: str
    commits: tuple[Commit, ...]
    partial: bool = True
    """Whether it serves partial clones."""

    def make(self, folder: Path) -> Path:
        """Create the repository in `folder`, after the repositories of its submodules."""
        bare = folder / f"{self.name}.git"
        if bare.exists():
            return bare
        for commit in self.commits:
            for other in commit.modules.values():
                other.make(folder)
        git(folder, "init", "-q", "--bare", "-b", self.commits[0].branch, str(bare))
        if self.partial:
            git(bare, "config", "uploadpack.allowFilter", "true")
        git(bare, "config", "uploadpack.allowAnySHA1InWant", "true")
        git(bare, "fast-import", "--quiet", typed=self._stream(folder))
        return bare

    def names(self, bare: Path) -> dict[str, str]:
        """Return the commit of each branch and tag, and, by number, each commit of HEAD."""
        found = {}
        for line in git(bare, "for-each-ref", "--format=%(refname:short) %(objectname)").split(
            "\n"
        ):
            name, _, _ = line.partition(" ")
            if name:
                found[name] = git(bare, "rev-parse", f"{name}^{{commit}}").strip()
        for number, commit in enumerate(git(bare, "rev-list", "--reverse", "HEAD").split()):
            found[str(number)] = commit
        return found

    def _stream(self, folder: Path) -> bytes:
        parts: list[bytes] = []
        for number, commit in enumerate(self.commits, start=1):
            parts += self._commit(folder, number, commit)
        return b"".join(parts)

    def _commit(self, folder: Path, number: int, commit: Commit) -> list[bytes]:
        who = f"{AUTHOR} {STAMP + number} +0000\n"
        parts = [f"commit refs/heads/{commit.branch}\nmark :{number}\n".encode()]
        parts += [f"author {who}committer {who}".encode(), _data(f"Commit {number}\n")]
        if commit.after:
            parts.append(f"from refs/tags/{commit.after}\n".encode())
        parts.append(b"deleteall\n")
        modules = ""
        for path, other in commit.modules.items():
            bare = folder / f"{other.name}.git"
            modules += f'[submodule "{path}"]\n\tpath = {path}\n\turl = file://{bare}\n'
            at = git(bare, "rev-parse", "HEAD").strip()
            parts.append(f"M 160000 {at} {path}\n".encode())
        files = {**commit.files, **({".gitmodules": modules} if modules else {})}
        for path, body in files.items():
            parts += [f"M 100644 inline {path}\n".encode(), _data(body)]
        for name in (*(f"refs/tags/{tag}" for tag in commit.tags), *commit.refs):
            parts.append(f"reset {name}\nfrom :{number}\n\n".encode())
        for tag in commit.noted:
            parts.append(f"tag {tag}\nfrom :{number}\ntagger {who}".encode())
            parts.append(_data(f"{tag}\n"))
        return parts


def _data(body: str | bytes) -> bytes:
    return f"data {len(encoded(body))}\n".encode() + encoded(body) + b"\n"


def static_files(bare: Path) -> dict[str, bytes]:
    """Return the files of a bare repository by URL path, as any web server can serve them.

    git reads them without a program on the server.
    """
    git(bare, "update-server-info")
    files = {
        f"/{path.relative_to(bare.parent).as_posix()}": path.read_bytes()
        for path in bare.rglob("*")
        if path.is_file()
    }
    refs = f"/{bare.name}/info/refs"
    return {**files, f"{refs}?service=git-upload-pack": files[refs]}


def git(folder: Path, *argv: str, typed: bytes = b"") -> str:
    """Return git's output, run in `folder` without any user's configuration."""
    done = subprocess.run(
        ["git", *argv], cwd=folder, env=ENVIRON, input=typed, capture_output=True, check=True
    )
    return done.stdout.decode()


def state(checkout: Path) -> str:
    """Return a checkout's commit, branch and remote: what users see of its ``.git``."""
    commands = {
        "commit": ("rev-parse", "HEAD"),
        "branch": ("rev-parse", "--abbrev-ref", "HEAD"),
        "remote": ("config", "--get", "remote.origin.url"),
        "changes": ("status", "--porcelain", "--ignored"),
        "branches": ("for-each-ref", "--format=%(refname)"),
    }
    return "".join(f"{name}: {git(checkout, *argv).strip()}\n" for name, argv in commands.items())
