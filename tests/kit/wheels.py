"""Wheels and sdists created on the fly; equal descriptions give equal bytes."""

from __future__ import annotations

import base64
import gzip
import hashlib
import io
import re
import tarfile
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import Any

EPOCH = (2020, 1, 1, 0, 0, 0)
STAMP = 1577836800


def nothing() -> MappingProxyType[str, Any]:
    """An empty immutable mapping."""
    return MappingProxyType({})


def sha256(content: bytes) -> str:
    """Return the digest of `content` in hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def escaped(name: str) -> str:
    """Return a project's name as in a wheel's file name."""
    return re.sub(r"[-_.]+", "_", name)


def canonical(name: str) -> str:
    """Return a project's normalised name (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def encoded(content: str | bytes) -> bytes:
    """Return text as UTF-8, bytes unchanged."""
    return content.encode() if isinstance(content, str) else content


def record_row(path: str, content: bytes) -> str:
    """Return a file's row of RECORD (PEP 376)."""
    digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
    quoted = f'"{path}"' if "," in path else path
    return f"{quoted},sha256={digest},{len(content)}\n"


@dataclass(frozen=True, kw_only=True, eq=False)
class Wheel:
    """A wheel; only properties that differ from the default are given.

    `files` are at the top of the archive; None gives one package with a `main` function. `data`
    is the content of the ``.data`` folder, with keys like ``scripts/run``. `info` adds files to
    the ``.dist-info`` folder or, with None, omits them. `lines` are further lines of METADATA.
    `metadata_name`, `metadata_version` and `info_name` contradict the file name. `record`
    replaces RECORD's text.
    """

    name: str
    version: str = "1.0"
    requires: tuple[str, ...] = ()
    extras: tuple[str, ...] = ()
    python: str | None = None
    tag: str = "py3-none-any"
    build: str = ""
    files: Mapping[str, str | bytes] | None = None
    data: Mapping[str, str | bytes] = field(default_factory=nothing)
    executable: frozenset[str] = frozenset()
    scripts: Mapping[str, str] = field(default_factory=nothing)
    gui_scripts: Mapping[str, str] = field(default_factory=nothing)
    info: Mapping[str, str | bytes | None] = field(default_factory=nothing)
    lines: tuple[str, ...] = ()
    metadata_name: str | None = None
    metadata_version: str | None = None
    info_name: str | None = None
    record: str | None = None
    purelib: bool = True
    compressed: bool = True

    @property
    def project(self) -> str:
        """The project's normalised name."""
        return canonical(self.name)

    @property
    def filename(self) -> str:
        """``name-version(-build)-tag.whl``."""
        build = f"-{self.build}" if self.build else ""
        return f"{escaped(self.name)}-{self.version}{build}-{self.tag}.whl"

    @property
    def folder(self) -> str:
        """The archive's ``.dist-info`` folder."""
        return self.info_name or f"{escaped(self.name)}-{self.version}.dist-info"

    @cached_property
    def metadata(self) -> bytes:
        """The METADATA file."""
        rows = [
            "Metadata-Version: 2.1",
            f"Name: {self.metadata_name or self.name}",
            f"Version: {self.metadata_version or self.version}",
            *([f"Requires-Python: {self.python}"] if self.python else []),
            *(f"Provides-Extra: {extra}" for extra in self.extras),
            *(f"Requires-Dist: {requirement}" for requirement in self.requires),
            *self.lines,
        ]
        return ("\n".join(rows) + "\n").encode()

    @cached_property
    def entry_points(self) -> str:
        """The entry_points.txt file, empty if there are no entry points."""
        groups = {"console_scripts": self.scripts, "gui_scripts": self.gui_scripts}
        return "\n".join(
            f"[{group}]\n" + "".join(f"{name} = {target}\n" for name, target in entries.items())
            for group, entries in groups.items()
            if entries
        )

    def _members(self) -> dict[str, bytes]:
        package = escaped(self.name).lower()
        default = {
            f"{package}/__init__.py": f"VERSION = {self.version!r}\n\n\n"
            f"def main() -> None:\n    print({self.name!r}, VERSION)\n"
        }
        members = {
            path: encoded(content)
            for path, content in (default if self.files is None else self.files).items()
        }
        root = self.folder.removesuffix(".dist-info")
        for path, content in self.data.items():
            members[f"{root}.data/{path}"] = encoded(content)
        return members | self._info()

    def _info(self) -> dict[str, bytes]:
        tags = "".join(
            f"Tag: {python}-{abi}-{platform}\n"
            for python in self.tag.split("-")[0].split(".")
            for abi in self.tag.split("-")[1].split(".")
            for platform in self.tag.split("-")[2].split(".")
        )
        standard: dict[str, str | bytes | None] = {
            "METADATA": self.metadata,
            "WHEEL": "Wheel-Version: 1.0\nGenerator: kit (1)\n"
            f"Root-Is-Purelib: {str(self.purelib).lower()}\n{tags}",
            "entry_points.txt": self.entry_points or None,
        }
        return {
            f"{self.folder}/{name}": encoded(content)
            for name, content in (standard | dict(self.info)).items()
            if content is not None and name != "RECORD"
        }

    @cached_property
    def content(self) -> bytes:
        """The archive."""
        members = self._members()
        if "RECORD" not in self.info or self.record is not None:
            path = f"{self.folder}/RECORD"
            rows = "".join(record_row(name, body) for name, body in members.items())
            text = f"{rows}{path},,\n" if self.record is None else self.record
            members[path] = text.encode()
        stream = io.BytesIO()
        method = zipfile.ZIP_DEFLATED if self.compressed else zipfile.ZIP_STORED
        with zipfile.ZipFile(stream, "w", method) as archive:
            for path, body in members.items():
                member = zipfile.ZipInfo(path, EPOCH)
                member.compress_type = method
                mode = 0o755 if path in self.executable else 0o644
                member.external_attr = (0o100000 | mode) << 16
                archive.writestr(member, body)
        return stream.getvalue()

    @cached_property
    def sha256(self) -> str:
        """The file's digest in hexadecimal."""
        return sha256(self.content)


