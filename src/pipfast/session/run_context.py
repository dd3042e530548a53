"""What every stage of a run needs: the settings, the console, the mode and the store."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext

from pipfast.config.pipfast_settings import REMOTE_STORE
from pipfast.config.settings import Settings
from pipfast.model.events import Level
from pipfast.model.frozen_dataclass import dataclass
from pipfast.policy.mode import Mode, mode, provenance
from pipfast.policy.option_conflicts import check_served
from pipfast.report.console import Console
from pipfast.session.startup import print_notices
from pipfast.store.filesystem.root import Store, opened

TYPE_CHECKING = False  # type checkers know this name; importing typing costs 3 ms
if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from pipfast.remote_store.remote import RemoteStore


@dataclass(frozen=True, slots=True, kw_only=True)
class RunContext:
    """What every stage of a run needs."""

    settings: Settings
    console: Console
    mode: Mode
    store: Store
    began: float
    """The time at which the run began, before it read anything."""
    remote: RemoteStore | None = None
    """The store that is shared with other machines, if one is set and the cache is enabled."""


@contextmanager
def run_context(settings: Settings, console: Console) -> Iterator[RunContext]:
    """Open the store; print the notices about options and, with ``-v``, the mode.

    The caller holds signals back around it, and is `interruptible` in the block.
    Raises NotNative for options that only real pip serves.
    """
    began = time.time()
    check_served(settings)
    cache_dir = print_notices(settings, console)
    decided = mode(settings)
    for text in provenance(decided):
        console.say(text, Level.VERBOSE)
    with (
        opened(cache_dir, console) as store,
        _shared(settings, cache_dir, store, console) as remote,
    ):
        yield RunContext(
            settings=settings,
            console=console,
            mode=decided,
            store=store,
            began=began,
            remote=remote,
        )


def _shared(
    settings: Settings, cache_dir: str | None, store: Store, console: Console
) -> AbstractContextManager[RemoteStore | None]:
    """Return the remote store of the run, as a context that uploads at its end."""
    if cache_dir is None or REMOTE_STORE not in settings.own.texts:
        return nullcontext()
    from pipfast.session.sharing import shared_by_run  # few runs have one

    return shared_by_run(settings, store, console)
