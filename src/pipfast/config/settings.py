"""Parse arguments and environment into frozen Settings."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from types import MappingProxyType

from pipfast.config.argv import Arguments, parse
from pipfast.config.defaults import BadConfiguration, defaults
from pipfast.config.directories import cache_directory, interpreter_at, target_prefix
from pipfast.config.interpreter_beside import interpreter_beside, python_on_path
from pipfast.config.layers import read_sources
from pipfast.config.option_table import CACHE_DIRECTORY, SOURCE_DIRECTORY, Command
from pipfast.config.option_types import BadValue, Values
from pipfast.config.pipfast_settings import PipfastSettings, own_settings
from pipfast.config.program_name import is_pip_name
from pipfast.config.subcommands import COMMANDS, MAIN
from pipfast.config.usage import usage_text
from pipfast.errors import CommandError, UsageError
from pipfast.model.frozen_dataclass import dataclass

COMMAND_LINE = "command line"
_RE_RUN = "_PIP_RUNNING_IN_SUBPROCESS"
_OWN_NAME = "pipfast"


class WorkingDirectoryDeleted(UsageError):
    """The working directory was deleted; pip exits with 1 without usage."""

    exit_code = 1

    def __init__(self) -> None:
        super().__init__("The folder you are executing pip from can no longer be found.", usage="")


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The parsed command line: `command`, positional arguments `words`, and `values` by pip's dest.

    `command` is ``version`` for ``--version`` and ``help`` without arguments. Lists are tuples;
    ``format_control`` and ``release_control`` are pairs of frozensets (no_binary, only_binary)
    and (all_releases, only_final); ``cache_dir`` is False for no cache. `python` is the
    executable that ``--python`` names, else the one next to a program named pip, else the first on
    PATH (`is_on_path`) if pipfast's own environment is not meant. `verbosity` is
    pip's: positive for ``-v``, negative for ``-q``. `own` are the settings of ``[pipfast]`` and
    ``PIPFAST_*``. `program` is the name of the program that was run, `line` all its arguments.
    """

    command: str
    words: tuple[str, ...]
    values: Mapping[str, object]
    origins: Mapping[str, str]
    own: PipfastSettings
    program: str
    python: str | None = None
    is_on_path: bool = False
    line: tuple[str, ...] = ()

    @property
    def pipfast(self) -> Mapping[str, str]:
        """The valid ``[pipfast]`` and ``PIPFAST_*`` settings, by key with hyphens."""
        return self.own.values

    @property
    def verbosity(self) -> int:
        """The number of ``-v`` minus the number of ``-q``; 2 with ``--debug``."""
        if self.flag("debug_mode"):
            return 2
        verbose, quiet = self.values.get("verbose", 0), self.values.get("quiet", 0)
        return (verbose if isinstance(verbose, int) else 0) - (
            quiet if isinstance(quiet, int) else 0
        )

    @property
    def name(self) -> str:
        """Return how pip names itself in examples: the program's name, or its Python."""
        if self.python and self.values.get("python"):
            return f"{os.path.abspath(self.python)} -m pip"  # noqa: PTH100 - start-up time
        return _name_in_usage(self.program)

    def origin(self, dest: str) -> str:
        """Return the origin of the value of `dest`.

        ``command line``, ``environment variable PIP_X`` or a configuration file's path,
        separated by commas if several contribute to a list; ``default`` if it is not set.
        """
        return self.origins.get(dest, "default")

    def flag(self, dest: str) -> bool:
        """Return a boolean option; False if the command does not have it."""
        return bool(self.values.get(dest))

    def text(self, dest: str) -> str | None:
        """Return a text option; None if it is not set or the command does not have it."""
        value = self.values.get(dest)
        return value if isinstance(value, str) else None

    def texts(self, dest: str) -> tuple[str, ...]:
        """Return a list option; empty if it is not set or the command does not have it."""
        value = self.values.get(dest)
        return tuple(map(str, value)) if isinstance(value, tuple) else ()


def settings(
    words: Sequence[str],
    environ: Mapping[str, str],
    argv0: str = "",
    own: Command | None = None,
) -> Settings:
    """Parse a command line (without the program's name) and its configuration.

    `argv0` is ``sys.argv[0]``. `own` is a subcommand that pip does not have, or has with fewer
    options. Raises UsageError (exit code 2, or 3 for an invalid typed value
    in configuration; `usage` and `message` are pip's output without ``ERROR:``), CommandError
    for an unknown command, and NotNative for help.
    """
    run = _Run(words, environ, argv0, own)
    general = run.parsed(MAIN, run.words, interspersed=False).values
    python = general["python"]
    if isinstance(python, str) and python and _RE_RUN not in environ:
        run.aim_at(python)
        general = run.parsed(MAIN, run.words, interspersed=False).values
    return run.finished(general)