@dataclass(frozen=True, kw_only=True, eq=False)
class Sdist:
    """An sdist with an in-tree backend and without build requirements.

    `built_version` is the version of the wheel that it builds, if different. `dynamic` leaves
    the metadata to the backend (Metadata-Version 2.1).
    """

    name: str
    version: str = "1.0"
    requires: tuple[str, ...] = ()
    python: str | None = None
    dynamic: bool = False
    built_version: str | None = None
    metadata_version: str | None = None
    build_requires: tuple[str, ...] = ()
    backend: str | None = None
    files: Mapping[str, str | bytes] = field(default_factory=nothing)

    @property
    def project(self) -> str:
        """The project's normalised name."""
        return canonical(self.name)

    @property
    def filename(self) -> str:
        """``name-version.tar.gz`` (PEP 625)."""
        return f"{escaped(self.name)}-{self.version}.tar.gz"

    @cached_property
    def wheel(self) -> Wheel:
        """The wheel that the backend builds."""
        version = self.built_version or self.metadata_version or self.version
        return Wheel(name=self.name, version=version, requires=self.requires, python=self.python)

    @cached_property
    def metadata(self) -> bytes:
        """The PKG-INFO file."""
        version = self.metadata_version or self.version
        wheel = Wheel(name=self.name, version=version, requires=self.requires, python=self.python)
        level = b"2.1" if self.dynamic else b"2.2"
        return wheel.metadata.replace(b"Metadata-Version: 2.1", b"Metadata-Version: " + level)

    def _backend(self) -> str:
        wheel = base64.b64encode(self.wheel.content).decode()
        return (
            "import base64, pathlib\n\n\n"
            "def build_wheel(directory, config_settings=None, metadata_directory=None):\n"
            f"    path = pathlib.Path(directory, {self.wheel.filename!r})\n"
            f"    path.write_bytes(base64.b64decode({wheel!r}))\n"
            "    return path.name\n"
        )

    @cached_property
    def content(self) -> bytes:
        """The archive."""
        requires = ", ".join(f'"{requirement}"' for requirement in self.build_requires)
        members = {
            "PKG-INFO": self.metadata,
            "pyproject.toml": f"[build-system]\nrequires = [{requires}]\n"
            'build-backend = "backend"\nbackend-path = ["."]\n',
            "backend.py": self.backend or self._backend(),
            **self.files,
        }
        stream = io.BytesIO()
        root = f"{escaped(self.name)}-{self.version}"
        with tarfile.open(fileobj=stream, mode="w", format=tarfile.PAX_FORMAT) as archive:
            for path, body in members.items():
                member = tarfile.TarInfo(f"{root}/{path}")
                member.size, member.mtime, member.mode = len(encoded(body)), STAMP, 0o644
                archive.addfile(member, io.BytesIO(encoded(body)))
        return gzip.compress(stream.getvalue(), mtime=STAMP)

    @cached_property
    def sha256(self) -> str:
        """The file's digest in hexadecimal."""
        return sha256(self.content)


@dataclass(frozen=True, kw_only=True, eq=False)
class Raw:
    """A file with any name and any bytes, including invalid ones."""

    filename: str
    project: str
    content: bytes
    metadata: bytes = b""

    @cached_property
    def sha256(self) -> str:
        """The file's digest in hexadecimal."""
        return sha256(self.content)


Built = Wheel | Sdist | Raw
"""A distribution's file as an index has it."""


def altered(wheel: Wheel, content: bytes) -> Raw:
    """Return a file with the wheel's name and metadata and other bytes."""
    return Raw(
        filename=wheel.filename,
        project=wheel.project,
        content=content,
        metadata=wheel.metadata,
    )


def wheel(name: str, version: str = "1.0", *requires: str, **what: Any) -> Wheel:
    """Return a wheel: ``wheel("demo", "1.0", "other>=2")``."""
    return Wheel(name=name, version=version, requires=requires, **what)
