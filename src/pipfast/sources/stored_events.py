"""The events of a backend's hook as plain values, so that a later run can repeat them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from pipfast.builds.events import (
    BuildRequirementsUndeclared,
    FallbackBackendMissing,
    OtherProjectFound,
)
from pipfast.model.events import Event, Level, Listener, Message, Purpose, Status, Work
from pipfast.model.frozen_dataclass import names_of
from pipfast.model.program_events import ProgramOutput, ProgramStarted
from pipfast.store.build_cache.backend_metadata import BackendMetadata

_KINDS: Mapping[str, type[Message | Work]] = {
    kind.__name__: kind
    for kind in (
        BuildRequirementsUndeclared,
        FallbackBackendMissing,
        OtherProjectFound,
        ProgramOutput,
        ProgramStarted,
        Work,
    )
}
_ENUMERATIONS = {"level": Level, "status": Status, "purpose": Purpose}


def recording(listen: Listener, events: list[Message | Work]) -> Listener:
    """Return a listener that forwards events, and adds those to repeat to `events`."""

    def record(event: Event) -> None:
        is_passing = isinstance(event, Work) and event.is_passing
        if isinstance(event, Message | Work) and type(event).__name__ in _KINDS and not is_passing:
            events.append(event)
        listen(event)

    return record


def to_json(events: Iterable[Message | Work]) -> tuple[dict[str, object], ...]:
    """Return recorded events as values for JSON."""
    return tuple(map(_to_json, events))


def _to_json(event: Message | Work) -> dict[str, object]:
    kind = type(event)
    fields = {name: getattr(event, name) for name in names_of(kind)}
    for name in fields.keys() & _ENUMERATIONS.keys():
        fields[name] = fields[name].name
    return {"kind": kind.__name__, **fields}


def emit_again(stored: BackendMetadata, listen: Listener) -> bool:
    """Emit the events of a stored entry; return False if they are of an unknown form."""
    try:
        events = list(map(_from_json, stored.events))
    except (KeyError, TypeError, AttributeError):
        return False
    for event in events:
        listen(event)
    return True


def _from_json(values: Mapping[str, Any]) -> Message | Work:
    """Return the event that was stored as `values`."""
    fields: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in values.items()
    }
    kind: Callable[..., Message | Work] = _KINDS[fields.pop("kind")]
    for name in fields.keys() & _ENUMERATIONS.keys():
        fields[name] = _ENUMERATIONS[name][fields[name]]
    return kind(**fields)
