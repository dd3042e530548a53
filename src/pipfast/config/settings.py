"""The one door of this room: words and variables become frozen Settings."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from types import MappingProxyType

from pipfast.config.argv import Arguments, parse
from pipfast.config.defaults import BadConfiguration, defaults
from pipfast.config.directories import cache_directory, interpreter_at, target_prefix
from pipfast.config.interpreter_beside import interpreter_beside
from pipfast.config.layers import read_sources
from pipfast.config.option_table import CACHE_DIRECTORY, SOURCE_DIRECTORY, Command, Frozen
from pipfast.config.option_types import BadValue, Values
from pipfast.config.pipfast_settings import OwnSettings, is_pip_name, own_settings
from pipfast.config.subcommands import COMMANDS, MAIN
from pipfast.config.usage import usage_text
from pipfast.errors import CommandError, UsageError

COMMAND_LINE = "command line"
_RE_RUN = "_PIP_RUNNING_IN_SUBPROCESS"


class FolderGone(UsageError):
    """The working folder was deleted under the run; pip ends with 1, without usage."""

    exit_code = 1

    def __init__(self) -> None:
        super().__init__("The folder you are executing pip from can no longer be found.", usage="")


class Settings(Frozen):
    """What was asked: `command`, its positional `words`, and `values` by pip's dest.

    `command` is ``version`` for ``--version`` and ``help`` for no word at all. Lists are tuples,
    ``format_control`` and ``release_control`` are pairs of frozensets (no_binary, only_binary) and
    (all_releases, only_final), ``cache_dir`` is False for no cache. `python` is the executable
    that ``--python`` names, else the one that a program called pip stands beside. `verbosity` is
    pip's: 0, more for ``-v``, less for ``-q``. `own` is the ``[pipfast]`` section and
    ``PIPFAST_*``. `program` is the name the user called.
    """

    __slots__ = ("_origins", "command", "own", "program", "python", "values", "words")

    def __init__(
        self,
        command: str,
        arguments: Arguments,
        origins: Mapping[str, str],
        *,
        own: OwnSettings,
        program: str,
        python: str | None = None,
    ) -> None:
        self.command = command
        self.words = arguments.words
        self.values: Mapping[str, object] = MappingProxyType(arguments.values)
        self._origins = origins
        self.own = own
        self.program = program
        self.python = python

    @property
    def pipfast(self) -> Mapping[str, str]:
        """The ``[pipfast]`` and ``PIPFAST_*`` values that are set, checked, by key with dashes."""
        return self.own.values

    @property
    def verbosity(self) -> int:
        """More for every ``-v``, less for every ``-q``; 2 under ``--debug``."""
        if self.flag("debug_mode"):
            return 2
        verbose, quiet = self.values.get("verbose", 0), self.values.get("quiet", 0)
        return (verbose if isinstance(verbose, int) else 0) - (
            quiet if isinstance(quiet, int) else 0
        )

    @property
    def name(self) -> str:
        """How pip would call itself in an example: the program's name, or the Python it runs in."""
        if self.python and self.values.get("python"):
            return f"{os.path.abspath(self.python)} -m pip"  # noqa: PTH100 - start-up time
        return _name_in_usage(self.program)

    def origin(self, dest: str) -> str:
        """Where the value of `dest` was set.

        ``command line``, ``environment variable PIP_X`` or a configuration file's path; with commas
        where several added to a list; ``default`` where nobody set it.
        """
        return self._origins.get(dest, "default")

    def flag(self, dest: str) -> bool:
        """The truth of a yes-or-no option; False where the command has no such option."""
        return bool(self.values.get(dest))

    def text(self, dest: str) -> str | None:
        """A text option; None where it is not set or the command has no such option."""
        value = self.values.get(dest)
        return value if isinstance(value, str) else None

    def texts(self, dest: str) -> tuple[str, ...]:
        """A list option; empty where it is not set or the command has no such option."""
        value = self.values.get(dest)
        return tuple(map(str, value)) if isinstance(value, tuple) else ()


def settings(words: Sequence[str], environ: Mapping[str, str], argv0: str = "") -> Settings:
    """Read a command line (without the program's own name) with all that configures it.

    `argv0` is ``sys.argv[0]``. Raises UsageError (exit code 2, or 3 for a wrong typed value in
    configuration; `usage` and `message` are what pip writes, with no ``ERROR:`` before them),
    CommandError for an unknown command, and NotNative for help.
    """
    run = _Run(words, environ, argv0)
    general = run.parsed(MAIN, run.words, interspersed=False).values
    python = general["python"]
    if isinstance(python, str) and python and _RE_RUN not in environ:
        run.aim_at(python)
        general = run.parsed(MAIN, run.words, interspersed=False).values
    return run.finished(general)


class _Run:
    """The two parses of one command line: what stands before the subcommand, then all of it."""

    def __init__(self, words: Sequence[str], environ: Mapping[str, str], argv0: str) -> None:
        self.words = list(words)
        self.environ = environ
        self.called = os.path.basename(argv0)  # noqa: PTH119 - pathlib costs start-up time
        self.name = _name_in_usage(self.called)
        self.python = interpreter_beside(argv0, environ)
        self.prefix, self.virtual = target_prefix(environ, self.python)
        self.sections = read_sources(environ, isolated=False, prefix=self.prefix)
        self.origins: dict[str, str] = {}

    def aim_at(self, python: str) -> None:
        """Read again what belongs to the interpreter that ``--python`` names, as pip does there."""
        self.python = interpreter_at(python)
        if self.python is None:
            raise CommandError(f"Could not locate Python interpreter {python}")
        self.prefix, self.virtual = target_prefix(self.environ, self.python)
        self.sections = read_sources(self.environ, isolated=False, prefix=self.prefix)
        self.name = f"{os.path.abspath(self.python)} -m pip"  # noqa: PTH100

    def parsed(
        self, command: Command, words: Sequence[str], *, interspersed: bool = True
    ) -> Arguments:
        """`words` over the environment, the files and the table; `origins` is told the sources."""
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
        """Whether pip's own lines are wanted and no more, as far as is known before all is read."""
        said = own_settings(self.sections, self.environ).values.get("pip-compat")
        return said == "true" if said is not None else is_pip_name(self.called)

    def computed(self) -> dict[str, str]:
        """The defaults that depend on the machine."""
        try:
            base = self.prefix if self.virtual else os.getcwd()  # noqa: PTH109
        except OSError:
            raise FolderGone from None
        return {
            CACHE_DIRECTORY: cache_directory(self.environ),
            SOURCE_DIRECTORY: os.path.abspath(os.path.join(base, "src")),  # noqa: PTH100, PTH118
        }

    def finished(self, general: Values) -> Settings:
        """The subcommand, found and parsed."""
        if general["version"]:
            return self.answer("version", Arguments(general, (), frozenset()))
        rest = parse(self.words, MAIN, general, interspersed=False).words
        if not rest or rest == ("help",):
            return self.answer("help", Arguments(general, (), frozenset()))
        command = COMMANDS.get(rest[0])
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
            command,
            arguments,
            MappingProxyType(self.origins),
            own=own_settings(self.sections, self.environ),
            program=self.called,
            python=self.python,
        )


def _name_in_usage(called: str) -> str:
    """The name of pip as it was called (``pip3``); ``pip`` where this program has another name."""
    return called if is_pip_name(called) else "pip"


def _unknown(word: str) -> str:
    from difflib import get_close_matches  # the run ends here

    close = get_close_matches(word.lower(), COMMANDS)
    guess = f' - maybe you meant "{close[0]}"' if close else ""
    return f'unknown command "{word}"{guess}'
