"""Run commands of pipfast in a real environment, with wheels of a folder or of loopback indexes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import venv
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tests.kit.site import Reply, Site
from tests.kit.wheels import Built, canonical, sha256


@dataclass(frozen=True)
class Ended:
    """A command that has ended."""

    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[str]:
        return self.out.splitlines()

    @property
    def document(self) -> dict[str, object]:
        """The JSON document that was printed."""
        found = json.loads(self.out)
        assert isinstance(found, dict)
        return found


@dataclass(frozen=True)
class Workplace:
    """A folder with a virtual environment `env`, a store, and the wheels in `wheels`."""

    folder: Path
    variables: Mapping[str, str] = field(default_factory=dict)

    @property
    def env(self) -> Path:
        return self.folder / "env"

    @property
    def cache(self) -> Path:
        return self.folder / "cache"

    def offer(self, *files: Built) -> None:
        """Add files to the folder of wheels."""
        wheels = self.folder / "wheels"
        wheels.mkdir(exist_ok=True)
        for each in files:
            (wheels / each.filename).write_bytes(each.content)

    def make_env(self) -> None:
        """Create the environment, without pip."""
        venv.create(self.env, with_pip=False)

    def run(self, *words: str, program: str = "pipfast", **variables: str) -> Ended:
        """Run pipfast under the name `program`, for the environment if it exists."""
        target = ["--python", str(self.env)] if self.env.exists() else []
        start = f"import sys; from pipfast.main import run; sys.argv[0] = {program!r}; run()"
        done = subprocess.run(
            [sys.executable, "-c", start, *target, *words],
            cwd=self.folder,
            env={**self._environ(), **variables},
            capture_output=True,
            text=True,
            check=False,
        )
        return Ended(done.returncode, done.stdout, done.stderr)

    def _environ(self) -> dict[str, str]:
        return {
            "PATH": os.defpath,
            "HOME": str(self.folder),
            "PYTHONDONTWRITEBYTECODE": "1",
            "PIP_CONFIG_FILE": os.devnull,
            "PIP_CACHE_DIR": str(self.cache),
            "PIP_NO_INDEX": "1",
            "PIP_FIND_LINKS": str(self.folder / "wheels"),
            **self.variables,
        }


@dataclass(frozen=True)
class Shown:
    """A file on an index page, with what the page says about it."""

    file: Built
    yanked: str | bool = False
    uploaded: str = "2024-01-01T00:00:00Z"
    has_size: bool = False
    """Whether it states size and metadata file, so that the file is not needed to resolve."""


def add_index(site: Site, name: str, *files: Built | Shown) -> str:
    """Serve an index with `files` below ``/name/``; return its address."""
    rows: dict[str, list[dict[str, object]]] = {}
    for each in files:
        shown = each if isinstance(each, Shown) else Shown(each)
        file = shown.file
        row: dict[str, object] = {
            "filename": file.filename,
            "url": f"{site.base}/{name}/files/{file.filename}",
            "hashes": {"sha256": sha256(file.content)},
            "upload-time": shown.uploaded,
        }
        python = getattr(file, "python", None)
        if python:
            row["requires-python"] = python
        if shown.has_size:
            row["size"] = len(file.content)
            row["core-metadata"] = {"sha256": sha256(file.metadata)}
            site.pages[f"/{name}/files/{file.filename}.metadata"] = Reply(file.metadata)
        if shown.yanked:
            row["yanked"] = shown.yanked
        rows.setdefault(canonical(file.project), []).append(row)
        site.pages[f"/{name}/files/{file.filename}"] = Reply(file.content)
    for project, listed in rows.items():
        page = {"meta": {"api-version": "1.1"}, "name": project, "files": listed}
        site.pages[f"/{name}/{project}/"] = Reply(
            json.dumps(page).encode(),
            headers={
                "content-type": "application/vnd.pypi.simple.v1+json",
                "cache-control": "max-age=600",
            },
        )
    return f"{site.base}/{name}"
