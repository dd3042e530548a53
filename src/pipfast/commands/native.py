"""A subcommand of our own, from its settings to its exit code: every way it can end."""

from __future__ import annotations

import gc
from collections.abc import Mapping, Sequence

from pipfast.commands import delegate, registry
from pipfast.config.places import target_prefix
from pipfast.config.settings import Settings
from pipfast.errors import Interrupted, NotNative, PipfastError
from pipfast.model.events import Level
from pipfast.report.console import Console
from pipfast.report.failure import tell, tell_bug, tell_disk

_DOING = {"wheel": "build wheels of"}


def do(asked: Settings | None, words: Sequence[str], environ: Mapping[str, str]) -> int:
    """Do the subcommand, or hand it to real pip where it turns out not to be native."""
    assert asked is not None, "real pip alone does without settings"
    # A run is short and keeps nearly all it makes: looking for garbage costs a tenth of it.
    gc.set_threshold(200_000, 50, 100)
    console = _console(asked)
    try:
        return registry.command(asked.command)(asked, console)
    except NotNative as error:
        return _hand_over(error, asked, console, (words, environ))
    except PipfastError as error:
        return tell(error, console)
    except KeyboardInterrupt:
        return tell(Interrupted(), console)
    except BrokenPipeError:
        raise
    except OSError as error:
        installs = asked.command == "install" and not asked.flag("use_user_site")
        outside = installs and not target_prefix(environ, asked.python)[1]
        doing = _DOING.get(asked.command, asked.command)
        return tell_disk(error, console, user_site_would_do=outside, doing=doing)
    except Exception:  # noqa: BLE001 - the last stop of the program
        return tell_bug(console)


def refuse(error: PipfastError) -> int:
    """Say what is wrong with a command line that could not be read; its exit code."""
    return tell(error, Console())


def _console(asked: Settings) -> Console:
    return Console(
        verbosity=asked.verbosity,
        color=not asked.flag("no_color"),
        log=asked.text("log"),
        progress_bar=asked.text("progress_bar") or "auto",
    )


def _hand_over(
    error: NotNative,
    asked: Settings,
    console: Console,
    line: tuple[Sequence[str], Mapping[str, str]],
) -> int:
    """Ask real pip for what is not native, unless the user would rather be told."""
    console.quieten()
    if asked.pipfast.get("fallback") == "never":
        refusal = PipfastError(
            f"pipfast does not do this itself yet: {error.message}",
            hint="let real pip do it: unset PIPFAST_FALLBACK, or set it to auto",
        )
        return tell(refusal, console)
    console.say(f"Handing over to pip: {error.message}", Level.DEBUG)
    return delegate.do(asked, *line)
