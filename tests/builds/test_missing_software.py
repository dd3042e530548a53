from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from pipfast.builds.missing_software import TargetMachine, missing_software
from pipfast.report.render import text_of


def machine(
    programs: Mapping[str, str] | None = None,
    paths: Sequence[str] = (),
    wheels: Sequence[str] = (),
    **environ: str,
) -> TargetMachine:
    return TargetMachine(
        version="3.12",
        headers="/python/include/python3.12",
        wheels=lambda: wheels,
        program=(programs or {}).get,
        exists=lambda path: path in paths,
        environ=environ,
    )


def hint(output: list[str], project: str, around: TargetMachine) -> str:
    """Return the text of the hint, empty if there is none."""
    missing = missing_software(output, project, around)
    return "" if missing is None else text_of(missing)


CUDA = [
    "OSError: CUDA_HOME environment variable is not set. Please set it to your CUDA install root.",
    "RuntimeError: flash_attn was requested, but nvcc was not found.",
    "FileNotFoundError: [Errno 2] No such file or directory: '/usr/local/cuda/bin/nvcc'",
    "KeyError: 'CUDA_HOME'",
    "csrc/kernel.cu:1:10: fatal error: cuda_runtime.h: No such file or directory",
    "  Could NOT find CUDAToolkit (missing: CUDAToolkit_INCLUDE_DIR)",
    "  No CMAKE_CUDA_COMPILER could be found.",
]


@pytest.mark.parametrize("line", CUDA)
def test_a_missing_cuda_toolkit_is_told_with_what_there_is_of_it(line: str) -> None:
    found = hint(
        ["compiling", line, "[end]"],
        "Flash_Attn",
        machine(
            {"nvcc": "/opt/cuda-13/bin/nvcc"},
            ["/opt/cuda-13/include/cuda.h"],
            ["nvidia-cuda-runtime 13.0.1", "numpy 2.3"],
        ),
    )
    assert "CUDA toolkit" in found
    assert "nvcc at /opt/cuda-13/bin/nvcc" in found
    assert "the wheels nvidia-cuda-runtime 13.0.1." in found
    assert "Set PIPFAST_BUILD_ENV_FLASH_ATTN=CUDA_HOME=/opt/cuda-13," in found
    assert "build-env.flash-attn = CUDA_HOME=/opt/cuda-13" in found


def test_a_variable_that_is_none_is_known_by_the_line_that_used_it() -> None:
    output = ['  nvcc = os.path.join(CUDA_HOME, "bin")', "TypeError: expected str, not NoneType"]
    assert "CUDA_HOME" in hint(output, "demo", machine())


def test_a_toolkit_is_found_behind_a_script_that_calls_it(tmp_path: Path) -> None:
    script = tmp_path / "nvcc"
    script.write_text('#!/bin/sh\nexec /usr/local/cuda-12.9/bin/nvcc "$@"\n')
    around = machine({"nvcc": str(script)}, ["/usr/local/cuda-12.9/include/cuda.h"])
    assert "CUDA_HOME=/usr/local/cuda-12.9" in hint([CUDA[0]], "demo", around)


def test_without_a_toolkit_nothing_is_made_up() -> None:
    found = hint([CUDA[0]], "demo", machine())
    assert "no nvcc on PATH; no toolkit in the usual places; no CUDA wheels." in found
    assert "Install the toolkit" in found


@pytest.mark.parametrize(
    ("line", "log"),
    [
        ("error: command 'gcc' failed: No such file or directory", "a compiler called gcc."),
        ("unable to execute 'cc': No such file or directory", "a compiler called cc."),
        ("../meson.build:1:0: ERROR: Unknown compiler(s): [['cc'], ['gcc']]", "a compiler."),
        ("error: Microsoft Visual C++ 14.0 or greater is required.", "a compiler."),
        ("error: can't find Rust compiler", "the Rust toolchain"),
        ("Cargo, the Rust package manager, is not installed or is not on PATH.", "the Rust"),
        ("sh: 1: cargo: not found", "the Rust toolchain"),
        ("demo.c:1:10: fatal error: Python.h: No such file or directory", "the header Python.h."),
        ("demo.c:1:10: fatal error: 'openssl/ssl.h' file not found", "the header openssl/ssl.h."),
        ("demo.c(1): fatal error C1083: Cannot open include file: 'zlib.h'", "the header zlib.h."),
    ],
)
def test_a_hint_tells_what_was_looked_for(line: str, log: str) -> None:
    assert log in hint([line, "error: it failed"], "demo", machine())


@pytest.mark.parametrize(
    "output",
    [
        [],
        ["ValueError: no"],
        ["No CUDA runtime is found, using CUDA_HOME='/usr/local/cuda'", "ValueError: no"],
        ["ModuleNotFoundError: No module named 'setuptools'"],
    ],
)
def test_other_failures_get_no_hint(output: list[str]) -> None:
    assert hint(output, "demo", machine()) == ""


def test_a_compiler_that_is_there_is_offered() -> None:
    line = "error: command 'gcc' failed: No such file or directory"
    found = hint([line], "demo", machine({"clang": "/usr/bin/clang"}))
    assert "On this machine: /usr/bin/clang." in found
    assert "PIPFAST_BUILD_ENV_DEMO=CC=/usr/bin/clang" in found


def test_a_rust_that_is_not_on_path_is_found_at_home() -> None:
    around = machine(paths=["/home/me/.cargo/bin/cargo"], HOME="/home/me")
    assert "export PATH=/home/me/.cargo/bin:$PATH" in hint(["cargo: not found"], "demo", around)


def test_a_header_that_lies_elsewhere_is_pointed_to() -> None:
    around = machine(paths=["/conda/include/ffi.h"], CONDA_PREFIX="/conda")
    found = hint(["fatal error: ffi.h: No such file or directory"], "demo", around)
    assert "PIPFAST_BUILD_ENV_DEMO=CPATH=/conda/include" in found


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="packages of Linux distributions")
def test_the_package_with_the_headers_of_this_very_python_is_named() -> None:
    found = hint(["fatal error: Python.h: No such file or directory"], "demo", machine())
    assert "not even in /python/include/python3.12" in found
    assert "Install python3.12-dev (Debian, Ubuntu) or python3.12-devel" in found
