"""What a reader of a page has before the first command: programs, files and indexes."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from importlib.metadata import requires
from pathlib import Path

import pip
from packaging.requirements import Requirement

from compat.documents.blocks import Block, Command, commands, matches
from compat.documents.parsers import parse, steps
from compat.documents.shell import TIMEOUT, Shell
from compat.kit.index import Index, index
from compat.kit.server import IndexServer
from pipfast.model.version import PIP_VERSION
from tests.kit.installed import installed_wheels
from tests.kit.wheels import Raw, nothing, wheel

ROOT = Path(__file__).parents[2]
PROGRAMS = ("pipfast", "uv", "pipx")
TEAM = "https://packages.example.com/simple"
"""The address of a private index in the documents."""

_CLONE = ("src", "pyproject.toml", "README.md", "LICENSE")
_ENVIRONMENT = ("python3 -m venv --without-pip .venv", ". .venv/bin/activate")
_REQUIREMENTS = "fastapi\nsqlalchemy>=2\njinja2\n"
_TEST = """\
import unittest

class Test(unittest.TestCase):
    def test(self):
        import jinja2
"""


@dataclass(frozen=True, kw_only=True)
class Stage:
    """Files and commands before a page's own; `pipfast` tells whether pipfast is on PATH."""

    files: Mapping[str, str] = field(default_factory=nothing)
    before: tuple[str, ...] = ()
    pipfast: bool = True


PROJECT = Stage(files={"requirements.txt": _REQUIREMENTS}, before=_ENVIRONMENT)
"""A project with requirements and an active environment without pip."""

STAGES = {
    "docs/tutorial.md": Stage(pipfast=False),
    "docs/install.md": Stage(
        before=(f"(cd '{ROOT}' && '{sys.executable}' -m release.pyz ~/pipfast/dist/pipfast.pyz)",),
        pipfast=False,
    ),
    "docs/team.md": PROJECT,
    "docs/remote-store.md": Stage(pipfast=False),
    "docs/why.md": Stage(
        files={
            "requirements.txt": "pandas\n",
            "constraints.txt": "# of the operations team\n\nnumpy<2\n",
        },
        before=(*_ENVIRONMENT, "pipfast install pandas"),
    ),
    "docs/doctor.md": Stage(
        before=(
            *_ENVIRONMENT,
            "pipfast install demo==1.0",
            "rm .venv/lib/python*/site-packages/demo/data.txt",
        )
    ),
    "docs/history.md": Stage(
        before=(*_ENVIRONMENT, "pipfast install 'demo<2'", "pipfast install -U demo")
    ),
    "docs/shared-store.md": Stage(
        files={"requirements.txt": _REQUIREMENTS},
        before=(*_ENVIRONMENT, "pipfast install -r requirements.txt"),
    ),
    "docs/parity.md": Stage(
        files={
            "requirements.txt": _REQUIREMENTS,
            "requirements/app.txt": _REQUIREMENTS,
            "requirements/dev.txt": "click\n",
            "pyproject.toml": '[dependency-groups]\ndev = ["click"]\n',
        },
        before=_ENVIRONMENT,
    ),
    "docs/troubleshooting.md": PROJECT,
    "docs/never.md": PROJECT,
    "docs/notebooks.md": Stage(
        files={"requirements.txt": _REQUIREMENTS},
        before=(
            "python3 -m venv --without-pip ~/kernels/analysis",
            "python3 -m venv --without-pip ~/conda/envs/analysis",
        ),
    ),
    "docs/ci.md": Stage(
        files={"requirements.txt": _REQUIREMENTS, "tests/test_app.py": _TEST},
        before=("cp -R ~/pipfast .pipfast",),
    ),
    "docs/works-with.md": Stage(
        files={"requirements.txt": _REQUIREMENTS},
        before=(
            "python3 -m venv --without-pip .venv",
            f"python3 -m pip --python .venv install -q pip=={PIP_VERSION}",
        ),
    ),
}
"""The pages with commands. Everywhere else they need a reason not to be run."""


@contextmanager
def reader(root: Path, stage: Stage) -> Iterator[Reader]:
    """Yield somebody who follows a page in a new home folder."""
    with IndexServer([_public(), _private()]) as server:
        _furnish(root, stage, server)
        with Shell(root, root / "home/work", _environ(root, server)) as shell:
            made = Reader(shell, root / "home/work", server)
            for text in stage.before:
                made.follow(Command("before the page", text))
            yield made


@dataclass(frozen=True, slots=True)
class Reader:
    """A shell, and the folder in which the page's files are written."""

    shell: Shell
    folder: Path
    server: IndexServer

    def read(self, block: Block) -> None:
        """Do with a block what its mark says; assertions fail where the page is wrong."""
        parse(block)
        if block.marked("not run") is not None:
            return
        if name := block.marked("file"):
            _, here = self.shell.run("pwd")
            file = Path(here.strip(), os.path.expanduser(name))  # noqa: PTH111 - not our own home
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(self._here(block.body), encoding="utf-8")
            return
        for command in steps(block) if block.mark == "steps" else commands(block):
            self.follow(command)

    def follow(self, command: Command) -> None:
        """Run a command, and compare its exit code and output with the page."""
        code, output = self.shell.run(self._here(command.text))
        # A reader has pip's default index, which this line does not name.
        output = output.replace(f"Looking in indexes: {self.server.root('main')}/simple/\n", "")
        said = f"{command.place}: {command.text}\nexit code {code}\n{output}"
        assert code == command.code, said
        expected = tuple(self._here(line) for line in command.expected)
        assert matches(expected, output), f"{said}\nexpected:\n" + "\n".join(expected)

    def _here(self, text: str) -> str:
        return text.replace(TEAM, f"{self.server.root('team')}/simple")


