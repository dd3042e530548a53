"""What `pipfast uninstall pipfast` leaves behind."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path

from packaging.utils import NormalizedName, canonicalize_name

from pipfast.model.installed_distribution import Installed
from pipfast.policy.mode import Mode
from pipfast.report import uninstall_lines
from pipfast.report.console import shows_hints
from pipfast.store.inventory import Inventory, size_of

_OWN_NAME = canonicalize_name("pipfast")


def hint_on_store(
    cache_dir: str | None,
    names: Collection[str],
    present: Mapping[NormalizedName, Installed],
    decided: Mode,
) -> tuple[str, str]:
    """Return the metadata folder of pipfast if it will be removed, and the hint for afterwards.

    Both are empty if there is nothing to say. Call this before anything is removed, because pipfast
    may be what is removed.
    """
    if (
        not shows_hints(pip_compat=decided.pip_compat)
        or cache_dir is None
        or _OWN_NAME not in names
        or _OWN_NAME not in present
    ):
        return "", ""
    store = Inventory(Path(cache_dir)).store
    if not store.exists():
        return "", ""
    return present[_OWN_NAME].info, uninstall_lines.store_remains(str(store), size_of(store))
