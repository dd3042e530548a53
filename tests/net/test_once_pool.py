import threading

import pytest

from pipfast.net.once_pool import Flights


def test_work_is_done_once_whoever_asks() -> None:
    flights, done = Flights(2), []
    flights.begin("a", lambda: done.append(1))
    for _ in range(3):
        flights.result("a", lambda: done.append(2))
    assert done == [1]


def test_nothing_starts_a_thread_that_nobody_began() -> None:
    before = threading.active_count()
    assert Flights().result("a", lambda: 7) == 7
    assert threading.active_count() == before


def test_a_result_that_no_thread_is_free_for_is_made_by_who_wants_it() -> None:
    flights, release = Flights(1), threading.Event()
    flights.begin("slow", release.wait)
    flights.begin("wanted", lambda: threading.current_thread())
    assert flights.result("wanted", lambda: None) is threading.current_thread()
    release.set()


def test_a_fault_is_raised_where_the_result_is_wanted() -> None:
    flights = Flights(1)
    flights.begin("a", lambda: 1 // 0)
    for _ in range(2):
        with pytest.raises(ZeroDivisionError):
            flights.result("a", lambda: 0)


def test_what_follows_sees_the_result_done() -> None:
    flights, seen, over = Flights(1), [], threading.Event()

    def after(value: int) -> None:
        seen.append((value, flights.is_done("a")))
        over.set()

    flights.begin("a", lambda: 5, after)
    assert over.wait(5)
    assert seen == [(5, True)]


def test_a_result_at_hand_is_put_down() -> None:
    flights = Flights(1)
    flights.put("a", 3)
    assert flights.is_done("a")
    assert flights.result("a", lambda: 4) == 3


def test_a_fault_is_no_news_of_work_but_an_interruption_is_raised() -> None:
    def interrupted() -> None:
        raise KeyboardInterrupt

    flights = Flights(0)
    flights.begin("a", lambda: 1 // 0)
    flights.begin("b", interrupted)
    assert not flights.went_well("a")
    with pytest.raises(KeyboardInterrupt):
        flights.went_well("b")


def test_once_closed_nothing_is_begun_and_what_was_is_waited_for() -> None:
    flights, begun, release, done = Flights(1), threading.Event(), threading.Event(), []

    def work() -> None:
        begun.set()
        release.wait()
        done.append("first")

    flights.begin("first", work)
    flights.begin("second", lambda: done.append("second"))
    assert begun.wait(5)
    flights.close()
    threading.Timer(0.05, release.set).start()
    flights.join(5)
    assert done == ["first"]
