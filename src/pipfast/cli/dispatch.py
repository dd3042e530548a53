"""From arguments to a subcommand. These modules are imported first, so they import little."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence

from pipfast.cli import registry
from pipfast.cli.own_commands import extended_options, own_command
from pipfast.cli.streams import output_lost
from pipfast.config.settings import Settings, settings
from pipfast.errors import NotNative, PipfastError

_CHANGING = ("install", "uninstall")


def enter(words: Sequence[str], program: str, environ: Mapping[str, str]) -> int:
    """Run the command line `words` and return its exit code.

    Handles `--version` and cached no-op installs directly; everything else goes through
    `registry.load`.
    """
    own, line, options = own_command(words, program) or (None, words, None)
    if own is None:
        options = extended_options(words, program)
    try:
        parsed = settings(line, environ, program, options)
    except NotNative:
        registry.log_call(environ.get("PIPFAST_CALL_LOG"), program, words, None)
        return registry.load(own or "help")(None, line, environ)
    except PipfastError as error:
        return registry.failed(error)
    registry.log_call(parsed.own.call_log, program, words, parsed.python)
    if parsed.own.unknown:
        registry.warn_of_unknown(parsed)
    if own is None and parsed.is_on_path and parsed.command in _CHANGING:
        registry.show_target(parsed)
    if own is not None:
        return registry.load(own)(parsed, line, environ)
    if parsed.command == "install":
        answer = registry.satisfied_output(parsed, environ)
        if answer is not None:
            _print(answer)
            return 0
    return registry.load(_module(parsed))(parsed, words, environ)


def _module(parsed: Settings) -> str:
    """Return the registry's name for the command; real pip if pipfast does not implement it."""
    return parsed.command if parsed.command in registry.RUNNERS else "pip"


def _print(lines: Sequence[str]) -> None:
    """Print what an install says; a full disk behind the output does not make it fail."""
    try:
        sys.stdout.writelines(f"{line}\n" for line in lines)
        sys.stdout.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        output_lost(error)
