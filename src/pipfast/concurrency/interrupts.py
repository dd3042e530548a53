"""Signals that end a run: recorded inside steps that must not be interrupted, raised after them.

A signal handler can raise an exception between any two instructions of the main thread: also
between taking a result and counting it, or between starting a process and recording it. Such pairs
are in a block of `held`, in which a handler only records the signal.
"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic
from types import FrameType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from typing import Self  # type: ignore[attr-defined, unused-ignore]  # 3.11

NUMBERS = tuple(
    getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)
)
_ANSWERED = 2.0
"""Seconds after a signal in which further ones have no effect: the run is already ending.

Later ones are raised again, in case that something has swallowed the first exception or hangs.
"""


class Terminated(BaseException):
    """The process received signal `number`, which ends it after the rollback."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


class _Signals:
    """The handlers before ours, and what was noted. Only the main thread uses it.

    `held` counts the blocks around what runs now; signals are raised while it is `open_at` or less.
    """

    def __init__(self) -> None:
        self.before: dict[int, Any] = {}
        self.noted: list[int] = []
        self.held = 0
        self.open_at = 0
        self.runs = 0
        self.reports = 0
        self.is_committed = False
        self.raised: float | None = None

    def install(self) -> None:
        """Set our handlers; outside blocks of `held` they do what those before would do.

        An interrupt in the midst leaves only some of them, which is therefore harmless.
        """
        for number in NUMBERS:
            found = signal.getsignal(number)
            if number in self.before or found == self.handle:
                continue
            if callable(found) or (found is signal.SIG_DFL and number != signal.SIGINT):
                self.before[number] = found
                signal.signal(number, self.handle)

    def restore(self) -> None:
        """Set the handlers before ours, but not over one that somebody has set since."""
        for number in list(self.before):
            if signal.getsignal(number) == self.handle:
                signal.signal(number, self.before[number])
            del self.before[number]
        self.raised = None

    def handle(self, number: int, frame: FrameType | None) -> None:
        """Handle a signal."""
        if number == signal.SIGINT and self.is_committed:
            return
        if self.held > self.open_at:
            self.noted.append(number)
        else:
            self.answer(number, frame)

    def answer_noted(self) -> None:
        """Raise what a noted signal would have raised."""
        if self.noted:
            self.answer(self.noted[0], None)

    def answer(self, number: int, frame: FrameType | None) -> None:
        """Raise what ends the run, unless it is already ending; hold further signals back."""
        self.noted.clear()
        self.open_at = 0
        if self.raised is not None and monotonic() - self.raised < _ANSWERED:
            return
        self.raised = monotonic()
        before = self.before.get(number)
        if callable(before):
            before(number, frame)
        else:
            raise Terminated(number)


_SIGNALS = _Signals()


def in_main_thread() -> bool:
    """Return whether this is the thread that runs signal handlers."""
    return threading.current_thread() is threading.main_thread()


class held:  # noqa: N801 - used like a function
    """Holds signals back in its block; the first that came is raised at the end of the outermost.

    Has no effect outside the main thread, which no signal interrupts.
    """

    __slots__ = ("_applies",)

    def __enter__(self) -> Self:
        self._applies = in_main_thread()
        if self._applies:
            if not _SIGNALS.runs and not _SIGNALS.held:
                _SIGNALS.install()
            _SIGNALS.held += 1
        return self

    def __exit__(self, *_: object) -> None:
        if not self._applies:
            return
        try:
            _SIGNALS.held -= 1  # if it was the outermost, signals are raised at once from here on
            if _SIGNALS.held <= _SIGNALS.open_at:
                _SIGNALS.answer_noted()
        finally:
            if not _SIGNALS.runs and not _SIGNALS.held:
                _SIGNALS.restore()

    @property
    def interrupted(self) -> bool:
        """Whether a signal waits to be raised, or the run is ending because of one."""
        return self._applies and (bool(_SIGNALS.noted) or _SIGNALS.raised is not None)


class interruptible:  # noqa: N801 - used like a function
    """Raises signals at once in its block, although it is in a block of `held`.

    Once one was raised, all are held back again until the end of `held`. So what leaves the block
    is not interrupted, and neither are the `__exit__` methods of managers between the two:
    ``with held(), Resource() as resource, interruptible(): …``. Python would otherwise raise a
    signal as the first thing in such a method, before it could hold anything back.
    """

    __slots__ = ("_applies", "_around")

    def __enter__(self) -> Self:
        self._applies = in_main_thread()
        self._around = _SIGNALS.open_at
        if self._applies:
            _SIGNALS.open_at = _SIGNALS.held
            _SIGNALS.answer_noted()
        return self

    def __exit__(self, *_: object) -> None:
        if self._applies:
            _SIGNALS.open_at = min(self._around, _SIGNALS.open_at)


class HeldSignals(held):
    """Holds signals back like `held`, and raises them where the caller asks for it.

    After `committed` a Ctrl-C has no effect: what it should have cancelled has happened.
    """

    __slots__ = ("_is_committed",)

    def __enter__(self) -> Self:
        self._is_committed = False
        return super().__enter__()

    def __exit__(self, *details: object) -> None:
        if self._applies and self._is_committed:
            _SIGNALS.noted[:] = [each for each in _SIGNALS.noted if each != signal.SIGINT]
        super().__exit__(*details)

    def check(self) -> None:
        """Raise what a held signal would have raised."""
        if self._applies:
            _SIGNALS.answer_noted()

    def committed(self) -> None:
        """From now on a Ctrl-C has no effect, until the end of `reporting` if that is around."""
        self._is_committed = True
        if self._applies:
            _SIGNALS.is_committed = _SIGNALS.reports > 0


def end_by_signal(number: int) -> None:
    """End this process by a signal, as if it had never been handled."""
    signal.signal(number, signal.SIG_DFL)
    os.kill(os.getpid(), number)


@contextmanager
def signals_as_exceptions() -> Iterator[None]:
    """Raise Terminated on SIGTERM and SIGHUP in the block; after it they end the process.

    The first signal is raised; while the run ends because of it, further ones have no effect.
    Handlers that somebody else has set are called. Has no effect outside the main thread.
    """
    if not in_main_thread():
        yield
        return
    _SIGNALS.install()
    _SIGNALS.runs += 1
    try:
        yield
    except Terminated as terminated:
        if _SIGNALS.runs == 1:
            end_by_signal(terminated.number)
        raise
    finally:
        _SIGNALS.runs -= 1
        if not _SIGNALS.runs:
            _SIGNALS.restore()


@contextmanager
def reporting() -> Iterator[None]:
    """Like `signals_as_exceptions`; after a commit in the block, a Ctrl-C has no effect in it.

    So a run never reports a completed change as cancelled.
    """
    if not in_main_thread():
        yield
        return
    with signals_as_exceptions():
        _SIGNALS.reports += 1
        try:
            yield
        finally:
            _SIGNALS.reports -= 1
            if not _SIGNALS.reports:
                _SIGNALS.is_committed = False
