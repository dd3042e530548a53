"""Source trees and what is made of them: source distributions, archives, folders.

Their backend is `tests/kit/backend.py`, in the tree itself or, as `BACKEND`, a wheel that an index
serves; what it does is said here and stands in the tree as ``kit.json``.
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
"""The hooks for an editable, in the order in which they are called."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Project:
    """A source tree, described by what is unusual about it.

    `needs` are the static build requirements; with one or more of them the backend is taken from
    an index (it has to be among them), with none it stands in the tree (``backend-path``). `told`
    are further keys of ``kit.json``. `named` and `versioned` are what the backend says, where that
    is not what the file is called. `static` is the level of the metadata in PKG-INFO, 2.1 for none
    that can be relied upon; `table` writes them into ``[project]``, too. `layout` is the folder of
    the package. `pyproject` replaces pyproject.toml, None leaves it out; `files` are further ones.
    """

    name: str
    version: str = "1.0"
    requires: tuple[str, ...] = ()
    extras: tuple[str, ...] = ()
    python: str | None = None
    needs: tuple[str, ...] = ()
    told: Mapping[str, Any] = field(default_factory=nothing)
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
        """The name of the folder in a source distribution (PEP 625)."""
        return f"{escaped(self.name)}-{self.version}"

    @property
    def wheel(self) -> Wheel:
        """A wheel with the metadata and entry points that the backend's will have."""
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
        told = {
            "name": built.name,
            "version": built.version,
            "metadata": built.metadata.decode(),
            "entry_points": built.entry_points,
            "package": self.package,
            "source": self.layout,
            **self.told,
        }
        return json.dumps(told, indent=1) + "\n"

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
        """The files of the project."""
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
        """The files of the project, in a folder."""
        return {f"{folder}/{path}": body for path, body in self.tree.items()}

    @property
    def released(self) -> dict[str, str | bytes]:
        """The files of a source distribution: PKG-INFO is there, too."""
        stated = self.wheel.metadata.replace(b"Version: 2.1", f"Version: {self.static}".encode(), 1)
        return {"PKG-INFO": stated, **self.tree}

    def archive(self, suffix: str, root: str | None = None) -> bytes:
        """An archive of a source distribution, its files under `root`."""
        return archive(suffix, members(self.released, self.stem if root is None else root))

    def sdist(self, suffix: str = ".tar.gz") -> Raw:
        """A source distribution as an index holds it."""
        return Raw(
            filename=f"{self.stem}{suffix}",
            project=canonical(self.name),
            content=self.archive(suffix),
        )


def project(name: str, version: str = "1.0", *requires: str, **what: Any) -> Project:
    """A source tree in one line: ``project("demo", "1.0", "other>=2")``."""
    return Project(name=name, version=version, requires=requires, **what)


def sdist(name: str, version: str = "1.0", *requires: str, **what: Any) -> Raw:
    """A source distribution in one line."""
    return project(name, version, *requires, **what).sdist()
