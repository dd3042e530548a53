"""Tasks for contributors: `nox --list` names them, `nox` runs what a pull request needs."""

from __future__ import annotations

import os
import re
from pathlib import Path

import nox

nox.needs_version = ">=2025.2.9"
nox.options.sessions = ["lint", "types", "imports", "tests"]
nox.options.reuse_existing_virtualenvs = True
nox.options.default_venv_backend = "uv|virtualenv"

VERSION_FILE = Path(__file__).with_name("src") / "pipfast/model/version.py"
PIP = "pip==" + re.findall(r'PIP_VERSION = "(.+)"', VERSION_FILE.read_text())[0]
SCENARIOS = [
    "compat/scenarios", "compat/robust", "compat/network", "compat/works_with", "compat/documents",
    "compat/remote_store", "compat/terminal",
]  # fmt: skip
PYTHONS = ["3.10", "3.11", "3.12", "3.13", "3.14"]


def _install(session: nox.Session, *groups: str) -> None:
    """Install pipfast in editable mode with dependency groups, and real pip beside it."""
    session.install(PIP, "-e", ".", *(word for group in groups for word in ("--group", group)))
    # Settings of this machine must not reach the runs that are compared with pip.
    session.env.update(PIP_CONFIG_FILE=os.devnull, PIP_FIND_LINKS="", PIP_EXTRA_INDEX_URL="")


@nox.session(python=PYTHONS)
def tests(session: nox.Session) -> None:
    """Run the unit tests."""
    _install(session, "test")
    session.run("pytest", *(session.posargs or ["-n", "2"]))


@nox.session
def scenarios(session: nox.Session) -> None:
    """Compare pipfast with real pip: scenarios, bad input, the option table."""
    _install(session, "test", "bench")
    session.run("pytest", "-q", "compat/options")
    session.run(
        "pytest",
        "-q",
        "-n",
        "2",
        *(session.posargs or [*SCENARIOS]),
    )


@nox.session
def lint(session: nox.Session) -> None:
    """Check style and formatting with ruff."""
    _install(session, "lint")
    session.run("ruff", "check", ".")
    session.run("ruff", "format", "--check", ".")


@nox.session
def types(session: nox.Session) -> None:
    """Check types with mypy in strict mode."""
    _install(session, "test", "lint")
    session.run("mypy", *session.posargs)


@nox.session
def imports(session: nox.Session) -> None:
    """Check the import contracts between packages."""
    _install(session, "lint")
    session.run("lint-imports")


@nox.session
def docs(session: nox.Session) -> None:
    """Check the links between documents, and build the site into build/site."""
    _install(session, "test", "docs")
    session.run("pytest", "-q", "tests/project/test_links.py", "tests/project/test_site.py")
    session.run("python", "-m", "release.site", "build")
    session.run("mkdocs", "build", "--strict", "--config-file", "build/mkdocs.yml")


@nox.session
def bench(session: nox.Session) -> None:
    """Measure pip, uv and pipfast on a recorded index; give the arguments after `--`."""
    _install(session, "test", "bench")
    recorded = str(Path("recorded").resolve())
    session.run("python", "-m", "compat.bench", *(session.posargs or ["run", "--folder", recorded]))


@nox.session
def build(session: nox.Session) -> None:
    """Build the sdist and the wheel into dist/."""
    session.install("build")
    session.run("python", "-m", "build")


@nox.session
def pyz(session: nox.Session) -> None:
    """Build pipfast.pyz into dist/ and try it on each Python that is there."""
    _install(session, "test")
    session.run("python", "-m", "release.pyz", "dist/pipfast.pyz")
    session.run("pytest", "-q", "compat/pyz", *session.posargs)
