"""`pipfast.pyz`, a folder made by ``--target`` and a copied one, on each Python that is there."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from pipfast.model.version import PIP_VERSION, __version__
from release.pyz import build, content
from tests.kit.wheels import wheel

BACKEND = """\
import os, sys, zipfile

TAG = "Tag: py3-none-any\\n"

def build_wheel(directory, config_settings=None, metadata_directory=None):
    name = "built-1.0-py3-none-any.whl"
    files = {
        "built.py": f"by = {sys.version_info[1]}",
        "built-1.0.dist-info/METADATA": "Metadata-Version: 2.1\\nName: built\\nVersion: 1.0\\n",
        "built-1.0.dist-info/WHEEL": "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\n" + TAG,
        "built-1.0.dist-info/RECORD": "",
    }
    with zipfile.ZipFile(os.path.join(directory, name), "w") as wheel:
        for path, text in files.items():
            wheel.writestr(path, text)
    return name
"""
PROJECT = """\
[build-system]
requires = []
build-backend = "backend"
backend-path = ["."]
"""
MINORS = (10, 11, 12, 13, 14)


def interpreter(minor: int) -> str | None:
    """Return a Python 3.`minor`, from PATH or pyenv."""
    pyenv = Path(os.environ.get("PYENV_ROOT", "~/.pyenv")).expanduser() / "versions"
    named = shutil.which(f"python3.{minor}")
    for found in (named, *sorted(map(str, pyenv.glob(f"3.{minor}.*/bin/python")))):
        if found:
            ask = [found, "-c", "import sys; print(sys.version_info[1])"]
            done = subprocess.run(ask, capture_output=True, text=True, check=False)
            if done.stdout == f"{minor}\n":
                return found
    return None


class Machine:
    """A home folder, a wheel and a project, and a way to start pipfast."""

    def __init__(self, root: Path) -> None:
        self.root = root
        (root / "wheels").mkdir(parents=True)
        demo = wheel("demo", "1.0")
        (root / "wheels" / demo.filename).write_bytes(demo.content)
        (root / "project").mkdir()
        (root / "project" / "pyproject.toml").write_text(PROJECT)
        (root / "project" / "backend.py").write_text(BACKEND)

    def run(self, *command: str | Path, **variables: str) -> str:
        """Run a command that succeeds and return its output."""
        code, output = self.ended(*command, **variables)
        assert code == 0, output
        return output

    def ended(self, *command: str | Path, **variables: str) -> tuple[int, str]:
        """Run a command and return its exit code and output."""
        environ = {
            "PATH": os.defpath,
            "HOME": str(self.root),
            "PIP_CONFIG_FILE": os.devnull,
            "PIP_NO_INDEX": "1",
            "PIP_FIND_LINKS": str(self.root / "wheels"),
            "PIP_DISABLE_PIP_VERSION_CHECK": "1",
            "PIPFAST_FALLBACK": "never",
        }
        done = subprocess.run(
            command,
            env=environ | variables,
            cwd=self.root,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        return done.returncode, done.stdout

    def smoke(self, python: str, *pipfast: str | Path, **variables: str) -> None:
        """Run the smoke list with the command `pipfast`."""
        env = self.root / "env"
        self.run(python, "-m", "venv", "--without-pip", env)

        def run(*words: str | Path) -> str:
            return self.run(*pipfast, "--python", env, *words, **variables)

        assert "Successfully installed built-1.0 demo-1.0" in run("install", "demo", "./project")
        assert run("list", "--format=freeze") == "built==1.0\ndemo==1.0\n"
        parity = run("parity", "--ignore-installed", "demo")
        assert f"pip {PIP_VERSION} and pipfast {__version__}" in parity
        assert "give the same result: 1 distribution" in parity
        assert f"pip {PIP_VERSION} is pipfast now" in self.run(*pipfast, "shim", env, **variables)
        own = (str(env / "bin" / "python"), "-m", "pip")
        assert f"pip=={PIP_VERSION}" in self.run(*own, "freeze", "--all", **variables)
        self.run(*own, "uninstall", "-y", "demo", **variables)
        self.run(*pipfast, "shim", "--remove", env, **variables)
        assert "Successfully uninstalled built-1.0" in run("uninstall", "-y", "built")
        assert run("list", "--format=freeze") == ""


@pytest.fixture(scope="session")
def pyz(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("pyz") / "pipfast.pyz"
    file.write_bytes(build())
    return file


@pytest.mark.parametrize("minor", MINORS)
def test_the_archive_does_everything_on_each_python(pyz: Path, tmp_path: Path, minor: int) -> None:
    python = interpreter(minor)
    if python is None:
        pytest.skip(f"there is no Python 3.{minor}")
    Machine(tmp_path / "machine").smoke(python, python, pyz)


def test_an_older_python_gets_one_error(pyz: Path, tmp_path: Path) -> None:
    python = interpreter(9)
    if python is None:
        pytest.skip("there is no Python 3.9")
    output = f"ERROR: pipfast needs Python 3.10 or later; {python} is 3.9\n"
    assert Machine(tmp_path / "machine").ended(python, pyz, "list") == (1, output)


def test_the_archive_is_unpacked_once_and_equal_input_gives_equal_bytes(
    pyz: Path, tmp_path: Path
) -> None:
    machine = Machine(tmp_path / "machine")
    machine.run(sys.executable, pyz, "--version")
    [folder] = (tmp_path / "machine" / ".cache" / "pip" / "pipfast-app").iterdir()
    time = folder.stat().st_ctime_ns
    machine.run(sys.executable, pyz, "list")
    assert folder.stat().st_ctime_ns == time
    assert build() == pyz.read_bytes()


def test_a_folder_that_others_can_write_is_not_used(pyz: Path, tmp_path: Path) -> None:
    machine = Machine(tmp_path / "machine")
    machine.run(sys.executable, pyz, "--version")
    [folder] = (tmp_path / "machine" / ".cache" / "pip" / "pipfast-app").iterdir()
    folder.chmod(0o777)
    (folder / "pipfast" / "main.py").write_text("raise SystemExit(9)\n")
    output = machine.run(sys.executable, pyz, "--version")
    assert "pipfast-app-" in output  # a temporary folder


def test_without_a_cache_a_run_has_a_temporary_folder(pyz: Path, tmp_path: Path) -> None:
    machine = Machine(tmp_path / "machine")
    (tmp_path / "file").touch()
    nowhere = {"PIP_CACHE_DIR": str(tmp_path / "file" / "cache"), "TMPDIR": str(tmp_path)}
    output = machine.run(sys.executable, pyz, "--version", **nowhere)
    assert str(tmp_path / "pipfast-app-") in output
    assert list(tmp_path.glob("pipfast-app-*")) == []


def test_a_link_named_pip_to_the_archive_is_pip(pyz: Path, tmp_path: Path) -> None:
    link = tmp_path / "pip"
    link.symlink_to(pyz)
    machine = Machine(tmp_path / "machine")
    assert machine.run(sys.executable, link, "--version").startswith(f"pip {PIP_VERSION} from ")


def test_a_shim_unpacks_the_archive_again(pyz: Path, tmp_path: Path) -> None:
    machine = Machine(tmp_path / "machine")
    env = machine.root / "env"
    machine.run(sys.executable, "-m", "venv", "--without-pip", env)
    machine.run(sys.executable, pyz, "shim", env)
    shutil.rmtree(machine.root / ".cache" / "pip" / "pipfast-app")
    assert "pip" in machine.run(env / "bin" / "python", "-m", "pip", "list")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """What ``pip install --target`` makes of pipfast."""
    for path, data in content().items():
        file = tmp_path / "target" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)
    return tmp_path / "target"


def test_a_folder_on_pythonpath_runs_as_a_module(folder: Path, tmp_path: Path) -> None:
    machine = Machine(tmp_path / "machine")
    python = interpreter(12) or sys.executable
    command, path = (python, "-m", "pipfast"), {"PYTHONPATH": str(folder)}
    assert str(folder / "pipfast") in machine.run(*command, "--version", **path)
    machine.run(python, "-m", "venv", "--without-pip", "env")
    output = machine.run(*command, "--python", "env", "install", "demo", "./project", **path)
    assert "Successfully installed built-1.0 demo-1.0" in output


def test_a_copied_folder_does_everything_without_a_variable(folder: Path, tmp_path: Path) -> None:
    copied = shutil.copytree(folder, tmp_path / "copied")
    shutil.rmtree(folder)
    machine = Machine(tmp_path / "machine")
    python = interpreter(12) or sys.executable
    machine.smoke(python, python, copied / "pipfast")
