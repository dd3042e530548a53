"""What builds read of a machine, so that machines on which it is equal may share their results."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from pipfast.environment.interpreter import Interpreter

_VARIABLES = (
    "CARGO_BUILD_TARGET", "CARGO_ENCODED_RUSTFLAGS", "CMAKE_PREFIX_PATH", "CPATH",
    "CPLUS_INCLUDE_PATH", "CUDAFLAGS", "CUDAHOSTCXX", "C_INCLUDE_PATH", "FORCE_CUDA",
    "LD_LIBRARY_PATH", "LIBRARY_PATH", "NVCC_APPEND_FLAGS", "NVCC_PREPEND_FLAGS", "ROCM_HOME",
    "ROCM_PATH", "PYTORCH_ROCM_ARCH", "SOURCE_DATE_EPOCH",
)  # fmt: skip
"""Variables that compilers and linkers read, beside those that the policy lists for each build."""

_CONFIGURED = ("CC", "CXX", "CFLAGS", "CPPFLAGS", "LDFLAGS", "LDSHARED", "EXT_SUFFIX", "SOABI")
"""Variables of sysconfig with which extension modules are built."""

_PROGRAM = """\
import json, sys, sysconfig
print(json.dumps({name: sysconfig.get_config_var(name) for name in sys.argv[1:]}))
"""

_OS_RELEASE = ("/etc/os-release", "/usr/lib/os-release")
_CUDA = "/usr/local/cuda"
_PATIENCE = 20.0  # seconds that an interpreter may take to start


def machine_facts(python: Interpreter, environ: Mapping[str, str]) -> Mapping[str, object]:
    """Return what a build on this machine depends on besides its sources and options.

    The platforms name the libc and its version (``manylinux_2_36``); the release of the
    distribution stands for its libraries; the compiler is not part of it, so that machines
    without one can use what others built.
    """
    return {
        "tag": python.tags[0],
        "platforms": [*python.platforms],
        "python": f"{python.implementation} {python.version}",
        "system": _system(),
        "cuda": _cuda(environ),
        "variables": {name: environ[name] for name in _VARIABLES if environ.get(name)},
        "configured": _configured(python),
    }


def _system() -> str:
    """Return name and version of a Linux distribution, empty elsewhere (the tag has them)."""
    for place in _OS_RELEASE:
        with suppress(OSError):
            lines = Path(place).read_text(encoding="utf-8", errors="replace").split("\n")
            fields = dict(line.split("=", 1) for line in lines if "=" in line)
            named = (fields.get(name, "").strip("\"'") for name in ("ID", "VERSION_ID"))
            return " ".join(named).strip()
    return ""


def _cuda(environ: Mapping[str, str]) -> str:
    """Return what the CUDA toolkit says of its version, empty without one."""
    folder = environ.get("CUDA_HOME") or environ.get("CUDA_PATH") or _CUDA
    for name in ("version.json", "version.txt"):
        with suppress(OSError):
            return Path(folder, name).read_text(encoding="utf-8", errors="replace")
    return ""


def _configured(python: Interpreter) -> Mapping[str, object]:
    """Return how the interpreter builds extension modules, wherever it is installed.

    Empty if it does not say.
    """
    command = [python.executable, "-I", "-S", "-c", _PROGRAM, *_CONFIGURED]
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, check=True, timeout=_PATIENCE
        )
        return dict(json.loads(done.stdout.replace(python.base_prefix, "<prefix>")))
    except (OSError, ValueError, subprocess.SubprocessError):
        return {}
