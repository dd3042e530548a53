"""The program of a shim: run pipfast under the name of pip.

`commands/_shim_wheel.py` copies this file into environments, where it is a module of the package
``pip``. It imports little, and only from the standard library, because it starts each run. It is
here because users read its texts.
"""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

MARK = "pipfast_shim.txt"
"""The file in a shim's metadata folder that tells it from a real pip: PYTHON, HOME, ARCHIVE."""

START = (
    "import sys; sys.path[:] = filter(None, sys.path); home = sys.argv.pop(2); "
    "home in sys.path or sys.path.insert(0, home); "
    "del sys.argv[0]; from pipfast.main import run; run()"
)
"""Runs pipfast with a program name, the folder that contains pipfast, and pip's arguments."""


class Shim:
    """A shim's pipfast: the interpreter `python`, the folder `home` with the package ``pipfast``.

    `replaced` is the wheel of the pip that the shim replaced, empty if there was none. `version`
    is that of the shim. `archive` is the `pipfast.pyz` that has unpacked `home`, if there is one.
    """

    def __init__(
        self, python: str, home: str, replaced: str, version: str = "", archive: str = ""
    ) -> None:
        self.python = python
        self.home = home
        self.replaced = replaced
        self.version = version
        self.archive = archive

    def works(self) -> bool:
        """Return whether pipfast is where it was, or can be unpacked there again."""
        package = os.path.join(self.home, "pipfast", "main.py")
        if not os.path.exists(self.python):
            return False
        if not os.path.exists(package) and self.archive and os.path.exists(self.archive):
            import subprocess

            command = [self.python, self.archive, "--version"]
            subprocess.run(command, stdout=subprocess.DEVNULL, check=False)
        return os.path.exists(package)

    def run(self, words: Sequence[str] | None = None, *, in_place: bool = False) -> int:
        """Run pip's command line `words`, by default the program's own; return the exit code.

        With `in_place` pipfast takes the place of this process where the system can do that.
        """
        arguments = list(sys.argv[1:] if words is None else words)
        if arguments in (["--version"], ["-V"]) and not os.environ.get("PIP_PYTHON"):
            place = os.path.dirname(os.path.abspath(__file__))
            sys.stdout.write(f"pip {self.version} from {place} (python {_python_version()})\n")
            return 0
        if self.works():
            command = self._pipfast(arguments)
        else:
            wheel = self._other_pip()
            if wheel is None:
                sys.stderr.write(
                    f"ERROR: This pip runs pipfast, which is no longer at {self.python}\n"
                    f"hint: run 'pipfast shim {sys.prefix}' with the pipfast to use, or "
                    f"'pipfast shim --remove {sys.prefix}'\n"
                )
                return 1
            sys.stderr.write(
                f"WARNING: pipfast is no longer at {self.python}; running {wheel} instead\n"
            )
            command = [sys.executable, os.path.join(wheel, "pip"), *arguments]
        return _started(command, _environ(), in_place=in_place)

    def _pipfast(self, arguments: list[str]) -> list[str]:
        """Return the command that runs pipfast in parity mode for this interpreter."""
        name = os.path.basename(sys.argv[0]) if sys.argv else ""
        called = name if _is_pip(name) else "pip"
        aimed = [] if os.environ.get("PIP_PYTHON") else ["--python", sys.executable]
        if called != name and arguments in (["--help"], ["-h"], ["help"]):
            arguments = []  # print the same help, but with the name of this program in it
        return [self.python, "-c", START, called, self.home, *aimed, *arguments]

    def _other_pip(self) -> str | None:
        """Return the wheel of a real pip: the one that was replaced, else ensurepip's."""
        if self.replaced and os.path.exists(self.replaced):
            return self.replaced
        folder = os.path.join(os.path.dirname(os.__file__), "ensurepip", "_bundled")
        names = os.listdir(folder) if os.path.isdir(folder) else []
        wheels = sorted(each for each in names if each.startswith("pip-"))
        return os.path.join(folder, wheels[-1]) if wheels else None


def _is_pip(name: str) -> bool:
    return name.rstrip("0123456789.") == "pip"


def _python_version() -> str:
    return ".".join(map(str, sys.version_info[:2]))


def _environ() -> dict[str, str]:
    """Return the variables for pip: options of this interpreter (``-I``) apply to it as well.

    A script passes its name, which pip prints in help; for ``-m pip`` it prints the interpreter's.
    """
    environ = dict(os.environ)
    environ.pop("PIPFAST_SHIM_SCRIPT", None)
    name = os.path.basename(sys.argv[0]) if sys.argv else ""
    if _is_pip(name) and not environ.get("PIP_PYTHON"):
        environ["PIPFAST_SHIM_SCRIPT"] = name
    if sys.flags.ignore_environment:
        environ = {key: text for key, text in environ.items() if not key.startswith("PYTHON")}
    if sys.flags.no_user_site:
        environ["PYTHONNOUSERSITE"] = "1"
    return environ


def _started(command: list[str], environ: dict[str, str], *, in_place: bool) -> int:
    sys.stdout.flush()
    sys.stderr.flush()
    if in_place and os.name == "posix":
        os.execve(command[0], command, environ)  # noqa: S606 - no shell is wanted
    import subprocess

    return subprocess.run(command, env=environ, check=False).returncode
