"""The tools and cases of the benchmark."""

from __future__ import annotations

import os
import re
import shutil
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from importlib.util import find_spec
from pathlib import Path
from types import MappingProxyType

LISTS: Mapping[str, str] = MappingProxyType(
    {
        "small": "requests flask",
        "web": "django djangorestframework celery redis flask fastapi uvicorn[standard] requests "
        "sqlalchemy alembic psycopg2-binary gunicorn pydantic-settings httpx jinja2",
        "big": "fastapi pandas scikit-learn boto3 django celery requests sqlalchemy pytest black "
        "jupyterlab matplotlib",
        "sdists": "six tabulate markdown networkx click idna pyparsing pygments urllib3 attrs",
        "tiny": "six docopt sortedcontainers markdown tabulate click idna soupsieve termcolor "
        "itsdangerous",
        "static": "markdown click idna pyparsing pygments",
    }
)
"""Requirements as a user would write them; `NAME.lock` contains the pins that pip finds.

The projects of `sdists` and `tiny` are pure Python without dependencies. Their backends are
setuptools (with and without pyproject.toml, with setuptools-scm), flit, and hatchling with
plug-ins. The sdists of `static` have static metadata (PEP 643).
"""
FROM_SOURCE = frozenset({"sdists", "tiny", "static"})
"""Lists that are installed from sdists; their build requirements are wheels."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One measurement.

    `warm` keeps the cache of earlier runs. `shaped` uses the line's latency and bandwidth.
    `installed` runs in an environment that contains the list. `dry` only resolves. With
    `sources` the projects of that list are built from sdists. `editable` installs a small
    hatchling project. `words` is another command than install; it runs in an environment that
    contains `requirements`, which is filled again for each run if the command `empties` it.
    `forgets` removes pipfast's saved results first, so that a warm run answers a new question.
    `expired` lets no page be fresh, so that the index has to confirm each.
    `alone` are the tools that have the command.
    """

    name: str
    requirements: str = ""
    warm: bool = False
    shaped: bool = False
    dry: bool = False
    bytecode: bool = True
    installed: bool = False
    sources: str = ""
    editable: bool = False
    words: tuple[str, ...] = ()
    empties: bool = False
    forgets: bool = False
    expired: bool = False
    alone: tuple[str, ...] = ("pip", "uv", "pipfast", "baseline")


def cases(listed: str) -> tuple[Case, ...]:
    """Return the cases of one list."""
    lock = f"{listed}.lock"
    if listed in FROM_SOURCE:
        return _cases_of_sources(listed, lock)
    return (
        Case(name=f"resolve, cold, {listed}", requirements=listed, shaped=True, dry=True),
        Case(name=f"resolve, warm, {listed}", requirements=listed, warm=True, dry=True),
        Case(
            name=f"resolve, warm, new question, {listed}",
            requirements=listed,
            warm=True,
            dry=True,
            forgets=True,
        ),
        Case(
            name=f"resolve, warm, expired pages, {listed}",
            requirements=listed,
            warm=True,
            dry=True,
            shaped=True,
            expired=True,
        ),
        Case(name=f"install, warm, bytecode, {lock}", requirements=lock, warm=True),
        Case(name=f"install, warm, {lock}", requirements=lock, warm=True, bytecode=False),
        Case(name=f"install, cold, bytecode, {lock}", requirements=lock, shaped=True),
        Case(name=f"satisfied, {lock}", requirements=lock, warm=True, installed=True),
        *_looks(lock),
        replace(_look("uninstall -y, all", lock, "uninstall", "-y", "-r"), empties=True),
    )


def _looks(lock: str) -> tuple[Case, ...]:
    """Return the commands that read an environment; uv has no `inspect`."""
    return (
        _look("list", lock, "list"),
        _look("list --format json", lock, "list", "--format", "json"),
        _look("freeze", lock, "freeze"),
        _look("check", lock, "check"),
        _look("show", lock, "show", "requests", "jinja2"),
        replace(_look("inspect", lock, "inspect"), alone=("pip", "pipfast", "baseline")),
    )


def _look(what: str, lock: str, *words: str) -> Case:
    return Case(name=f"{what}, {lock}", requirements=lock, warm=True, installed=True, words=words)


def _cases_of_sources(listed: str, lock: str) -> tuple[Case, ...]:
    own = Case(name="", requirements=lock, sources=listed)
    return (
        replace(own, name=f"resolve, cold, {lock}", shaped=True, dry=True),
        replace(own, name=f"build, cold, bytecode, {lock}", shaped=True),
        replace(own, name=f"build, cold, {lock}", shaped=True, bytecode=False),
        replace(own, name=f"resolve, warm, {lock}", warm=True, dry=True),
        replace(own, name=f"build, warm, bytecode, {lock}", warm=True),
        replace(own, name=f"build, warm, {lock}", warm=True, bytecode=False),
    )


VERSION = Case(name="--version", warm=True)
EDITABLE = Case(name="editable, warm", warm=True, editable=True)


_NOTE = "filled-with"


