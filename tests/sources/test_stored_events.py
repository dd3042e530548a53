"""The events of a backend's hook are repeated as they were."""

from __future__ import annotations

import json

from pipfast.builds.events import FallbackBackendMissing, OtherProjectFound, SoftwareMissing
from pipfast.model.events import Event, Level, Purpose, Status, Work
from pipfast.model.program_events import ProgramOutput, ProgramStarted
from pipfast.sources.stored_events import emit_again, recording, to_json
from pipfast.store.build_cache.backend_metadata import BackendMetadata

EVENTS: list[Event] = [
    Work("Preparing metadata", Status.STARTED, purpose=Purpose.BUILD, depth=2),
    ProgramStarted("Preparing metadata"),
    ProgramOutput("two\nlines", level=Level.WARNING, of_program=False),
    FallbackBackendMissing(("setuptools>=40.8.0",)),
    OtherProjectFound("a", "b", depth=3),
]


def stored(events: list[Event]) -> BackendMetadata:
    """Return what is stored of `events`, as it comes back from a file."""
    recorded: list[Event] = []
    listen = recording(lambda _: None, recorded)  # type: ignore[arg-type]
    for event in events:
        listen(event)
    values = json.loads(json.dumps(to_json(recorded)))  # type: ignore[arg-type]
    return BackendMetadata("", tuple(values))


def test_events_come_back_as_they_were() -> None:
    again: list[Event] = []
    assert emit_again(stored(EVENTS), again.append)
    assert again == EVENTS


def test_progress_and_events_of_failures_are_not_stored() -> None:
    passing = Work("Preparing metadata", Status.RUNNING, "a line")
    assert stored([passing, SoftwareMissing("demo")]).events == ()


def test_an_unknown_form_is_not_repeated_even_in_part() -> None:
    again: list[Event] = []
    known = stored(EVENTS).events
    for damage in ({"kind": "Unknown"}, {}, {"kind": "Work", "status": "DONE"}, {"level": 1}):
        assert not emit_again(BackendMetadata("", (*known, damage)), again.append)
    assert again == []
