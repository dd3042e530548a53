"""The folders that faults are tried in: an environment, a store, temporary files, a project.

Everything is below one root, whose folders are reset to a saved state before each trial.
"""

from __future__ import annotations

import os
import re
import shutil
import sys
import sysconfig
from collections.abc import Callable, Iterable
from pathlib import Path

from compat.faults.forked import Ended, Forks, other_program, pipfast_program
from compat.faults.saved import Saved, Tree, condition, entries, tree
from compat.faults.shim import SharedState
from tests.kit.wheels import Wheel, sha256, wheel

AREAS = ("env", "cache", "tmp", "work")
"""The folders that are reset. A lasting fault concerns one of them."""

CHANGING = re.compile(r"[0-9a-f]{16,}|-[0-9a-f]+-[0-9a-f]+-[0-9a-f]+-[0-9a-f]{8}\b")
"""Keys, and the parts of temporary names that are different in each run."""

_BACKEND = '''
"""A build backend that writes one module, or, for an editable install, a path file."""

import os
import zipfile

NAME, VERSION = "made", "1.0"
INFO = f"{NAME}-{VERSION}.dist-info"


def _wheel(folder, files):
    name = f"{NAME}-{VERSION}-py3-none-any.whl"
    files[f"{INFO}/METADATA"] = f"Metadata-Version: 2.1\\nName: {NAME}\\nVersion: {VERSION}\\n"
    files[f"{INFO}/WHEEL"] = "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n"
    files[f"{INFO}/RECORD"] = "".join(f"{path},,\\n" for path in (*files, f"{INFO}/RECORD"))
    with zipfile.ZipFile(os.path.join(folder, name), "w") as archive:
        for path, text in files.items():
            archive.writestr(zipfile.ZipInfo(path, (2020, 1, 1, 0, 0, 0)), text)
    return name


def build_wheel(folder, settings=None, metadata=None):
    return _wheel(folder, {"made.py": "V = 1\\n"})


def build_editable(folder, settings=None, metadata=None):
    return _wheel(folder, {"made.pth": os.path.join(os.getcwd(), "src") + "\\n"})
'''
_PROJECT = """
[project]
name = "made"
version = "1.0"

[build-system]
requires = []
build-backend = "backend"
backend-path = ["."]
"""


def part(name: str, version: str, modules: int = 0) -> Wheel:
    """Return a wheel with a package, a module named after the version, a script and data.

    `modules` is the number of further modules.
    """
    files = {f"{name}/__init__.py": f"V = {version!r}\n", f"{name}/v{version[0]}.py": ""}
    text = "".join(f"\n\ndef f{n}(a, b={version}):\n    return a + b\n" for n in range(20))
    files |= {f"{name}/m{number}.py": text for number in range(modules)}
    data = {f"data/share/{name}.txt": version}
    return wheel(name, version, files=files, data=data, scripts={name: f"{name}:V"})