@dataclass(frozen=True, slots=True)
class Place:
    """A tool's folder: environment, cache and lists on one disk.

    `trusted` is the file with the certificates that the tools trust, if the index speaks TLS.
    """

    folder: Path
    lists: Path
    index: str
    trusted: str = ""

    @property
    def env(self) -> Path:
        """The environment that is installed into."""
        return self.folder / "env"

    @property
    def cache(self) -> Path:
        """The tool's cache."""
        return self.folder / "cache"

    def filled_with(self, requirements: str) -> bool:
        """Return whether the environment is recorded to contain a list."""
        noted = self.env / _NOTE
        return noted.exists() and noted.read_text() == requirements

    def note(self, requirements: str) -> None:
        """Record that the environment contains a list, or nothing."""
        (self.env / _NOTE).write_text(requirements)

    @property
    def saved_results(self) -> Path:
        """The folder of pipfast's saved results."""
        return self.cache / "pipfast" / "v1" / "traces"

    @property
    def project(self) -> Path:
        """The project of the editable install."""
        return self.folder / "project"

    @property
    def python(self) -> str:
        """The environment's interpreter."""
        return str(self.env / "bin" / "python")


@dataclass(frozen=True, slots=True)
class Tool:
    """A program that is measured."""

    name: str
    command: Callable[[Place, Case], list[str]]
    environ: Mapping[str, str] = field(default_factory=dict)
    pins: str = r"(?m)^Would install (.*)$"
    seconds: str = ""
    """Pattern for the duration in the program's output, if it measures itself."""


def _script(name: str) -> str:
    beside = Path(sys.executable).with_name(name)
    return str(beside) if beside.exists() else shutil.which(name) or name


def _asked(place: Place, case: Case) -> list[str]:
    if case.editable:
        return ["-e", str(place.project)]
    words = ["-r", str(place.lists / f"{case.requirements}.txt")]
    for name in LISTS[case.sources].split() if case.sources else ():
        words += ["--no-binary", name]
    return words


def _hooks(place: Place, case: Case) -> list[str]:
    """Return the command for the editable case's hooks alone, in a prepared environment."""
    assert case.editable, "a backend does nothing else"
    ready = str(place.folder / "ready")
    return [sys.executable, "-m", "compat.bench.hooks", place.python, str(place.project), ready]


def baseline(script: str) -> Tool:
    """Return another pipfast as a tool, to compare a change with the state before it."""
    return Tool("baseline", lambda place, case: _pip("pipfast", place, case, script=script))


def _pip(module: str, place: Place, case: Case, *, script: str = "") -> list[str]:
    program = script or _script(module)
    start = [program, "--python", place.python]
    if case.words:
        alone = [place.python, runner()] if module == "pip" else start
        return [*alone, *_other(place, case)]
    if not case.requirements and not case.editable:
        return [program, "--version"]
    words = ["install", *_asked(place, case)]
    words += ["--dry-run"] if case.dry else []
    words += [] if case.bytecode else ["--no-compile"]
    return [*start, *words, "--no-warn-script-location"]


def _uv(place: Place, case: Case) -> list[str]:
    if not case.requirements and not case.editable:
        return [_script("uv"), "--version"]
    if case.words:
        words = [word for word in _other(place, case) if word != "-y"]
        return [_script("uv"), "pip", words[0], "--no-config", "--python", place.python, *words[1:]]
    words = ["pip", "install", "--no-config", "--python", place.python, *_asked(place, case)]
    words += ["--dry-run"] if case.dry else []
    words += ["--compile-bytecode"] if case.bytecode and not case.dry else []
    return [_script("uv"), *words]


def _other(place: Place, case: Case) -> list[str]:
    """Return the arguments of a command other than install."""
    listed = [str(place.lists / f"{case.requirements}.txt")] if case.words[-1] == "-r" else []
    return [*case.words, *listed]


def runner() -> str:
    """Return pip's runner script, which any Python can run without starting a second process."""
    found = find_spec("pip")
    assert found is not None
    assert found.origin is not None
    return str(Path(found.origin).with_name("__pip-runner__.py"))


TOOLS = {
    "pip": Tool("pip", lambda place, case: _pip("pip", place, case)),
    "uv": Tool("uv", _uv, pins=r"(?m)^ \+ (\S+)$"),
    "pipfast": Tool("pipfast", lambda place, case: _pip("pipfast", place, case)),
    "backend": Tool("backend", _hooks, seconds=r"(?m)^seconds (\S+)$"),
}


def environ(place: Place) -> dict[str, str]:
    """Return a clean environment for a tool."""
    host = place.index.split("/")[2].split(":")[0]
    return {
        "PATH": os.defpath,
        "HOME": str(place.folder),
        "LANG": "C.UTF-8",
        "PIP_CONFIG_FILE": os.devnull,
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "PIP_INDEX_URL": place.index,
        "PIP_TRUSTED_HOST": host,  # otherwise pip has no HTTP cache for plain http
        "PIP_CACHE_DIR": str(place.cache),
        "PIPFAST_FALLBACK": "never",
        "UV_INDEX_URL": place.index,
        "UV_CACHE_DIR": str(place.cache),
        "UV_PYTHON_DOWNLOADS": "never",
        **_trust(place.trusted),
    }


def _trust(trusted: str) -> dict[str, str]:
    """Return variables by which the tools trust certificates in a file, and no host blindly."""
    if not trusted:
        return {}
    return {"PIP_CERT": trusted, "SSL_CERT_FILE": trusted, "PIP_TRUSTED_HOST": ""}


def pins(tool: Tool, output: str) -> frozenset[str]:
    """Return the distributions that a dry run lists, as ``name-version`` in lower case."""
    found = " ".join(re.findall(tool.pins, output)).replace("==", "-")
    return frozenset(re.sub(r"[-_.]+", "-", word).lower() for word in found.split())
