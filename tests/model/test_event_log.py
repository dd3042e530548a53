from __future__ import annotations

from pipfast.model.event_log import EventLog
from pipfast.model.events import Event, Level, Transfer
from tests.kit.messages import message

STEP, ERROR = message("a step"), message("an error", Level.ERROR)
PROGRESS = Transfer("demo", 1, 2)


def test_captured_events_are_not_forwarded_except_progress() -> None:
    events: list[Event] = []
    log = EventLog(events.append)

    def work() -> None:
        log(STEP)
        log(PROGRESS)

    assert log.capture(work) == (None, [STEP])
    assert events == [PROGRESS]
    log(STEP)
    assert events == [PROGRESS, STEP]
    assert log.messages == [STEP]


def test_a_held_log_forwards_everything_but_progress_at_its_release() -> None:
    events: list[Event] = []
    log = EventLog(events.append, held=True)
    log(STEP)
    log(PROGRESS)
    assert events == []
    log.release()
    log(ERROR)
    assert events == [STEP, ERROR]


def test_a_log_can_hold_everything_from_the_first_error() -> None:
    events: list[Event] = []
    log = EventLog(events.append, hold_from=Level.ERROR)
    for event in (STEP, ERROR, STEP):
        log(event)
    assert events == [STEP]
    assert log.held == (ERROR, STEP)
    log.release()
    assert events == [STEP, ERROR, STEP]


def test_a_muted_log_drops_events() -> None:
    events: list[Event] = []
    log = EventLog(events.append)
    with log.muted():
        log(STEP)
    assert events == log.messages == []


def test_repeated_messages_are_dropped() -> None:
    events: list[Event] = []
    log = EventLog(events.append)
    log(STEP)
    listen = log.without_repeats()
    for event in (STEP, ERROR, ERROR):
        listen(event)
    assert events == [STEP, ERROR]
