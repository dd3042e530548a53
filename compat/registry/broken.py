"""Projects that cannot be built, each with a real backend and a different fault."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Broken:
    """A project in a folder; `fault` describes the problem, `code` is pip's exit code."""

    backend: str
    fault: str
    files: Mapping[str, str]
    code: int = 1

    @property
    def rule(self) -> str:
        """Return a name for the case."""
        return f"{self.backend}: {self.fault}"


SYNTAX = "int broken( { return 1 }\n"
HEADER = '#include "nowhere_to_be_found.h"\n'


def _pyproject(backend: str, *requires: str, project: str = 'version = "1.0"') -> str:
    system = f'[build-system]\nrequires = {list(requires)}\nbuild-backend = "{backend}"\n'
    return f'{system}\n[project]\nname = "demo"\n{project}\n'


def _setuptools(fault: str, setup: str, source: str = "") -> Broken:
    files = {"setup.py": setup, "demo.c": source}
    return Broken(backend="setuptools", fault=fault, files=files)


EXTENSION = """
from setuptools import Extension, setup
setup(name="demo", version="1.0", ext_modules=[Extension("demo", ["demo.c"])])
"""
CUDA = """
import os
from setuptools import setup
if "CUDA_HOME" not in os.environ:
    raise OSError("CUDA_HOME environment variable is not set. Please set it to your CUDA root.")
setup(name="demo", version="1.0")
"""
RUST = """
from setuptools import setup
from setuptools_rust import RustExtension
setup(name="demo", version="1.0", rust_extensions=[RustExtension("demo.demo", "Cargo.toml")])
"""
CARGO = '[package]\nname = "demo"\nversion = "1.0.0"\nedition = "2021"\n'
MESON = """
project('demo', 'c', version: '1.0')
python = import('python').find_installation()
python.extension_module('demo', 'demo.c', install: true)
"""
CMAKE = """
cmake_minimum_required(VERSION 3.15)
project(demo LANGUAGES C)
find_package(Python COMPONENTS Interpreter Development.Module REQUIRED)
python_add_library(demo MODULE demo.c)
install(TARGETS demo DESTINATION .)
"""


def _meson(fault: str, source: str) -> Broken:
    files = {"pyproject.toml": _pyproject("mesonpy", "meson-python"), "meson.build": MESON}
    return Broken(backend="meson-python", fault=fault, files={**files, "demo.c": source})


def _cmake(fault: str, source: str) -> Broken:
    pyproject = _pyproject("scikit_build_core.build", "scikit-build-core")
    files = {"pyproject.toml": pyproject, "CMakeLists.txt": CMAKE, "demo.c": source}
    return Broken(backend="scikit-build-core", fault=fault, files=files)


def _pure(backend: str, module: str, fault: str, project: str, **files: str) -> Broken:
    pyproject = _pyproject(module, backend, project=project)
    return Broken(backend=backend, fault=fault, files={"pyproject.toml": pyproject, **files})


BROKEN = (
    _setuptools("a syntax error in C", EXTENSION, SYNTAX),
    _setuptools("a header is missing", EXTENSION, HEADER),
    _setuptools("CUDA_HOME is missing", CUDA),
    _setuptools("setup.py exits with 3", "raise SystemExit(3)\n"),
    _setuptools("setup.py is killed", "import os\nos.kill(os.getpid(), 9)\n"),
    _setuptools("setup.py is no Python", "setup(\n"),
    Broken(backend="setuptools-rust", fault="Rust is missing", files={
        "pyproject.toml": _pyproject("setuptools.build_meta", "setuptools", "setuptools-rust",
                                     project='dynamic = ["version"]'),
        "setup.py": RUST, "Cargo.toml": CARGO, "src/lib.rs": ""}),
    Broken(backend="maturin", fault="Rust is missing", files={
        "pyproject.toml": _pyproject("maturin", "maturin"), "Cargo.toml": CARGO, "src/lib.rs": ""}),
    _meson("a syntax error in C", SYNTAX),
    _meson("a header is missing", HEADER),
    _cmake("a syntax error in C", SYNTAX),
    _cmake("a header is missing", HEADER),
    _pure("hatchling", "hatchling.build", "nothing to put into the wheel", 'version = "1.0"'),
    _pure("hatchling", "hatchling.build", "no version", 'dynamic = ["version"]'),
    _pure("flit-core", "flit_core.buildapi", "no module", 'version = "1.0"'),
    _pure("poetry-core", "poetry.core.masonry.api", "no package", 'version = "1.0"'),
    _pure("pdm-backend", "pdm.backend", "an invalid version", 'version = "one"'),
)  # fmt: skip
