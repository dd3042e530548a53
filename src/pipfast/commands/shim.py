"""`pipfast shim`: make pipfast the pip of environments.

The shim is an ordinary distribution. pipfast installs it with its own ``install``, in one
transaction, so that an environment has either its pip from before or the shim.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from importlib.metadata import distribution
from pathlib import Path

from packaging.specifiers import SpecifierSet

from pipfast.cli.own_program import own_command
from pipfast.commands._saved_pip import put_back, saved_pip
from pipfast.commands._shim_wheel import REST, SEED_VERSION, SavedPip, SavedWheel, shim_wheel
from pipfast.config.completion_candidates import SHIM_OPTIONS
from pipfast.config.pipfast_settings import NOTED_COMMAND
from pipfast.config.settings import Settings
from pipfast.environment.discovery import installed
from pipfast.environment.find_python import find
from pipfast.environment.interpreter import Interpreter, interpreter
from pipfast.environment.recorded_files import declared
from pipfast.errors import (
    CommandError,
    InstallationError,
    Interrupted,
    PipfastError,
    UsageError,
)
from pipfast.model.frozen_dataclass import dataclass
from pipfast.model.installed_distribution import Installed
from pipfast.model.version import PIP_VERSION
from pipfast.report import shim_lines
from pipfast.report.console import Console
from pipfast.report.failure import print_error, print_os_error
from pipfast.report.shim_program import MARK, Shim
from pipfast.store.filesystem.atomic import put
from pipfast.store.filesystem.entries import entries
from pipfast.store.filesystem.owned_names import temporary

_KEPT_SETTINGS = ("PIP_CACHE_DIR", "PIP_BREAK_SYSTEM_PACKAGES")
"""Settings of pip that apply to the installation of a shim; others are for packages."""


@dataclass(frozen=True, slots=True)
class _Environment:
    """An environment with its pip, if there is one, and the shim that this pip is."""

    python: Interpreter
    pip: Installed | None
    shim: Shim | None
    has_pipfast: bool

    @property
    def prefix(self) -> str:
        return self.python.prefix


Action = Callable[[_Environment], int]


def do(settings: Settings | None, argv: Sequence[str], environ: Mapping[str, str]) -> int:
    """Make, remove or show shims; print the usage without settings.

    The words of ``shim`` are those behind ``--`` in `argv`. Return 0 if all environments are as
    they should be, else the highest exit code of an error.
    """
    if settings is None:
        sys.stdout.write(f"{shim_lines.USAGE}\n")
        return 0
    console = Console(color=not settings.flag("no_color"))
    words = argv[list(argv).index("--") + 1 :]
    try:
        return _Run(settings, environ, console).run(words)
    except PipfastError as error:
        return print_error(error, console)
    except OSError as error:
        return print_os_error(error, console, user_site_would_do=False, doing="install")
    except KeyboardInterrupt:
        return print_error(Interrupted(), console)


def _usage_error(text: str) -> UsageError:
    return UsageError(text, usage=shim_lines.USAGE)


def _option(words: Sequence[str]) -> str:
    """Return the option among `words`, empty if there is none. Raises UsageError."""
    options = {word for word in words if word.startswith("-")}
    for option in sorted(options):
        if option not in SHIM_OPTIONS:
            raise _usage_error(shim_lines.unknown_option(option))
    if len(options) > 1:
        raise _usage_error(shim_lines.exclusive())
    return next(iter(options), "")


def _check(environment: _Environment) -> None:
    """Raise CommandError if an environment cannot have a shim."""
    python = environment.python
    is_own = os.path.realpath(python.prefix) == os.path.realpath(sys.prefix)
    if is_own or environment.has_pipfast:  # two that have a shim of each other would never end
        raise CommandError(shim_lines.own_environment(python.prefix))
    needed = distribution("pip").metadata["Requires-Python"] or ""
    version = ".".join(map(str, python.version_info))
    if not SpecifierSet(needed).contains(version, prereleases=True):
        raise CommandError(shim_lines.too_old(python.prefix, version, needed))


def _shim_of(pip: Installed) -> Shim | None:
    """Return the shim that an installed pip is, None for a real pip."""
    try:
        lines = Path(pip.info, MARK).read_text(encoding="utf-8").splitlines()
    except OSError:
        return None
    python, home, archive = [*lines, "", "", ""][:3]
    kept = sorted(Path(pip.location, "pip", "_replaced").glob("*.whl"))
    return Shim(python, home, str(kept[0]) if kept else "", archive=archive)


def _saved_by(shim: Shim) -> SavedPip:
    """Return the pip that a shim keeps."""
    wheel = Path(shim.replaced)
    rest = wheel.with_name(REST)
    return SavedPip(
        SavedWheel(wheel.name, wheel.read_bytes()), rest.read_bytes() if rest.exists() else b""
    )


@dataclass(frozen=True, slots=True)
class _Run:
    settings: Settings
    environ: Mapping[str, str]
    console: Console

    def run(self, words: Sequence[str]) -> int:
        """Do what the words of ``shim`` say. Raises PipfastError, OSError."""
        places = [word for word in words if not word.startswith("-")]
        option = _option(words)
        if option == "--seed":
            return self._seed(places)
        if not places:
            raise _usage_error(shim_lines.no_environment())
        action = {"--remove": self._remove, "--status": self._status}.get(option, self._make)
        return max([self._ended(action, place) for place in places])

    def _ended(self, action: Action, place: str) -> int:
        """Return the exit code for one environment; an error does not end the others."""
        try:
            return action(self._environment(place))
        except PipfastError as error:
            return print_error(error, self.console)

    def _environment(self, place: str) -> _Environment:
        store = entries(self.settings.text("cache_dir"))
        python = interpreter(find(place, self.environ), store, self.environ)
        found = installed(python.sys_path, python)
        pip = next((one for one in found if one.name == "pip" and one.local), None)
        has_pipfast = any(one.name == "pipfast" and one.local for one in found)
        return _Environment(python, pip, None if pip is None else _shim_of(pip), has_pipfast)

    def _make(self, environment: _Environment) -> int:
        """Put a shim into an environment in place of its pip."""
        prefix, pip, shim = environment.prefix, environment.pip, environment.shim
        _check(environment)
        saved = None
        if pip is not None and shim is None:
            saved = saved_pip(pip, prefix, environment.python.scheme.scripts)
        elif shim is not None and shim.replaced:
            saved = _saved_by(shim)
        self._install(environment.python, shim_wheel(saved), PIP_VERSION)
        before = None if saved is None else saved.wheel.name.split("-")[1]
        self.console.print(shim_lines.made(prefix, PIP_VERSION, before))
        return 0

    def _remove(self, environment: _Environment) -> int:
        """Put back what the shim replaced."""
        shim, prefix = environment.shim, environment.prefix
        if shim is None:
            self.console.print(shim_lines.nothing_to_remove(prefix))
            return 0
        version = None
        if shim.replaced:
            saved = _saved_by(shim)
            version = saved.wheel.name.split("-")[1]
            self._install(environment.python, saved.wheel, version, "--remove")
            again = self._environment(prefix).pip
            if again is not None and saved.rest:
                put_back(saved.rest, Path(again.location), declared(again) or ())
        else:
            self._call(environment.python, ["uninstall", "--yes", "pip"], "--remove")
        self.console.print(shim_lines.removed(prefix, version))
        return 0

    def _status(self, environment: _Environment) -> int:
        pip, shim = environment.pip, environment.shim
        works = shim is not None and shim.works()
        version = pip.raw_version if pip else None
        line = shim_lines.status(
            environment.prefix, version, shim.python if shim else None, works=works
        )
        self.console.print(line)
        return 0 if works else 1

    def _seed(self, places: Sequence[str]) -> int:
        if len(places) != 1:
            raise _usage_error(shim_lines.no_seed_folder())
        folder = Path(places[0]).absolute()
        folder.mkdir(parents=True, exist_ok=True)
        wheel = shim_wheel(version=SEED_VERSION)
        with temporary("pipfast-shim") as staged:
            written = Path(staged, wheel.name)
            written.write_bytes(wheel.content)
            put(written, folder)
        for old in folder.glob("pip-*+pipfast-*.whl"):
            if old.name != wheel.name:
                old.unlink()
        self.console.print(shim_lines.seeded(str(folder / wheel.name), SEED_VERSION))
        return 0

    def _install(self, python: Interpreter, wheel: SavedWheel, version: str, *typed: str) -> None:
        """Install a wheel of pip in place of the installed pip, in one transaction."""
        with temporary("pipfast-shim") as folder:
            Path(folder, wheel.name).write_bytes(wheel.content)
            words = ["--no-index", "--find-links", folder, "--no-deps", "--force-reinstall"]
            words += ["--no-user", "--no-warn-script-location", "--root-user-action=ignore"]
            self._call(python, ["install", *words, f"pip=={version}"], *typed)

    def _call(self, python: Interpreter, words: Sequence[str], *typed: str) -> None:
        """Run pipfast for `python` without the user's settings. Raises InstallationError.

        The history of the environment has the words `typed` of ``shim`` instead of `words`.
        """
        environ = {
            key: text
            for key, text in self.environ.items()
            if not key.startswith(("PIP_", "PIPFAST_")) or key in _KEPT_SETTINGS
        }
        cache = self.settings.text("cache_dir")
        environ |= {"PIP_CACHE_DIR": cache} if cache else {"PIP_NO_CACHE_DIR": "1"}
        environ |= {"PIP_CONFIG_FILE": os.devnull, "PIPFAST_PIP_COMPAT": "1"}
        environ |= {"PIPFAST_FALLBACK": "never"}  # the fallback may be what is replaced
        environ |= {NOTED_COMMAND: "\n".join(["shim", *typed, python.prefix])}
        environ |= {"PIPFAST_LINK_MODE": "copy"}  # permissions and times of a pip are put back
        done = subprocess.run(
            [*own_command(), "--python", python.executable, "-q", *words],
            env=environ,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            check=False,
        )
        if done.returncode:
            lines = done.stderr.strip().removeprefix("ERROR: ")
            raise InstallationError(shim_lines.not_changed(python.prefix, lines))
