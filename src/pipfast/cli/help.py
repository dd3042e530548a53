"""`--help` and ``help``: pip's text, and under another name than pip a section of our own."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence

from pipfast.cli import delegate, registry
from pipfast.cli.own_commands import OWN_COMMANDS
from pipfast.config.pipfast_settings import OWN
from pipfast.config.program_name import is_pip_name
from pipfast.config.settings import Settings
from pipfast.report import help_text

SHIM_SCRIPT = "PIPFAST_SHIM_SCRIPT"
"""The variable in which a shim's script names itself, as its ``--python`` is not the user's."""


def do(settings: Settings | None, words: Sequence[str], environ: Mapping[str, str]) -> int:
    """Print the help that `words` ask for; return the exit code.

    Under the name of pip, all output is pip's.
    """
    called = os.path.basename(sys.argv[0]) if settings is None else settings.program  # noqa: PTH119
    if is_pip_name(called):
        return _of_pip(called, words, environ)
    asked = _without_python(words)
    if asked[:1] == ["help"] and len(asked) > 1:
        if asked[1] == "settings":
            return _print_settings()
        if asked[1] in OWN_COMMANDS:
            return registry.load(asked[1])(None, [asked[1], "--help"], environ)
    name = "pipfast" if called in ("__main__.py", "-c", "") else called.removesuffix(".exe")
    code = delegate.wait_as(name, asked, environ)
    if code == 0:
        named = [word for word in asked if not word.startswith("-") and word != "help"]
        section = help_text.own_section(OWN_COMMANDS, OWN)
        sys.stdout.write(f"{help_text.command_section(named[0]) if named else section}\n")
    return code


def _of_pip(called: str, words: Sequence[str], environ: Mapping[str, str]) -> int:
    """Run pip under the name that it was called by."""
    script = environ.get(SHIM_SCRIPT)
    if script:
        return delegate.do_as(script, list(words[2:]), environ)
    return delegate.do_as(called, words, environ)


def _print_settings() -> int:
    from pipfast.policy.settings_table import settings_table
    from pipfast.report.settings_text import terminal_table

    sys.stdout.write(f"{terminal_table(settings_table())}\n")
    return 0


def _without_python(words: Sequence[str]) -> list[str]:
    """Return `words` without ``--python`` in front: help is the same for every interpreter."""
    kept: list[str] = []
    rest = list(words)
    while rest:
        word = rest.pop(0)
        if not word.startswith("-"):
            return [*kept, word, *rest]
        if word == "--python":
            rest = rest[1:]
        elif not word.startswith("--python="):
            kept.append(word)
    return kept
