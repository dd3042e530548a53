"""Messages about building wheels."""

from __future__ import annotations

from pathlib import Path

from pipfast.model.events import Level, Message
from pipfast.model.frozen_dataclass import dataclass, field


@dataclass(frozen=True, slots=True)
class WheelDestination(Message):
    """A wheel is about to be built into `folder`."""

    folder: Path
    level: Level = field(default=Level.DEBUG, kw_only=True)
    depth: int = field(default=1, kw_only=True)


@dataclass(frozen=True, slots=True)
class WheelCreated(Message):
    """The backend built the wheel `filename` of `size` bytes."""

    name: str
    filename: str
    size: int
    sha256: str
    depth: int = field(default=1, kw_only=True)


@dataclass(frozen=True, slots=True)
class WheelStored(Message):
    """A wheel was stored in `folder`."""

    folder: Path
    depth: int = field(default=1, kw_only=True)


@dataclass(frozen=True, slots=True)
class BuiltWheelInvalid(Message):
    """A wheel that was built is invalid. `kind` is ``wheel`` or ``editable``."""

    kind: str
    name: str
    fault: str
    level: Level = field(default=Level.WARNING, kw_only=True)
    depth: int = field(default=1, kw_only=True)


@dataclass(frozen=True, slots=True)
class WheelBuildFailed(Message):
    """A wheel could not be built. `kind` is ``wheel`` or ``editable``."""

    kind: str
    name: str
    level: Level = field(default=Level.ERROR, kw_only=True)
    depth: int = field(default=1, kw_only=True)


@dataclass(frozen=True, slots=True)
class EditableHookMissing(Message):
    """The backend does not have the hook `hook`, which an editable wheel needs."""

    name: str
    hook: str
    level: Level = field(default=Level.ERROR, kw_only=True)
    depth: int = field(default=1, kw_only=True)


@dataclass(frozen=True, slots=True)
class NoWheelReturned(Message):
    """The backend returned no file name, or one that does not exist."""

    filename: str | None
    level: Level = field(default=Level.ERROR, kw_only=True)
    depth: int = field(default=1, kw_only=True)


@dataclass(frozen=True, slots=True)
class BuildRequirementsUndeclared(Message):
    """The pyproject.toml of a source, described by `source`, declares no build requirements."""

    source: str
    level: Level = field(default=Level.WARNING, kw_only=True)
    depth: int = field(default=1, kw_only=True)


@dataclass(frozen=True, slots=True)
class FallbackBackendMissing(Message):
    """setuptools, the backend of projects without one, lacks `requirements`."""

    requirements: tuple[str, ...]
    level: Level = field(default=Level.WARNING, kw_only=True)
    depth: int = field(default=1, kw_only=True)


@dataclass(frozen=True, slots=True)
class OtherProjectFound(Message):
    """The metadata of a source is that of project `found`, not of the requested `name`."""

    name: str
    found: str
    level: Level = field(default=Level.WARNING, kw_only=True)
    depth: int = field(default=1, kw_only=True)


@dataclass(frozen=True, slots=True)
class SoftwareMissing(Message):
    """Base class: a build of `project` failed because the machine lacks some software."""

    project: str
    level: Level = field(default=Level.ERROR, kw_only=True)
    depth: int = field(default=1, kw_only=True)
    of_program: bool = field(default=True, kw_only=True)


@dataclass(frozen=True, slots=True)
class CudaMissing(SoftwareMissing):
    """The build did not find the CUDA toolkit.

    `nvcc` and `toolkit` are what was found on PATH and in the usual places, `wheels` the CUDA
    distributions of the target as ``name version``, `cuda_home` the value of that variable.
    """

    nvcc: str | None = field(kw_only=True)
    toolkit: str | None = field(kw_only=True)
    wheels: tuple[str, ...] = field(kw_only=True)
    cuda_home: str | None = field(kw_only=True)


@dataclass(frozen=True, slots=True)
class RustMissing(SoftwareMissing):
    """The build did not find the Rust toolchain, or not a suitable one.

    `programs` are names and paths of those on PATH, `folder` is one with cargo outside PATH.
    """

    programs: tuple[tuple[str, str], ...] = field(kw_only=True)
    folder: str | None = field(kw_only=True)


@dataclass(frozen=True, slots=True)
class HeaderMissing(SoftwareMissing):
    """The build did not find `header`, which is in `folder`, or nowhere (None).

    `pythons_headers` is where the target Python's headers should be, None if the header is not
    one of these. `packages` are those of Debian and Fedora that contain it, None if unknown.
    """

    header: str = field(kw_only=True)
    folder: str | None = field(kw_only=True)
    pythons_headers: str | None = field(kw_only=True)
    packages: tuple[str, str, str] | None = field(kw_only=True)


@dataclass(frozen=True, slots=True)
class CompilerMissing(SoftwareMissing):
    """The build did not find a compiler, called `command` if that is known.

    `compilers` are paths of those on PATH, where the names `searched` were looked for; `platform`
    is `sys.platform`.
    """

    command: str | None = field(kw_only=True)
    compilers: tuple[str, ...] = field(kw_only=True)
    searched: tuple[str, ...] = field(kw_only=True)
    platform: str = field(kw_only=True)