def _furnish(root: Path, stage: Stage, server: IndexServer) -> None:
    home, tools = root / "home", root / "tools"
    for folder in (home / "work", home / ".local/bin", tools, root / "tmp", root / "xdg/pip"):
        folder.mkdir(parents=True)
    # What stands for pip's default index is set in the weakest place, below all that pages set.
    config = f"[global]\nindex-url = {server.root('main')}/simple/\n"
    (root / "xdg/pip/pip.conf").write_text(config)
    _python(root / "python")
    for name in PROGRAMS[0 if stage.pipfast else 1 :]:
        if found := shutil.which(name, path=str(Path(sys.executable).parent)):
            (tools / name).symlink_to(found)
    for name in _CLONE:
        _copy(ROOT / name, home / "pipfast" / name)
    for name, text in stage.files.items():
        (home / "work" / name).parent.mkdir(parents=True, exist_ok=True)
        (home / "work" / name).write_text(text)


def _python(folder: Path) -> None:
    """Make the Python that is first on PATH: one of its own, with pip, that pages may change."""
    command = [sys.executable, "-m", "venv", "--without-pip", str(folder)]
    subprocess.run(command, check=True, timeout=TIMEOUT)
    [site] = (folder / "lib").glob("python*/site-packages")
    own = Path(pip.__path__[0])
    for source in (own, own.with_name(f"pip-{pip.__version__}.dist-info")):
        shutil.copytree(source, site / source.name)


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_dir():
        shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
    else:
        shutil.copy(source, target)


def _environ(root: Path, server: IndexServer) -> dict[str, str]:
    home = str(root / "home")
    return {
        "PATH": os.pathsep.join(
            [f"{home}/.local/bin", str(root / "tools"), str(root / "python/bin"), os.defpath]
        ),
        "HOME": home,
        "LANG": "C.UTF-8",
        "TMPDIR": str(root / "tmp"),
        "XDG_CONFIG_DIRS": str(root / "xdg"),
        # Settings of this machine, which may stand in /etc/pip.conf, are empty here.
        "PIP_FIND_LINKS": "",
        "PIP_EXTRA_INDEX_URL": "",
        "PIP_CONSTRAINT": "",
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "UV_DEFAULT_INDEX": f"{server.root('main')}/simple/",
        "UV_PYTHON_DOWNLOADS": "never",
        "UV_NO_PROGRESS": "1",
        "PIPX_DEFAULT_BACKEND": "pip",
    }


@cache
def _public() -> Index:
    """Return what stands for pip's default index."""
    return index(
        wheel("fastapi", "0.128.0", "starlette>=0.40", "pydantic>=2"),
        wheel("fastapi", "0.127.0", "starlette>=0.40", "pydantic>=2"),
        wheel("starlette", "0.50.0", "anyio"),
        wheel("pydantic", "2.12.0"),
        wheel("anyio", "4.12.0"),
        wheel("uvicorn", "0.40.0", "click", "httptools; extra == 'standard'", extras=("standard",)),
        wheel("httptools", "0.7.1"),
        wheel("click", "8.3.0"),
        wheel("sqlalchemy", "2.0.45"),
        wheel("jinja2", "3.1.6", "markupsafe>=2"),
        wheel("markupsafe", "3.0.3"),
        wheel("demo", "1.0", files={"demo/__init__.py": "", "demo/data.txt": "data"}),
        wheel("demo", "2.0", "dep"),
        wheel("dep", "1.0"),
        wheel("pandas", "2.3.3", "numpy>=1.23.2", "python-dateutil>=2.8.2", "pytz>=2020.1",
              "tzdata>=2022.7"),
        *(wheel("numpy", version) for version in ("1.26.4", "2.0.0", "2.2.6", "2.4.6")),
        *(wheel("numpy", version, python=">=3.15") for version in ("2.5.0", "2.5.1")),
        wheel("python-dateutil", "2.9.0", "six>=1.5"),
        wheel("six", "1.17.0"),
        wheel("pytz", "2025.2"),
        wheel("tzdata", "2025.2"),
        *_own_needs(),
    )  # fmt: skip


def _private() -> Index:
    return index(wheel("internal-lib", "1.4"), name="team")


@cache
def _own_needs() -> tuple[Raw, ...]:
    """Return the wheels that an installation of pipfast from its sources needs."""
    found = {}
    for line in (*(requires("pipfast") or ()), "hatchling"):
        requirement = Requirement(line)
        if requirement.marker is None or requirement.marker.evaluate():
            found.update({one.filename: one for one in installed_wheels(requirement.name)})
    return tuple(found.values())
