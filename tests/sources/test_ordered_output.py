"""Tests for work that is done ahead and whose events are emitted in order."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from pipfast.model.event_log import EventLog
from pipfast.model.events import Event, Listener
from pipfast.sources import ordered_output
from pipfast.sources.events import CachedWheelIgnored
from pipfast.sources.ordered_output import OrderedTasks


def _working(message: Event) -> Callable[[Listener], str]:
    def work(listen: Listener) -> str:
        listen(message)
        return "done"

    return work


def test_events_are_held_until_the_result_is_requested() -> None:
    emitted: list[Event] = []
    tasks, message = OrderedTasks(emitted.append, 1), CachedWheelIgnored()
    tasks.begin("key", _working(message))
    assert tasks.outcome("key") == "done"
    assert emitted == []
    assert tasks.result("key", _working(message)) == "done"
    assert emitted == [message]
    tasks.close()


def test_no_event_is_lost_if_two_threads_begin_a_task_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    emitted: list[Event] = []
    tasks, message = OrderedTasks(emitted.append, 1), CachedWheelIgnored()
    second = [_working(message)]

    def log(emit: Listener, *, held: bool) -> EventLog:
        if second:  # the other thread is faster from here
            assert tasks.begin("key", second.pop())
        return EventLog(emit, held=held)

    monkeypatch.setattr(ordered_output, "EventLog", log)
    assert not tasks.begin("key", _working(message))
    assert tasks.result("key", _working(message)) == "done"
    assert emitted == [message]
    tasks.close()