class Sandbox:
    """The folders of one process that tries faults, below `folder`.

    The distributions have `modules` further modules. `spawned` is whether runs and their workers
    are new interpreters instead of forks of this one.
    """

    def __init__(
        self, folder: Path, shim: Path, modules: int = 0, *, spawned: bool = False
    ) -> None:
        self._spawned = spawned
        self.root = folder / "root"
        self._environment = self.root / "env"
        self.saved: dict[str, Saved] = {}
        self.links = self.root / "links"
        self.notes = folder / "notes"
        for path in (self.links, self.notes):
            path.mkdir(parents=True)
        self.clear()
        self._make_environment()
        self._make_project()
        wheels = [
            part(name, version, modules) for name in ("aa", "bb") for version in ("1.0", "2.0")
        ]
        lines = []
        for made in (*wheels, wheel("keep", "1.0", files={"keep.py": ""})):
            (self.links / made.filename).write_bytes(made.content)
            lines.append(f'<a href="{made.filename}#sha256={sha256(made.content)}">-</a>')
        (self.links / "index.html").write_text("<!DOCTYPE html>\n" + "\n".join(lines))
        self.state = SharedState(self.notes / "state", self.root)
        self._forks = Forks(self.notes, self.root / "work", self.environ(), str(shim))

    @property
    def python(self) -> Path:
        """The interpreter of the environment."""
        return self._environment / "bin" / "python"

    def use(self, environment: Path) -> None:
        """Run everything in another environment from now on."""
        self._environment = environment

    def environ(self) -> dict[str, str]:
        """Return the variables of all runs."""
        kept = {key: value for key in ("PATH", "LANG") if (value := os.environ.get(key))}
        return {
            **kept,
            "HOME": str(self.notes),
            "TMPDIR": str(self.root / "tmp"),
            "PIP_CONFIG_FILE": os.devnull,
            "PIP_CACHE_DIR": str(self.root / "cache"),
            "UV_CACHE_DIR": str(self.root / "cache"),
            "UV_NO_CONFIG": "1",
            "PIP_NO_INDEX": "1",
            "PIP_FIND_LINKS": str(self.links / "index.html"),
            "PIP_DISABLE_PIP_VERSION_CHECK": "1",
            "PIP_ROOT_USER_ACTION": "ignore",
            "PIP_REQUIRE_VIRTUALENV": "1",  # nothing may ever reach this Python itself
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTHONHASHSEED": "0",
        }

    def run(self, words: Iterable[str], tool: str = "pipfast", *, counted: bool = False) -> Ended:
        """Run a command line of a tool in the environment."""
        state = self.state if counted else None
        return self._forks.run(self.program(words, tool), state)

    def run_whole(self, words: Iterable[str], during: Callable[[int], None]) -> Ended:
        """Run pipfast in an interpreter of its own, and call `during` with its process id."""
        command = [sys.executable, "-m", "pipfast", "--python", str(self.python), *words]
        return self._forks.run(other_program(command), None, during)

    def program(self, words: Iterable[str], tool: str = "pipfast") -> Callable[[], None]:
        """Return what runs a command line in a fork."""
        command = list(words)
        if tool == "uv":
            found = shutil.which("uv", path=Path(sys.executable).parent) or "uv"
            target = ["--python", str(self.python)] if "--target" not in command else []
            links = ["--no-index", "--find-links", str(self.links)]
            extra = [] if command[0] in ("uninstall", "list") else links
            command = [word for word in command if word != "-y"]
            return other_program([found, "pip", *command, *target, *extra])
        command = ["--python", str(self.python), *command]
        if tool == "pip":
            return other_program([sys.executable, "-m", "pip", *command])
        if self._spawned:
            safe = ["-P"] if sys.version_info >= (3, 11) else []  # no imports from `work`
            return other_program([sys.executable, *safe, "-m", "pipfast", *command])
        return pipfast_program(command)

    def clear(self) -> None:
        """Empty the folders that are reset."""
        for area in AREAS:
            shutil.rmtree(self.root / area, ignore_errors=True)
            (self.root / area).mkdir()

    def save(self, name: str) -> None:
        """Save the folders as the state `name`."""
        self.saved[name] = Saved.of(self.root, AREAS)

    def reset(self, name: str, areas: Iterable[str] = AREAS) -> None:
        """Reset the folders to a saved state."""
        self.saved[name].restore(areas)

    def empty_store(self, keep: str | None) -> None:
        """Remove everything from the store but its folder `keep`."""
        store = self.root / "cache" / "pipfast" / "v1"
        inner = store.iterdir() if keep and store.exists() else ()
        outer = (self.root / "cache").iterdir()
        for path in [*inner, *(path for path in outer if keep is None or path.name != "pipfast")]:
            if path.name == keep:
                continue
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink()

    def condition(self) -> str:
        """Return a digest of the folders, which is the same if commands find the same there."""
        return condition(self.root, AREAS, CHANGING)

    def tree(self) -> Tree:
        """Return what the environment and the project contain."""
        found: Tree = {}
        for area in ("env", "work"):
            found.update(tree(self.root / area, area))
        return found

    def packages(self) -> Tree:
        """Return `tree()` without the content of metadata folders, which differs between tools."""
        return {path: entry for path, entry in self.tree().items() if ".dist-info/" not in path}

    def names(self) -> set[str]:
        """Return the paths in the store and the temporary folder, with ``#`` for each key."""
        return {
            re.sub(r"[0-9a-f]{16,}", "#", path)
            for area in ("cache", "tmp")
            for path in entries(str(self.root / area), area)
        }

    def _make_environment(self) -> None:
        env = self.root / "env"
        version = sysconfig.get_python_version()
        library = env / "lib" / f"python{version}" / "site-packages"
        library.mkdir(parents=True)
        (env / "bin").mkdir()
        base = Path(sys._base_executable)  # type: ignore[attr-defined]  # noqa: SLF001
        for name in ("python", f"python{version}"):
            (env / "bin" / name).symlink_to(base)
        settings = f"home = {base.parent}\ninclude-system-site-packages = false\n"
        (env / "pyvenv.cfg").write_text(f"{settings}version = {sys.version.split()[0]}\n")

    def _make_project(self) -> None:
        work = self.root / "work"
        project = work / "made"
        (project / "src").mkdir(parents=True)
        (project / "src" / "made.py").write_text("V = 1\n")
        (project / "pyproject.toml").write_text(_PROJECT)
        (project / "backend.py").write_text(_BACKEND)
