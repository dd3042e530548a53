"""Signals during a transaction: none arrives between a change and its record."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from typing import Self  # type: ignore[attr-defined, unused-ignore]  # 3.11


class Terminated(BaseException):
    """The process received signal `number`, which ends it after the rollback."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


@contextmanager
def signals_as_exceptions() -> Iterator[None]:
    """Raise Terminated on SIGTERM and SIGHUP in the block; after it they end the process.

    Handlers that somebody else has set stay. Has no effect outside the main thread.
    """
    numbers = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
    if not _in_main_thread():
        yield
        return

    def stop(number: int, _frame: FrameType | None) -> None:
        raise Terminated(number)

    before = {number: signal.getsignal(number) for number in numbers}
    replaced = [number for number in numbers if before[number] is signal.SIG_DFL]
    for number in replaced:
        signal.signal(number, stop)
    try:
        yield
    except Terminated as terminated:
        signal.signal(terminated.number, signal.SIG_DFL)
        os.kill(os.getpid(), terminated.number)
        raise
    finally:
        for number in replaced:
            signal.signal(number, before[number])


@contextmanager
def signals_ignored() -> Iterator[None]:
    """Ignore SIGINT, SIGTERM and SIGHUP in the block, so that a rollback always completes.

    Has no effect outside the main thread.
    """
    if not _in_main_thread():
        yield
        return
    before = {number: signal.signal(number, signal.SIG_IGN) for number in _numbers()}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


class HeldSignals:
    """Holds signals back in its block, except while they are let through.

    The block starts without letting signals through. The first one that is let through raises what
    it would have raised without the block; from then on all are held back, so that the way back is
    not interrupted. Held signals take effect at the end. After `committed` a Ctrl-C has none: what
    it should have cancelled has happened. Has no effect outside the main thread.
    """

    def __init__(self) -> None:
        self._before: dict[int, Any] = {}
        self._held: list[int] = []
        self._lets_through = False
        self._committed = False

    def __enter__(self) -> Self:
        if _in_main_thread():
            for number in _numbers():
                handler = signal.getsignal(number)
                if callable(handler):
                    self._before[number] = handler
                    signal.signal(number, self._handle)
        return self

    def __exit__(self, *_: object) -> None:
        self._lets_through = False
        for number, handler in self._before.items():
            is_moot = number == signal.SIGINT and self._committed and _REPORTING
            signal.signal(number, signal.SIG_IGN if is_moot else handler)
        for number in self._held:
            if number != signal.SIGINT or not self._committed:
                signal.raise_signal(number)

    def let_through(self) -> None:
        """Let signals through from now on; one that was held back takes effect now."""
        self._lets_through = True
        self.check()

    def hold(self) -> None:
        """Hold signals back from now on."""
        self._lets_through = False

    def check(self) -> None:
        """Raise what a held signal would have raised."""
        if self._held:
            self._lets_through = False
            number = self._held.pop(0)
            self._before[number](number, None)

    def committed(self) -> None:
        """From now on a Ctrl-C has no effect, until the end of `reporting` if that is around."""
        self._committed = True

    def _handle(self, number: int, frame: FrameType | None) -> None:
        if not self._lets_through:
            self._held.append(number)
            return
        self._lets_through = False
        self._before[number](number, frame)


_REPORTING: list[object] = []
"""One entry for each block of `reporting` that runs."""


@contextmanager
def reporting() -> Iterator[None]:
    """Ignore Ctrl-C from the commit of a transaction in the block to the end of the block.

    So nobody is told that something was cancelled that has happened.
    """
    if not _in_main_thread():
        yield
        return
    before = signal.getsignal(signal.SIGINT)
    _REPORTING.append(before)
    try:
        yield
    finally:
        _REPORTING.pop()
        if signal.getsignal(signal.SIGINT) is not before:
            signal.signal(signal.SIGINT, before)


def _in_main_thread() -> bool:
    return threading.current_thread() is threading.main_thread()


def _numbers() -> list[int]:
    names = ("SIGINT", "SIGTERM", "SIGHUP")
    return [getattr(signal, name) for name in names if hasattr(signal, name)]
