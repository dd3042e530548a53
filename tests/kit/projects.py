"""Source trees, sdists and archives.

Their backend is `tests/kit/backend.py`, in the tree itself or, as `BACKEND`, a wheel from an
index. Its behaviour is specified here and written to the tree as ``kit.json``.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.kit.archives import archive, members
from tests.kit.wheels import Raw, Wheel, canonical, escaped, nothing, wheel

SOURCE = Path(__file__).with_name("backend.py").read_text(encoding="utf-8")

BACKEND: Wheel = wheel("kit-backend", files={"kit_backend.py": SOURCE})
"""The backend as a build requirement."""

BUILT: tuple[str, ...] = ("get_requires_for_build_wheel", "prepare_metadata_for_build_wheel",
                          "build_wheel")  # fmt: skip
"""The hooks for a wheel, in the order in which they are called."""

EDITED: tuple[str, ...] = ("get_requires_for_build_editable",
                           "prepare_metadata_for_build_editable", "build_editable")  # fmt: skip
"""The hooks for an editable install, in the order in which they are called."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Project:
    """A source tree; only properties that differ from the default are given.

    `needs` are the static build requirements. If there are any, the backend is one of them and
    comes from an index; otherwise it is in the tree (``backend-path``). `backend` are further keys
    of ``kit.json``. `named` and `versioned` are the name and version that the backend reports,
    if different from the file name. `static` is the version of PKG-INFO, 2.1 for metadata that
    is not static; `table` writes the metadata to ``[project]`` as well. `layout` is the folder
    of the package. `pyproject` replaces pyproject.toml, None omits it; `files` are additional
    files.
    """

    name: str
    version: str = "1.0"
    requires: tuple[str, ...] = ()
    extras: tuple[str, ...] = ()
    python: str | None = None
    needs: tuple[str, ...] = ()
    backend: Mapping[str, Any] = field(default_factory=nothing)
    scripts: Mapping[str, str] = field(default_factory=nothing)
    named: str | None = None
    versioned: str | None = None
    static: str = "2.1"
    table: bool = False
    layout: str = "."
    pyproject: str | None = ""
    files: Mapping[str, str | bytes] = field(default_factory=nothing)

    @property
    def package(self) -> str:
        """The package in the tree."""
        return escaped(self.name).lower()

    @property
    def stem(self) -> str:
        """The name of the folder in an sdist (PEP 625)."""
        return f"{escaped(self.name)}-{self.version}"

    @property
    def wheel(self) -> Wheel:
        """Return a wheel with the metadata and entry points that the backend will write."""
        return Wheel(
            name=self.named or self.name,
            version=self.versioned or self.version,
            requires=self.requires,
            extras=self.extras,
            python=self.python,
            scripts=self.scripts,
        )

    def _kit(self) -> str:
        built = self.wheel
        settings = {
            "name": built.name,
            "version": built.version,
            "metadata": built.metadata.decode(),
            "entry_points": built.entry_points,
            "package": self.package,
            "source": self.layout,
            **self.backend,
        }
        return json.dumps(settings, indent=1) + "\n"

    def _pyproject(self) -> str:
        path = "" if self.needs else 'backend-path = ["backend"]\n'
        system = (
            f'[build-system]\nrequires = {json.dumps(self.needs)}\nbuild-backend = "kit_backend"\n'
        )
        return f"{system}{path}{self._table() if self.table else ''}"

    def _table(self) -> str:
        rows = [
            "\n[project]",
            f"name = {json.dumps(self.name)}",
            f"version = {json.dumps(self.version)}",
            f"dependencies = {json.dumps(self.requires)}",
            *([f"requires-python = {json.dumps(self.python)}"] if self.python else []),
        ]
        return "\n".join(rows) + "\n"

    @property
    def tree(self) -> dict[str, str | bytes]:
        """Return the project's files."""
        text = self._pyproject() if self.pyproject == "" else self.pyproject
        layout = "" if self.layout == "." else f"{self.layout}/"
        return {
            **({} if text is None else {"pyproject.toml": text}),
            "kit.json": self._kit(),
            **({} if self.needs else {"backend/kit_backend.py": SOURCE}),
            f"{layout}{self.package}/__init__.py": f"VERSION = {self.version!r}\n\n\n"
            f"def main() -> None:\n    print({self.name!r}, VERSION)\n",
            **self.files,
        }

    def under(self, folder: str) -> dict[str, str | bytes]:
        """Return the project's files in a folder."""
        return {f"{folder}/{path}": body for path, body in self.tree.items()}

    @property
    def released(self) -> dict[str, str | bytes]:
        """Return an sdist's files, including PKG-INFO."""
        stated = self.wheel.metadata.replace(b"Version: 2.1", f"Version: {self.static}".encode(), 1)
        return {"PKG-INFO": stated, **self.tree}

    def archive(self, suffix: str, root: str | None = None) -> bytes:
        """Return an archive of an sdist, with its files below `root`."""
        return archive(suffix, members(self.released, self.stem if root is None else root))

    def sdist(self, suffix: str = ".tar.gz") -> Raw:
        """Return an sdist as a file of an index."""
        return Raw(
            filename=f"{self.stem}{suffix}",
            project=canonical(self.name),
            content=self.archive(suffix),
        )


def project(name: str, version: str = "1.0", *requires: str, **what: Any) -> Project:
    """Return a source tree: ``project("demo", "1.0", "other>=2")``."""
    return Project(name=name, version=version, requires=requires, **what)


def sdist(name: str, version: str = "1.0", *requires: str, **what: Any) -> Raw:
    """Return an sdist."""
    return project(name, version, *requires, **what).sdist()


def written(folder: Path, files: Mapping[str, str | bytes]) -> Path:
    """A folder with `files` in it."""
    for path, body in files.items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(body if isinstance(body, bytes) else body.encode())
    return folder
