import threading
import time
from collections.abc import Callable

import pytest

from pipfast.fetch.downloads.parallel import Streams


def test_the_largest_is_begun_first() -> None:
    begun: list[int] = []
    streams = Streams([1, 3, 2], lambda size: size, 1)
    done = dict(streams.run(lambda piece, _: begun.append(piece)))
    assert begun == [3, 2, 1]
    assert set(done) == {0, 1, 2}


def test_no_more_pieces_are_under_way_than_there_are_threads() -> None:
    running, most, lock = 0, 0, threading.Lock()

    def work(piece: int, is_forgotten: Callable[[], bool]) -> None:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        time.sleep(0.005)
        with lock:
            running -= 1

    assert len(list(Streams(range(9), lambda _: 0, 3).run(work))) == 9
    assert 1 <= most <= 3


def test_a_fault_is_a_result_and_what_stands_before_it_is_still_done() -> None:
    streams = Streams([10, 30, 20], lambda size: size, 1)

    def work(piece: int, is_forgotten: Callable[[], bool]) -> int:
        if piece == 30:
            raise ValueError(piece)
        return piece

    found = {}
    for position, result in streams.run(work):
        found[position] = result
        if isinstance(result, ValueError):
            streams.forget_behind(position)
    assert found[0] == 10
    assert isinstance(found[1], ValueError)


def test_what_is_forgotten_is_neither_begun_nor_told() -> None:
    streams = Streams([1, 2, 3], lambda size: -size, 1)
    streams.forget_behind(0)
    assert list(streams.run(lambda piece, _: piece)) == [(0, 1)]


def test_what_is_under_way_learns_that_it_is_forgotten() -> None:
    learnt = threading.Event()
    streams = Streams([1, 2], lambda size: size, 2)

    def work(piece: int, is_forgotten: Callable[[], bool]) -> None:
        while piece == 2 and not is_forgotten():
            time.sleep(0.001)
        if piece == 2:
            learnt.set()

    for position, _ in streams.run(work):
        streams.forget_behind(position)
    assert learnt.wait(5)


@pytest.mark.parametrize("threads", [1, 4])
def test_nothing_to_do_is_done_at_once(threads: int) -> None:
    assert not list(Streams([], lambda _: 0, threads).run(lambda piece, _: piece))
