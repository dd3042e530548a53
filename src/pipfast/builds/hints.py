"""Advice for builds that lack system software: compilers, headers, toolkits.

A hint says what the build looked for, what this machine has, and what to set.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from pipfast.model.frozen_dataclass import dataclass, field

COMPILERS = ("cc", "gcc", "clang", "c++", "g++", "clang++", "cl")
_CUDA_PLACES = ("/usr/local/cuda", "/opt/cuda", "/usr/lib/cuda")
_INCLUDES = ("/usr/include", "/usr/local/include", "/opt/homebrew/include", "/opt/local/include")
_SCRIPTED = re.compile(r"(/[^\s\"'$]+)/bin/nvcc\b")

_CUDA = re.compile(
    r"CUDA_HOME|CUDA_PATH|CUDAToolkit|CUDA_TOOLKIT_ROOT_DIR|CMAKE_CUDA_COMPILER|\bnvcc\b|"
    r"\bcu(da|blas|dnn|rand|sparse|fft)\w*\.h\b",
    re.IGNORECASE,
)
_LACKING = re.compile(
    r"not (be )?(set|found|find)|n't find|no such file|unable|failed to|missing|please set|"
    r"must be set|undefined|unset|KeyError|No CMAKE|NoneType",
    re.IGNORECASE,
)
_RUST = re.compile(
    r"can't find Rust compiler|requires Rust|install (rust|cargo) |rustup\.rs|"
    r"Cargo, the Rust package manager, is not installed|"
    r"\b(cargo|rustc|maturin)\b.*(not found|no such file|is not installed)|"
    r"(not found|no such file).*\b(cargo|rustc)\b",
    re.IGNORECASE,
)
_HEADER = re.compile(
    r"fatal error: '?(?P<gcc>[\w./+-]+\.h(?:pp)?)'?(?:: No such file| file not found)|"
    r"Cannot open include file: '(?P<msvc>[\w./+-]+\.h(?:pp)?)'"
)
_COMPILER = re.compile(
    r"command '(?P<command>[^']+)' failed: No such file|unable to execute '(?P<execute>[^']+)'|"
    r"Unknown compiler\(s\)|No CMAKE_C(XX)?_COMPILER could be found|"
    r"Microsoft Visual C\+\+ [\d.]+ or greater is required|linker `\w+` not found|"
    r"\b(gcc|g\+\+|clang|cc|c\+\+)\b: (command )?not found|no acceptable C compiler found"
)

_PACKAGES: Mapping[str, tuple[str, str]] = {
    "Python.h": ("python{version}-dev", "python{version}-devel"),
    "ffi.h": ("libffi-dev", "libffi-devel"),
    "openssl": ("libssl-dev", "openssl-devel"),
    "libpq-fe.h": ("libpq-dev", "libpq-devel"),
    "mysql.h": ("libmysqlclient-dev", "mysql-devel"),
    "libxml": ("libxml2-dev", "libxml2-devel"),
    "libxslt": ("libxslt1-dev", "libxslt-devel"),
    "zlib.h": ("zlib1g-dev", "zlib-devel"),
    "jpeglib.h": ("libjpeg-dev", "libjpeg-turbo-devel"),
    "ft2build.h": ("libfreetype-dev", "freetype-devel"),
    "png.h": ("libpng-dev", "libpng-devel"),
    "lber.h": ("libldap-dev", "openldap-devel"),
    "ldap.h": ("libldap-dev", "openldap-devel"),
    "sasl": ("libsasl2-dev", "cyrus-sasl-devel"),
    "sqlite3.h": ("libsqlite3-dev", "sqlite-devel"),
    "curl": ("libcurl4-openssl-dev", "libcurl-devel"),
    "krb5.h": ("libkrb5-dev", "krb5-devel"),
    "gssapi": ("libkrb5-dev", "krb5-devel"),
    "portaudio.h": ("portaudio19-dev", "portaudio-devel"),
    "hdf5.h": ("libhdf5-dev", "hdf5-devel"),
    "gmp.h": ("libgmp-dev", "gmp-devel"),
    "yaml.h": ("libyaml-dev", "libyaml-devel"),
    "sql.h": ("unixodbc-dev", "unixODBC-devel"),
    "systemd": ("libsystemd-dev", "systemd-devel"),
    "dbus": ("libdbus-1-dev", "dbus-devel"),
    "cairo.h": ("libcairo2-dev", "cairo-devel"),
    "snappy-c.h": ("libsnappy-dev", "snappy-devel"),
}
"""Packages of Debian and Fedora (and derivatives) that contain a header, by file or folder."""


def _programs(name: str) -> str | None:
    from shutil import which

    return which(name)


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetMachine:
    """The machine's state: programs on PATH, paths, variables, and the target's distributions.

    `version` is the target Python's, as in ``3.12``, `headers` the folder of its headers.
    `wheels` lists its distributions as ``name version``.
    """

    version: str
    headers: str
    wheels: Callable[[], Sequence[str]]
    program: Callable[[str], str | None] = _programs
    exists: Callable[[str], bool] = os.path.exists
    environ: Mapping[str, str] = field(default_factory=lambda: os.environ)


def hint(output: Sequence[str], project: str, machine: TargetMachine) -> str:
    """Return advice for a build of `project` that failed with `output`; empty if unknown."""
    end = (
        output[-1] if output and "NoneType" in output[-1] else ""
    )  # an environment variable was not set
    for line in reversed(output):
        for clue, advice in _CLUES:
            match = clue.search(line)
            if match is not None and (advice is not _cuda or _LACKING.search(line + end)):
                return "\n".join(advice(match, project, machine))
    return ""


def _cuda(_: re.Match[str], project: str, machine: TargetMachine) -> Iterator[str]:
    nvcc, home = machine.program("nvcc"), _toolkit(machine)
    wheels = [one for one in machine.wheels() if one.startswith(("nvidia-", "cuda-"))]
    found = [f"nvcc at {nvcc}"] if nvcc else ["no nvcc on PATH"]
    found.append(f"a toolkit in {home}" if home else "no toolkit in the usual places")
    found.append(f"the wheels {', '.join(wheels)}" if wheels else "no CUDA wheels")
    told = machine.environ.get("CUDA_HOME")
    if told:
        found.append(f"CUDA_HOME is {told}")
    yield "the build looked for the CUDA toolkit (CUDA_HOME, nvcc, its headers)."
    yield f"On this machine: {'; '.join(found)}."
    if home:
        yield from _setting(project, f"CUDA_HOME={home}")
    else:
        yield "Install the toolkit of the CUDA version that the project wants, then set:"
        yield from _setting(project, "CUDA_HOME=/path/to/cuda")


def _toolkit(machine: TargetMachine) -> str | None:
    """Return the folder of a CUDA toolkit: that of nvcc, which may be a script, or a usual one."""
    nvcc = machine.program("nvcc")
    places = [machine.environ.get("CUDA_PATH", "")]
    if nvcc:
        real = os.path.realpath(nvcc)
        places += [str(Path(real).parent.parent), *_SCRIPTED.findall(_script(real))]
    places += _CUDA_PLACES
    return next((place for place in places if place and _is_toolkit(place, machine)), None)


def _is_toolkit(place: str, machine: TargetMachine) -> bool:
    return any(
        machine.exists(f"{place}/{one}") for one in ("include/cuda.h", "nvvm", "version.json")
    )


def _script(path: str) -> str:
    try:
        with Path(path).open("rb") as file:
            text = file.read(4096)
    except OSError:
        return ""
    return text.decode("utf-8", "replace") if text.startswith(b"#!") else ""


def _rust(_: re.Match[str], project: str, machine: TargetMachine) -> Iterator[str]:
    found = {name: machine.program(name) for name in ("cargo", "rustc")}
    there = [f"{name} at {path}" for name, path in found.items() if path]
    home = machine.environ.get("CARGO_HOME") or f"{machine.environ.get('HOME', '~')}/.cargo"
    beside = f"{home}/bin"
    yield "the build looked for the Rust toolchain (cargo, rustc)."
    if there:
        yield f"On this machine: {'; '.join(there)}; they may be too old, or lack the target."
        yield "Update them (rustup update), or name others:"
        yield from _setting(project, "CARGO=/path/to/cargo")
    elif machine.exists(f"{beside}/cargo"):
        yield f"On this machine: neither is on PATH, but there is {beside}/cargo."
        yield f"Put it there: export PATH={beside}:$PATH"
    else:
        yield "On this machine: neither is on PATH, nor in ~/.cargo/bin."
        yield "Install it from https://rustup.rs, or from your system's packages."


def _header(match: re.Match[str], project: str, machine: TargetMachine) -> Iterator[str]:
    header = match["gcc"] or match["msvc"]
    if _CUDA.search(match.string):
        yield from _cuda(match, project, machine)
        return
    own = header in ("Python.h", "pyconfig.h")
    places = [machine.headers] if own else []
    places += [*_INCLUDES, f"{machine.environ.get('CONDA_PREFIX', '')}/include"]
    found = next((place for place in places if machine.exists(f"{place}/{header}")), None)
    yield f"the build looked for the header {header}."
    if found is not None:
        yield f"On this machine: it is in {found}, where the compiler does not look."
        yield from _setting(project, f"CPATH={found}")
        return
    where = f", not even in {machine.headers}, where this Python has its own" if own else ""
    yield f"On this machine: it is nowhere{where}."
    key = "Python.h" if own else header
    known = _PACKAGES.get(key) or _PACKAGES.get(key.partition("/")[0])
    if known is not None and sys.platform.startswith("linux"):
        debian, fedora = (name.format(version=machine.version) for name in known)
        yield f"Install {debian} (Debian, Ubuntu) or {fedora} (Fedora, RHEL)."
    else:
        yield "Install the development files that have it; where they are is set with:"
        yield from _setting(project, "CPATH=/path/to/include")


def _compiler(match: re.Match[str], project: str, machine: TargetMachine) -> Iterator[str]:
    wanted = match.groupdict().get("command") or match.groupdict().get("execute")
    there = [path for path in map(machine.program, COMPILERS) if path]
    yield f"the build looked for a compiler{f' called {wanted}' if wanted else ''}."
    if there:
        yield f"On this machine: {', '.join(there)}."
        yield "To have one of them taken:"
        yield from _setting(project, f"CC={there[0]}")
    else:
        yield f"On this machine: none of {', '.join(COMPILERS)} is on PATH."
        if sys.platform == "win32":
            yield "Install the C++ workload of the Build Tools for Visual Studio."
        elif sys.platform == "darwin":
            yield "Install the command line tools: xcode-select --install"
        else:
            yield "Install build-essential (Debian, Ubuntu) or gcc and gcc-c++ (Fedora, RHEL)."


def _setting(project: str, assignment: str) -> Iterator[str]:
    """Return how to set a variable for the builds of one project."""
    variable = "PIPFAST_BUILD_ENV_" + re.sub(r"[-_.]+", "_", project).upper()
    yield f"Set {variable}={assignment}, or in pip.conf under [pipfast]:"
    yield f"build-env.{re.sub(r'[-_.]+', '-', project).lower()} = {assignment}"


_Advice = Callable[[re.Match[str], str, TargetMachine], Iterator[str]]
_CLUES: tuple[tuple[re.Pattern[str], _Advice], ...] = (
    (_HEADER, _header),
    (_COMPILER, _compiler),
    (_RUST, _rust),
    (_CUDA, _cuda),
)
