import threading
from collections.abc import Callable
from contextvars import ContextVar, copy_context

import pytest

from pipfast.concurrency.thread_pool import Postponed, ThreadPool, is_ahead


def test_a_task_runs_once_however_often_it_is_requested() -> None:
    pool, done = ThreadPool(2), []
    pool.submit("a", lambda: done.append(1))
    for _ in range(3):
        pool.result("a", lambda: done.append(2))
    assert done == [1]


def test_a_result_that_was_not_submitted_starts_no_thread() -> None:
    before = threading.active_count()
    assert ThreadPool().result("a", lambda: 7) == 7
    assert threading.active_count() == before


def test_a_caller_runs_a_task_that_no_thread_has_started() -> None:
    pool, release = ThreadPool(1), threading.Event()
    pool.submit("slow", release.wait)
    pool.submit("wanted", lambda: threading.current_thread())
    assert pool.result("wanted", lambda: None) is threading.current_thread()
    release.set()


def test_an_exception_is_raised_to_each_caller() -> None:
    pool = ThreadPool(1)
    pool.submit("a", lambda: 1 // 0)
    for _ in range(2):
        with pytest.raises(ZeroDivisionError):
            pool.result("a", lambda: 0)


def test_then_is_called_when_the_task_is_done() -> None:
    pool, seen, over = ThreadPool(1), [], threading.Event()

    def then(value: int) -> None:
        seen.append((value, pool.is_done("a")))
        over.set()

    pool.submit("a", lambda: 5, then)
    assert over.wait(5)
    assert seen == [(5, True)]


def test_a_recorded_result_replaces_the_task() -> None:
    pool = ThreadPool(1)
    pool.set_result("a", 3)
    assert pool.is_done("a")
    assert pool.result("a", lambda: 4) == 3


def test_a_failure_is_reported_as_such_but_an_interruption_is_raised() -> None:
    def interrupted() -> None:
        raise KeyboardInterrupt

    pool = ThreadPool(0)
    pool.submit("a", lambda: 1 // 0)
    pool.submit("b", interrupted)
    assert not pool.succeeded("a")
    with pytest.raises(KeyboardInterrupt):
        pool.succeeded("b")


def test_a_closed_pool_starts_no_queued_task_and_join_waits_for_running_ones() -> None:
    pool, begun, release, done = ThreadPool(1), threading.Event(), threading.Event(), []

    def work() -> None:
        begun.set()
        release.wait()
        done.append("first")

    pool.submit("first", work)
    pool.submit("second", lambda: done.append("second"))
    assert begun.wait(5)
    pool.close()
    threading.Timer(0.05, release.set).start()
    pool.join(5)
    assert done == ["first"]


def test_submitted_tasks_run_in_a_copy_of_the_context() -> None:
    variable = ContextVar("variable", default="default")
    variable.set("outer")
    pool = ThreadPool(1, copy_context())

    def read_and_change() -> str:
        value = variable.get()
        variable.set("changed")
        return value

    for key in ("a", "b"):
        pool.submit(key, read_and_change)
    assert [pool.result(key, read_and_change) for key in ("a", "b")] == ["outer", "outer"]
    assert variable.get() == "outer"


def _asking(asked: list[str], name: str) -> Callable[[], str]:
    def ask() -> str:
        if is_ahead():
            raise Postponed
        asked.append(name)
        return name

    return ask


def test_what_is_postponed_runs_in_the_thread_that_needs_it() -> None:
    pool = ThreadPool(2)
    asked: list[str] = []
    for name in ("a", "b"):
        pool.submit(name, _asking(asked, name))
    assert [pool.result(name, _asking([], name)) for name in ("b", "a")] == ["b", "a"]
    assert asked == ["b", "a"]


def test_a_task_that_waits_for_a_postponed_one_is_postponed() -> None:
    pool = ThreadPool(2)
    asked: list[str] = []
    inner = _asking(asked, "inner")
    pool.submit("inner", inner)
    pool.submit("outer", lambda: pool.result("inner", inner))
    assert pool.result("outer", str) == "inner"
    assert asked == ["inner"]


def test_then_follows_a_postponed_task() -> None:
    pool, over = ThreadPool(1), threading.Event()
    pool.submit("a", _asking([], "a"), lambda _: over.set())
    assert pool.result("a", str) == "a"
    assert over.wait(5)
