"""Texts of messages about building wheels: pip's, and pipfast's hints on missing software."""

from __future__ import annotations

import re
from collections.abc import Iterator

from pipfast.builds.events import (
    BuildRequirementsUndeclared,
    BuiltWheelInvalid,
    CompilerMissing,
    CudaMissing,
    EditableHookMissing,
    FallbackBackendMissing,
    HeaderMissing,
    NoWheelReturned,
    OtherProjectFound,
    RustMissing,
    WheelBuildFailed,
    WheelCreated,
    WheelDestination,
    WheelStored,
)
from pipfast.report.render import renders


@renders(WheelDestination)
def _wheel_destination(message: WheelDestination) -> str:
    return f"Destination directory: {message.folder}"


@renders(WheelCreated)
def _wheel_created(message: WheelCreated) -> str:
    return (
        f"Created wheel for {message.name}: filename={message.filename} size={message.size} "
        f"sha256={message.sha256}"
    )


@renders(WheelStored)
def _wheel_stored(message: WheelStored) -> str:
    return f"Stored in directory: {message.folder}"


@renders(BuiltWheelInvalid)
def _built_wheel_invalid(message: BuiltWheelInvalid) -> str:
    return f"Built {message.kind} for {message.name} is invalid: {message.fault}"


@renders(WheelBuildFailed)
def _wheel_build_failed(message: WheelBuildFailed) -> str:
    return f"Failed building {message.kind} for {message.name}"


@renders(EditableHookMissing)
def _editable_hook_missing(message: EditableHookMissing) -> str:
    return (
        f"Cannot build editable {message.name} because the build backend does not have the "
        f"{message.hook} hook"
    )


@renders(NoWheelReturned)
def _no_wheel_returned(message: NoWheelReturned) -> str:
    return f"The build backend returned no wheel {message.filename or ''}".rstrip()


@renders(BuildRequirementsUndeclared)
def _build_requirements_undeclared(message: BuildRequirementsUndeclared) -> str:
    return f"Missing build requirements in pyproject.toml for {message.source}."


@renders(FallbackBackendMissing)
def _fallback_backend_missing(message: FallbackBackendMissing) -> str:
    listed = " and ".join(map(repr, message.requirements))
    return (
        "The project does not specify a build backend, and pip cannot fall back to "
        f"setuptools without {listed}."
    )


@renders(OtherProjectFound)
def _other_project_found(message: OtherProjectFound) -> str:
    name = message.name
    return (
        f"Generating metadata for package {name} produced metadata for project name "
        f"{message.found}. Fix your #egg={name} fragments."
    )


def _hint(lines: Iterator[str]) -> str:
    return "hint: " + "\n      ".join(lines)


@renders(CudaMissing)
def _cuda_missing(message: CudaMissing) -> str:
    return _hint(_about_cuda(message))


def _about_cuda(message: CudaMissing) -> Iterator[str]:
    found = [
        f"nvcc at {message.nvcc}" if message.nvcc else "no nvcc on PATH",
        f"a toolkit in {message.toolkit}" if message.toolkit else "no toolkit in the usual places",
        f"the wheels {', '.join(message.wheels)}" if message.wheels else "no CUDA wheels",
    ]
    if message.cuda_home:
        found.append(f"CUDA_HOME is {message.cuda_home}")
    yield "the build looked for the CUDA toolkit (CUDA_HOME, nvcc, its headers)."
    yield f"On this machine: {'; '.join(found)}."
    if message.toolkit:
        yield from _setting(message.project, f"CUDA_HOME={message.toolkit}")
    else:
        yield "Install the toolkit of the CUDA version that the project needs, then set:"
        yield from _setting(message.project, "CUDA_HOME=/path/to/cuda")


@renders(RustMissing)
def _rust_missing(message: RustMissing) -> str:
    return _hint(_about_rust(message))


def _about_rust(message: RustMissing) -> Iterator[str]:
    yield "the build looked for the Rust toolchain (cargo, rustc)."
    if message.programs:
        found = "; ".join(f"{name} at {path}" for name, path in message.programs)
        yield f"On this machine: {found}; they may be too old, or lack the target."
        yield "Update them (rustup update), or name others:"
        yield from _setting(message.project, "CARGO=/path/to/cargo")
    elif message.folder:
        yield f"On this machine: neither is on PATH, but there is {message.folder}/cargo."
        yield f"Add it to PATH: export PATH={message.folder}:$PATH"
    else:
        yield "On this machine: neither is on PATH, nor in ~/.cargo/bin."
        yield "Install it from https://rustup.rs, or from your system's packages."


@renders(HeaderMissing)
def _header_missing(message: HeaderMissing) -> str:
    return _hint(_about_header(message))


def _about_header(message: HeaderMissing) -> Iterator[str]:
    yield f"the build looked for the header {message.header}."
    if message.folder is not None:
        yield f"On this machine: it is in {message.folder}, where the compiler does not search."
        yield from _setting(message.project, f"CPATH={message.folder}")
        return
    own = message.pythons_headers
    where = f", not even in {own}, the folder of this Python's headers" if own else ""
    yield f"On this machine: it was not found{where}."
    if message.packages is not None:
        debian, fedora, homebrew = message.packages
        if homebrew:
            fedora, last = f", {fedora} (Fedora, RHEL)", f" or {homebrew} (Homebrew)"
        else:
            fedora, last = f" or {fedora} (Fedora, RHEL)", ""
        yield f"Install {debian} (Debian, Ubuntu){fedora}{last}."
    else:
        yield "Install the development files that contain it, then set their folder:"
        yield from _setting(message.project, "CPATH=/path/to/include")


@renders(CompilerMissing)
def _compiler_missing(message: CompilerMissing) -> str:
    return _hint(_about_compiler(message))


def _about_compiler(message: CompilerMissing) -> Iterator[str]:
    command = f" called {message.command}" if message.command else ""
    yield f"the build looked for a compiler{command}."
    if message.compilers:
        yield f"On this machine: {', '.join(message.compilers)}."
        yield "To use one of them:"
        yield from _setting(message.project, f"CC={message.compilers[0]}")
        return
    yield f"On this machine: none of {', '.join(message.searched)} is on PATH."
    if message.platform == "win32":
        yield "Install the C++ workload of the Build Tools for Visual Studio."
    elif message.platform == "darwin":
        yield "Install the command line tools: xcode-select --install"
    else:
        yield "Install build-essential (Debian, Ubuntu) or gcc and gcc-c++ (Fedora, RHEL)."


def _setting(project: str, assignment: str) -> Iterator[str]:
    """Return how to set a variable for the builds of one project."""
    variable = "PIPFAST_BUILD_ENV_" + re.sub(r"[-_.]+", "_", project).upper()
    yield f"Set {variable}={assignment}, or in pip.conf under [pipfast]:"
    yield f"build-env.{re.sub(r'[-_.]+', '-', project).lower()} = {assignment}"
