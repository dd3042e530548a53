"""Recognise in a build's output that it lacks system software: compilers, headers, toolkits."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from pipfast.builds.events import (
    CompilerMissing,
    CudaMissing,
    HeaderMissing,
    RustMissing,
    SoftwareMissing,
)
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

_PACKAGES: Mapping[str, tuple[str, str, str]] = {
    "Python.h": ("python{version}-dev", "python{version}-devel", ""),
    "ffi.h": ("libffi-dev", "libffi-devel", "libffi"),
    "openssl": ("libssl-dev", "openssl-devel", "openssl@3"),
    "libpq-fe.h": ("libpq-dev", "libpq-devel", "libpq"),
    "mysql.h": ("libmysqlclient-dev", "mysql-devel", "mysql-client"),
    "libxml": ("libxml2-dev", "libxml2-devel", "libxml2"),
    "libxslt": ("libxslt1-dev", "libxslt-devel", "libxslt"),
    "zlib.h": ("zlib1g-dev", "zlib-devel", "zlib"),
    "jpeglib.h": ("libjpeg-dev", "libjpeg-turbo-devel", "jpeg-turbo"),
    "ft2build.h": ("libfreetype-dev", "freetype-devel", "freetype"),
    "png.h": ("libpng-dev", "libpng-devel", "libpng"),
    "lber.h": ("libldap-dev", "openldap-devel", "openldap"),
    "ldap.h": ("libldap-dev", "openldap-devel", "openldap"),
    "sasl": ("libsasl2-dev", "cyrus-sasl-devel", "cyrus-sasl"),
    "sqlite3.h": ("libsqlite3-dev", "sqlite-devel", "sqlite"),
    "curl": ("libcurl4-openssl-dev", "libcurl-devel", "curl"),
    "krb5.h": ("libkrb5-dev", "krb5-devel", "krb5"),
    "gssapi": ("libkrb5-dev", "krb5-devel", "krb5"),
    "portaudio.h": ("portaudio19-dev", "portaudio-devel", "portaudio"),
    "hdf5.h": ("libhdf5-dev", "hdf5-devel", "hdf5"),
    "gmp.h": ("libgmp-dev", "gmp-devel", "gmp"),
    "yaml.h": ("libyaml-dev", "libyaml-devel", "libyaml"),
    "sql.h": ("unixodbc-dev", "unixODBC-devel", "unixodbc"),
    "systemd": ("libsystemd-dev", "systemd-devel", ""),
    "dbus": ("libdbus-1-dev", "dbus-devel", "dbus"),
    "cairo.h": ("libcairo2-dev", "cairo-devel", "cairo"),
    "snappy-c.h": ("libsnappy-dev", "snappy-devel", "snappy"),
}
"""Packages of Debian, Fedora (and derivatives) and Homebrew with a header, by file or folder."""


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


def missing_software(
    output: Sequence[str], project: str, machine: TargetMachine
) -> SoftwareMissing | None:
    """Return what a build of `project` that failed with `output` lacks; None if unknown."""
    last = output[-1] if output else ""
    end = last if "NoneType" in last else ""  # an environment variable was not set
    for line in reversed(output):
        for clue, diagnose in _CLUES:
            match = clue.search(line)
            if match is not None and (diagnose is not _cuda or _LACKING.search(line + end)):
                return diagnose(match, project, machine)
    return None


def _cuda(_: re.Match[str], project: str, machine: TargetMachine) -> SoftwareMissing:
    return CudaMissing(
        project,
        nvcc=machine.program("nvcc"),
        toolkit=_toolkit(machine),
        wheels=tuple(one for one in machine.wheels() if one.startswith(("nvidia-", "cuda-"))),
        cuda_home=machine.environ.get("CUDA_HOME") or None,
    )


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


def _rust(_: re.Match[str], project: str, machine: TargetMachine) -> SoftwareMissing:
    programs = {name: machine.program(name) for name in ("cargo", "rustc")}
    home = machine.environ.get("CARGO_HOME") or f"{machine.environ.get('HOME', '~')}/.cargo"
    folder = f"{home}/bin"
    return RustMissing(
        project,
        programs=tuple((name, path) for name, path in programs.items() if path),
        folder=folder if machine.exists(f"{folder}/cargo") else None,
    )


def _header(match: re.Match[str], project: str, machine: TargetMachine) -> SoftwareMissing:
    header = match["gcc"] or match["msvc"]
    if _CUDA.search(match.string):
        return _cuda(match, project, machine)
    is_pythons = header in ("Python.h", "pyconfig.h")
    places = [machine.headers] if is_pythons else []
    places += [*_INCLUDES, f"{machine.environ.get('CONDA_PREFIX', '')}/include"]
    key = "Python.h" if is_pythons else header
    packages = _PACKAGES.get(key) or _PACKAGES.get(key.partition("/")[0])
    if packages is not None and sys.platform != "win32":
        debian, fedora, homebrew = (name.format(version=machine.version) for name in packages)
        packages = debian, fedora, homebrew
    else:
        packages = None
    return HeaderMissing(
        project,
        header=header,
        folder=next((place for place in places if machine.exists(f"{place}/{header}")), None),
        pythons_headers=machine.headers if is_pythons else None,
        packages=packages,
    )


def _compiler(match: re.Match[str], project: str, machine: TargetMachine) -> SoftwareMissing:
    return CompilerMissing(
        project,
        command=match.groupdict().get("command") or match.groupdict().get("execute"),
        compilers=tuple(path for path in map(machine.program, COMPILERS) if path),
        searched=COMPILERS,
        platform=sys.platform,
    )


_Diagnose = Callable[[re.Match[str], str, TargetMachine], SoftwareMissing]
_CLUES: tuple[tuple[re.Pattern[str], _Diagnose], ...] = (
    (_HEADER, _header),
    (_COMPILER, _compiler),
    (_RUST, _rust),
    (_CUDA, _cuda),
)
