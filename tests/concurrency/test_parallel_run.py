import threading
import time
from collections.abc import Callable

import pytest

from pipfast.concurrency.parallel_run import ParallelRun
from pipfast.concurrency.thread_pool import Postponed, is_ahead


def test_the_largest_item_starts_first() -> None:
    begun: list[int] = []
    run = ParallelRun([1, 3, 2], lambda size: size, 1)
    done = dict(run.run(lambda item, _: begun.append(item)))
    assert begun == [3, 2, 1]
    assert set(done) == {0, 1, 2}


def test_at_most_the_given_number_of_threads_run() -> None:
    running, most, lock = 0, 0, threading.Lock()

    def work(item: int, is_cancelled: Callable[[], bool]) -> None:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        time.sleep(0.005)
        with lock:
            running -= 1

    assert len(list(ParallelRun(range(9), lambda _: 0, 3).run(work))) == 9
    assert 1 <= most <= 3


def test_an_exception_is_an_outcome_and_the_items_before_it_still_run() -> None:
    run = ParallelRun([10, 30, 20], lambda size: size, 1)

    def work(item: int, is_cancelled: Callable[[], bool]) -> int:
        if item == 30:
            raise ValueError(item)
        return item

    found = {}
    for position, result in run.run(work):
        found[position] = result
        if isinstance(result, ValueError):
            run.cancel_after(position)
    assert found[0] == 10
    assert isinstance(found[1], ValueError)


def test_a_cancelled_item_neither_starts_nor_is_yielded() -> None:
    run = ParallelRun([1, 2, 3], lambda size: -size, 1)
    run.cancel_after(0)
    assert list(run.run(lambda item, _: item)) == [(0, 1)]


def test_a_running_item_can_see_that_it_is_cancelled() -> None:
    running, learnt = threading.Event(), threading.Event()
    run = ParallelRun([1, 2], lambda size: size, 2)

    def work(item: int, is_cancelled: Callable[[], bool]) -> None:
        if item == 1:
            assert running.wait(5)  # else the other item may be cancelled before it starts
            return
        running.set()
        while not is_cancelled():
            time.sleep(0.001)
        learnt.set()

    for position, _ in run.run(work):
        run.cancel_after(position)
    assert learnt.wait(5)


@pytest.mark.parametrize("threads", [1, 4])
def test_no_items_yield_nothing(threads: int) -> None:
    assert not list(ParallelRun([], lambda _: 0, threads).run(lambda item, _: item))


def no_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every start of a thread fail, as with a process limit."""

    def refused(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", refused)


def test_without_threads_items_run_one_by_one_in_the_calling_thread(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    no_threads(monkeypatch)
    run = ParallelRun([10, 30, 20], lambda size: size, 3)
    begun: list[int] = []
    for position, _ in run.run(lambda item, _: begun.append(item)):
        run.cancel_after(position)
    assert begun == [30, 10]  # of the cancelled 20 nothing has begun


def test_items_that_ask_run_in_order_in_the_callers_thread() -> None:
    asked: list[int] = []

    def work(item: int, _: object) -> int:
        if item % 2 == 0:
            if is_ahead():
                raise Postponed
            asked.append(item)
        return item

    run = ParallelRun([0, 1, 2, 3, 4], lambda item: item, 3)
    assert sorted(run.run(work)) == [(item, item) for item in range(5)]
    assert asked == [0, 2, 4]
