"""The small project for most of the trials."""

from __future__ import annotations

from types import MappingProxyType

PYPROJECT = """\
[build-system]
requires = ["hatchling==1.27.0"]
build-backend = "hatchling.build"

[project]
name = "demo"
version = "1.0"
requires-python = ">=3.10"
dependencies = ["idna==3.10"]

[project.optional-dependencies]
test = ["iniconfig==2.0.0"]

[project.scripts]
demo = "demo:main"

[tool.hatch.build.targets.sdist]
only-include = ["src"]
"""
MODULE = """\
import idna

def main():
    print(idna.encode("m\\u00fcnchen").decode())
"""
CHECK = """\
import demo

def test_demo(capsys):
    demo.main()
    assert capsys.readouterr().out == "xn--mnchen-3ya\\n"
"""
SAYS = "xn--mnchen-3ya"
"""The output of the project's program."""

PROJECT = MappingProxyType({
    "pyproject.toml": PYPROJECT,
    "src/demo/__init__.py": MODULE,
    "tests/test_demo.py": CHECK,
})  # fmt: skip

PYTEST = "iniconfig==2.0.0 packaging==25.0 pluggy==1.6.0 pygments==2.19.2 pytest==8.4.2"
"""A test runner and its dependencies."""

LISTING = """\
import sys
from importlib.metadata import distributions

for one in sorted(distributions(path=sys.argv[1:] or sys.path), key=lambda one: one.name.lower()):
    if one.name == "pip":
        continue  # the programs that are compared
    print(one.name, one.version, one.read_text("INSTALLER"), one.read_text("direct_url.json"))
    print(*sorted(str(file) for file in one.files or ()), sep="\\n")
"""
"""Return a program that prints a Python's distributions and their files."""

MODULE_PIP = """\
import os
import sys

os.environ.pop("PYTHONPATH")
os.execv("<folder>/pip", ["pip", "--python", sys.executable, *sys.argv[1:]])
"""
"""A module for PYTHONPATH that makes ``python -m pip`` run pipfast."""
