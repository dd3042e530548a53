"""Packages with the structure and metadata of those in the issues, created by the test kit."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sysconfig
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

from tests.kit.installed import installed_wheel
from tests.kit.projects import BUILT, Project, project
from tests.kit.wheels import Raw, Wheel, wheel

REQUIRES, METADATA, WHEEL = BUILT
"""Hooks in which a build may need a module that it does not declare."""

HERE = f"py3-none-{re.sub('[-.]', '_', sysconfig.get_platform())}"
"""The tag of wheels for this machine, and for other machines:"""
AWAY = ("py3-none-manylinux_2_28_s390x", "py3-none-win_arm64", "py3-none-macosx_11_0_ppc64")

SETUPTOOLS = installed_wheel("setuptools")


def torch(version: str, *requires: str, **what: Any) -> Wheel:
    """A torch that only reports its version, which is all that builds use."""
    return wheel("torch", version, *requires, **what)


def needy(name: str, version: str, *requires: str, hook: str = REQUIRES, module: str = "torch",
          **what: Any) -> Project:  # fmt: skip
    """A project whose build imports an undeclared module in one of its hooks.

    The wheel contains the torch version that the build saw.
    """
    backend = {"imports": {hook: [module]}, "modules": ["torch"], **what.pop("backend", {})}
    return project(name, version, *requires, needs=("kit-backend",), backend=backend, **what)


SCRIPT = """
import torch
from setuptools import setup

with open("{package}/built.json", "w") as file:
    print('{{"modules": {{"torch": "%s"}}}}' % torch.VERSION, file=file)
setup(
    name="{name}",
    version="{version}",
    packages=["{package}"],
    package_data={{"{package}": ["built.json"]}},
    install_requires={requires!r},
)
"""


def setup_script(name: str, version: str, *requires: str) -> Project:
    """A project like flash-attn: a setup.py that imports torch, and no pyproject.toml."""
    package = name.replace("-", "_")
    script = SCRIPT.format(name=name, version=version, package=package, requires=list(requires))
    return project(
        name, version, *requires, pyproject=None, needs=("setuptools",), files={"setup.py": script}
    )


def saw(package: str) -> str:
    """Return a program that prints the torch version that the package was built with."""
    return (
        f"import json, pathlib, {package} as it\n"
        "built = pathlib.Path(it.__file__).with_name('built.json')\n"
        "print(json.loads(built.read_text())['modules']['torch'])"
    )


def vllm(version: str, local: str, *requires: str) -> Raw:
    """An sdist whose metadata always has a local segment that its file name lacks."""
    return project("vllm", version, *requires, versioned=f"{version}+{local}").sdist()


def gptqmodel(version: str, local: str, *requires: str) -> Raw:
    """An sdist whose metadata has the plain version, and whose built wheel adds a local segment."""
    plain = wheel("gptqmodel", version, *requires).metadata.decode()
    backend = {"prepared": plain}
    return project(
        "gptqmodel", version, *requires, versioned=f"{version}+{local}", backend=backend
    ).sdist()


def ancient(name: str, version: str, *requires: str, why: str) -> Raw:
    """An old sdist that cannot be built: its first hook raises `why`."""
    backend = {"fails": {REQUIRES: why}}
    return project(name, version, *requires, needs=("kit-backend",), backend=backend).sdist()


SOURCE = """
#include <Python.h>
static PyObject *version(PyObject *self, PyObject *unused) {{
    return PyUnicode_FromString("{version}");
}}
static PyMethodDef methods[] = {{{{"version", version, METH_NOARGS, ""}}, {{0}}}};
static struct PyModuleDef definition = {{PyModuleDef_HEAD_INIT, "_imaging", "", -1, methods}};
PyMODINIT_FUNC PyInit__imaging(void) {{ return PyModule_Create(&definition); }}
"""

MAPPED = (
    "import mmap, pathlib\n"
    "_file = pathlib.Path(__file__).with_name('_imaging.dat').open('rb')\n"
    "_map = mmap.mmap(_file.fileno(), 0, access=mmap.ACCESS_READ)\n\n\n"
    "def version():\n    return _map[:8].decode().strip()\n"
)


@cache
def extension(version: str) -> bytes | None:
    """Return a C extension module whose function returns `version`; None without a compiler."""
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None or os.name != "posix":
        return None
    with tempfile.TemporaryDirectory() as folder:
        source, built = Path(folder, "it.c"), Path(folder, "it.so")
        source.write_text(SOURCE.format(version=version), encoding="utf-8")
        include = f"-I{sysconfig.get_path('include')}"
        words = [compiler, "-shared", "-fPIC", include, str(source), "-o", str(built)]
        done = subprocess.run(words, capture_output=True, check=False)
        return None if done.returncode else built.read_bytes()


def pillow(version: str) -> Wheel:
    """Return a wheel with an extension to load, or a file to map if there is no compiler."""
    built = extension(version)
    files: dict[str, str | bytes] = {"PIL/__init__.py": f"VERSION = {version!r}\n"}
    if built is None:
        page = version.ljust(8) + "\n" * (1 << 20)
        files |= {"PIL/_imaging.py": MAPPED, "PIL/_imaging.dat": page}
    else:
        files[f"PIL/_imaging{sysconfig.get_config_var('EXT_SUFFIX')}"] = built
    return wheel("pillow", version, files=files, tag=HERE)