class _Run:
    """The two parses of a command line: the part before the subcommand, then the whole line."""

    def __init__(
        self, words: Sequence[str], environ: Mapping[str, str], argv0: str, own: Command | None
    ) -> None:
        self.words = list(words)
        self.own = own
        self.environ = environ
        self.called = os.path.basename(argv0)  # noqa: PTH119 - pathlib costs start-up time
        self.name = _name_in_usage(self.called) if own is None else _OWN_NAME
        self.python = interpreter_beside(argv0, environ)
        self.is_on_path = False
        if self.python is None:
            self.python = python_on_path(argv0, environ)
            self.is_on_path = self.python is not None
        self.prefix, self.virtual = target_prefix(environ, self.python)
        self.sections = read_sources(environ, isolated=False, prefix=self.prefix)
        self.origins: dict[str, str] = {}

    def aim_at(self, python: str) -> None:
        """Read again what depends on the interpreter that ``--python`` names, as pip does."""
        self.python, self.is_on_path = interpreter_at(python), False
        if self.python is None:
            raise CommandError(f"Could not locate Python interpreter {python}")
        self.prefix, self.virtual = target_prefix(self.environ, self.python)
        self.sections = read_sources(self.environ, isolated=False, prefix=self.prefix)
        if self.own is None:
            self.name = f"{os.path.abspath(self.python)} -m pip"  # noqa: PTH100

    def parsed(
        self, command: Command, words: Sequence[str], *, interspersed: bool = True
    ) -> Arguments:
        """Parse `words` on top of environment, files and table; record the origins."""
        try:
            before, origins = defaults(command, self.sections, self.computed())
            arguments = parse(words, command, before, interspersed=interspersed)
        except BadValue as error:
            remedies = () if self.is_parity() else error.remedies
            usage = usage_text(command, self.name, self.environ)
            raise UsageError(str(error), *remedies, usage=usage) from None
        except BadConfiguration as error:
            error.remedies = () if self.is_parity() else error.remedies
            raise
        gathering = {o.dest for o in command.options if o.action in ("append", "callback", "count")}
        for dest in arguments.given:
            earlier = origins.get(dest)
            added = earlier is not None and dest in gathering
            origins[dest] = f"{earlier}, {COMMAND_LINE}" if added else COMMAND_LINE
        self.origins = origins
        return arguments

    def is_parity(self) -> bool:
        """Return whether parity mode is on, as far as is known before everything is read."""
        chosen = own_settings(self.sections, self.environ).values.get("pip-compat")
        return chosen == "true" if chosen is not None else is_pip_name(self.called)

    def computed(self) -> dict[str, str]:
        """Return the defaults that depend on the machine."""
        try:
            base = self.prefix if self.virtual else os.getcwd()  # noqa: PTH109
        except OSError:
            raise WorkingDirectoryDeleted from None
        return {
            CACHE_DIRECTORY: cache_directory(self.environ),
            SOURCE_DIRECTORY: os.path.abspath(os.path.join(base, "src")),  # noqa: PTH100, PTH118
        }

    def finished(self, general: Values) -> Settings:
        """Return the subcommand and its parsed arguments."""
        if general["version"]:
            return self.answer("version", Arguments(general, (), frozenset()))
        rest = parse(self.words, MAIN, general, interspersed=False).words
        if not rest or rest == ("help",):
            return self.answer("help", Arguments(general, (), frozenset()))
        own = self.own is not None and self.own.name == rest[0]
        command = self.own if own else COMMANDS.get(rest[0])
        if command is None:
            raise CommandError(_unknown(rest[0]))
        words = list(self.words)
        words.remove(rest[0])
        if "--isolated" in words:
            self.sections = read_sources(self.environ, isolated=True, prefix=self.prefix)
        arguments = self.parsed(command, words)
        if arguments.values["python"] and not general["python"] and _RE_RUN not in self.environ:
            raise CommandError("The --python option must be placed before the pip subcommand name")
        return self.answer(command.name, arguments)

    def answer(self, command: str, arguments: Arguments) -> Settings:
        return Settings(
            command=command,
            words=arguments.words,
            values=MappingProxyType(arguments.values),
            origins=MappingProxyType(self.origins),
            own=own_settings(self.sections, self.environ),
            program=self.called,
            python=self.python,
            is_on_path=self.is_on_path,
            line=tuple(self.words),
        )


def _name_in_usage(called: str) -> str:
    """Return the name of pip that was called (``pip3``); ``pip`` for other program names."""
    return called if is_pip_name(called) else "pip"


def _unknown(word: str) -> str:
    from difflib import get_close_matches  # the run ends here

    close = get_close_matches(word.lower(), COMMANDS)
    guess = f' - maybe you meant "{close[0]}"' if close else ""
    return f'unknown command "{word}"{guess}'
