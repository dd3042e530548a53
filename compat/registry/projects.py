"""Real projects that are installed from sdists, at least one for each build backend."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """A release; `kind` says what it is an example of.

    `programs` are required on this machine for the build. Files whose path matches `varies` have
    other contents in each build.
    """

    name: str
    version: str
    kind: str
    programs: tuple[str, ...] = ()
    varies: str = ""

    @property
    def pin(self) -> str:
        """Return the release as a requirement."""
        return f"{self.name}=={self.version}"


def _release(pin: str, kind: str, *programs: str, varies: str = "") -> Release:
    name, version = pin.split("==")
    return Release(name=name, version=version, kind=kind, programs=programs, varies=varies)


COMPILER = ("gcc", "g++")

RELEASES = (
    _release("docopt==0.6.2", "setup.py alone"),
    _release("wget==3.2", "setup.py alone, in a zip"),
    _release("os-service-types==1.7.0", "setup.py alone, setup_requires (pbr)"),
    _release("markupsafe==3.0.2", "setuptools, C", *COMPILER),
    _release("pyyaml==6.0.2", "setuptools by a backend of its own, Cython", *COMPILER),
    _release("cffi==1.17.1", "setuptools, C with dependencies", *COMPILER),
    _release("pluggy==1.5.0", "setuptools, setuptools-scm"),
    _release("iniconfig==2.0.0", "hatchling, hatch-vcs"),
    _release("attrs==25.3.0", "hatchling with plugins, dynamic readme"),
    _release("jsonschema==4.23.0", "hatchling, dependencies"),
    _release("flit-core==3.12.0", "flit-core, backend in the tree"),
    _release("idna==3.10", "flit-core"),
    _release("tomlkit==0.13.3", "poetry-core"),
    _release("findpython==0.6.3", "pdm-backend"),
    _release("pdm-backend==2.4.4", "pdm-backend, backend in the tree"),
    _release("contourpy==1.3.2", "meson-python, C++ by pybind11", *COMPILER,
             varies=r"contourpy/util/(__pycache__/)?_build_config\."),  # contains the build folder
    _release("meson-python==0.17.1", "meson-python, backend in the tree", *COMPILER),
    _release("pybind11==3.0.1", "scikit-build-core, CMake", *COMPILER),
    _release("levenshtein==0.27.1", "scikit-build-core, C++ by Cython", *COMPILER,
             varies=r"Levenshtein/levenshtein_cpp\."),  # optimised at link time, not deterministic
    _release("setuptools==80.9.0", "setuptools, backend in the tree"),
)  # fmt: skip
"""Each takes at most a minute on one processor. None needs Rust, because crates cannot be
fetched.
"""
