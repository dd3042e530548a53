"""From words to a subcommand: settings first, then our own code or real pip."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence

from pipfast.commands import registry
from pipfast.commands.again import again
from pipfast.commands.delegate import delegate
from pipfast.commands.version import version_line
from pipfast.config.places import target_prefix
from pipfast.config.settings import Settings, settings
from pipfast.environment.interpreter import find
from pipfast.errors import Interrupted, NotNative, PipfastError
from pipfast.model.events import Level
from pipfast.report.console import Console
from pipfast.report.failure import tell, tell_bug, tell_disk


def enter(words: Sequence[str], program: str, environ: Mapping[str, str]) -> int:
    """Run the command line `words` and return its exit code."""
    try:
        asked = settings(words, environ, program)
    except NotNative:
        return delegate(words, _default_target(environ), environ)
    except PipfastError as error:
        return tell(error, Console())
    if asked.command == "version":
        sys.stdout.write(f"{version_line(asked, environ)}\n")
        return 0
    answer = again(asked, environ) if asked.command == "install" else None
    if answer is not None:
        sys.stdout.writelines(f"{line}\n" for line in answer)
        return 0
    if asked.command not in registry.NATIVE:
        return _real_pip(asked, words, environ)
    return _native(asked, words)


def _native(asked: Settings, words: Sequence[str]) -> int:
    console = _console(asked)
    try:
        return registry.load(asked.command)(asked, console)
    except NotNative as error:
        return _hand_over(error, asked, words, console)
    except PipfastError as error:
        return tell(error, console)
    except KeyboardInterrupt:
        return tell(Interrupted(), console)
    except BrokenPipeError:
        raise
    except OSError as error:
        return tell_disk(error, console, user_site_would_do=_is_outside_virtual(asked))
    except Exception:  # noqa: BLE001 - the last stop of the program
        return tell_bug(console)


def _is_outside_virtual(asked: Settings) -> bool:
    """Whether the target is not a virtual environment, as far as its folder tells."""
    return not target_prefix(os.environ, asked.python)[1] and not asked.flag("use_user_site")


def _console(asked: Settings) -> Console:
    return Console(
        verbosity=asked.verbosity,
        color=not asked.flag("no_color"),
        log=asked.text("log"),
        progress_bar=asked.text("progress_bar") or "auto",
    )


def _hand_over(error: NotNative, asked: Settings, words: Sequence[str], console: Console) -> int:
    """Ask real pip for what is not native, unless the user would rather be told."""
    console.quieten()
    console.drop()
    if asked.pipfast.get("fallback") == "never":
        refusal = PipfastError(
            f"pipfast does not do this itself yet: {error.message}",
            hint="Let real pip do it: unset PIPFAST_FALLBACK, or set it to auto",
        )
        return tell(refusal, console)
    console.say(f"Handing over to pip: {error.message}", Level.DEBUG)
    return _real_pip(asked, words, os.environ)


def _real_pip(asked: Settings, words: Sequence[str], environ: Mapping[str, str]) -> int:
    target = None if asked.python else _default_target(environ)
    return delegate(words, target, environ)


def _default_target(environ: Mapping[str, str]) -> str:
    return find(None, environ)
