"""A subcommand of our own, from its settings to its exit code: every way it can end."""

from __future__ import annotations

import gc
from collections.abc import Mapping, Sequence

from pipfast.commands import registry
from pipfast.commands.headstart import headstart
from pipfast.config.places import target_prefix
from pipfast.config.settings import Settings
from pipfast.errors import Interrupted, NotNative, OwnFault, PipfastError
from pipfast.report.console import Console
from pipfast.report.failure import tell, tell_disk

_DOING = {"wheel": "build wheels of"}


def do(asked: Settings | None, words: Sequence[str], environ: Mapping[str, str]) -> int:
    """Do the subcommand; where pipfast itself cannot, that is for the net."""
    assert asked is not None, "real pip alone does without settings"
    # A run is short and keeps nearly all it makes: looking for garbage costs a tenth of it.
    gc.set_threshold(200_000, 50, 100)
    console = _console(asked)
    asking = headstart(asked, environ)
    try:
        command = registry.command(asked.command)
        if asking is not None:
            asking.join()
        return command(asked, console)
    except (NotNative, OwnFault) as error:
        return registry.caught(error, asked, console, (words, environ))
    except PipfastError as error:
        return tell(error, console)
    except KeyboardInterrupt:
        return tell(Interrupted(), console)
    except BrokenPipeError:
        raise
    except OSError as error:
        if registry.is_ours(error, asked):
            return registry.caught(error, asked, console, (words, environ))
        installs = asked.command == "install" and not asked.flag("use_user_site")
        outside = installs and not target_prefix(environ, asked.python)[1]
        doing = _DOING.get(asked.command, asked.command)
        return tell_disk(error, console, user_site_would_do=outside, doing=doing)
    except Exception as error:  # noqa: BLE001 - the last stop of the program
        return registry.caught(error, asked, console, (words, environ))


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
