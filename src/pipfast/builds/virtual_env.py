"""Build environments as virtual environments (``--use-feature=venv-isolation``).

Subprocesses of a build only see its packages if they use its Python. Programs of other
environments on PATH find their own packages, which pip's default layout hides.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from pipfast.builds.errors import NoVirtualEnvironment, NoVirtualEnvironments
from pipfast.builds.isolation import BuildEnvironment, BuildEnvironments, RequirementsInstaller
from pipfast.builds.processes import ChildProcesses, run
from pipfast.environment.interpreter import Interpreter


def is_virtual(prefix: Path) -> bool:
    """Return whether the folder is a virtual environment (PEP 405)."""
    return (prefix / "pyvenv.cfg").is_file()


def python_of(prefix: Path) -> str:
    """Return the interpreter of the virtual environment at `prefix`."""
    name = "Scripts/python.exe" if os.name == "nt" else "bin/python"
    return str(prefix / name)


class VirtualEnvironments(BuildEnvironments):
    """The build environments of a run, each with its own Python; `children` runs venv."""

    def __init__(
        self,
        python: Interpreter,
        fill: RequirementsInstaller,
        folder: Path,
        children: ChildProcesses,
    ) -> None:
        super().__init__(python, fill, folder)
        self._children = children

    def _make(self, static: Sequence[str], dynamic: Sequence[str], whose: str) -> BuildEnvironment:
        from tempfile import mkdtemp

        prefix = Path(mkdtemp(prefix="pip-build-env-", dir=self._folder))
        self._create(prefix)
        output: tuple[str, ...] = ()
        for requirements in (static, dynamic):
            if requirements:
                output = self._fill(requirements, prefix, whose).output
        scheme = self._python.prefix_scheme.below(str(prefix))
        path = filter(None, [scheme.scripts, os.environ.get("PATH")])
        return BuildEnvironment(
            python=python_of(prefix),
            variables={"PATH": os.pathsep.join(path), "PYTHONPATH": ""},
            folders=tuple(dict.fromkeys((scheme.purelib, scheme.platlib))),
            programs=(scheme.scripts,),
            output=output,
        )

    def _create(self, prefix: Path) -> None:
        """Create a virtual environment without packages in the folder."""
        links = ["--copies"] if os.name == "nt" else ["--symlinks"]
        words = [self._python.executable, "-I", "-m", "venv", "--without-pip", *links, str(prefix)]
        output: list[str] = []
        try:
            code = run(words, None, {}, output.append, self._children)
        except OSError as error:
            raise NoVirtualEnvironment(str(error)) from None
        if any(line.endswith("No module named venv") for line in output):
            raise NoVirtualEnvironments
        if code or not Path(python_of(prefix)).exists():
            raise NoVirtualEnvironment("\n".join(output) or f"exit code: {code}")
