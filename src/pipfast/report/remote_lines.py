"""Texts of ``pipfast cache`` about the store that machines share."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from pipfast.fetch.downloads.descriptions import human_size
from pipfast.model.frozen_dataclass import names_of
from pipfast.remote_store.counts import Counts
from pipfast.remote_store.upload import Uploaded

NOT_SET = "No remote store is set, or it cannot be used; see 'pipfast help settings'"

NO_SIGNING_KEY = (
    "This machine cannot sign what it would upload: remote-store-public-keys are set, and "
    "remote-store-signing-key is not"
)


def remote_lines(counts: Counts | None, waiting: int) -> Iterator[str]:
    """Yield the lines of ``cache info``."""
    if counts is None:
        return
    yield (
        f"  remote store: {counts.hits:.0f} used ({human_size(int(counts.received))}, "
        f"{counts.saved:.0f} s of work saved), {counts.misses:.0f} missing, "
        f"{counts.refused:.0f} refused, {counts.failures:.0f} failures"
    )
    sent = human_size(int(counts.sent))
    yield f"  uploads to it: {counts.uploads:.0f} ({sent}), {waiting} waiting"


def remote_json(counts: Counts, waiting: int) -> dict[str, Any]:
    """Return the same for JSON; ``saved`` is in seconds, sizes are in bytes."""
    found = {name: int(getattr(counts, name)) for name in names_of(Counts)}
    return {**found, "saved": round(counts.saved, 1), "waiting": waiting}


def pushed_line(done: Uploaded) -> str:
    """Return what ``cache push`` says."""
    text = f"Uploaded {done.count} objects ({human_size(done.size)})"
    text += f"; {done.present} were there already" if done.present else ""
    return f"{text}; {done.left} could not be uploaded" if done.left else text


def pushed_json(done: Uploaded) -> str:
    """Return the same as JSON."""
    fields = {"version": "1", **{name: getattr(done, name) for name in names_of(Uploaded)}}
    return json.dumps(fields, indent=2)


def pulled_line(present: Sequence[str], missing: Sequence[str]) -> str:
    """Return what ``cache pull`` says: projects whose built wheels are here, and the others."""
    if not present and not missing:
        return "Nothing of this has to be built"
    text = f"In the cache: {', '.join(present) or 'nothing'}"
    return f"{text}; to be built: {', '.join(missing)}" if missing else text


def pulled_json(present: Sequence[str], missing: Sequence[str]) -> str:
    """Return the same as JSON."""
    document = {"version": "1", "present": [*present], "missing": [*missing]}
    return json.dumps(document, indent=2)
