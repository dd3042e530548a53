"""What a fuzz target is, and what counts as a finding."""

from __future__ import annotations

import json
import resource
import signal
import sys
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType, TracebackType

CORPUS = Path(__file__).with_name("corpus")

SLOWEST = 5.0
"""Processor seconds that one input may take."""

LARGEST = 200
"""MiB by which one input may raise the peak memory of the process."""


class Disagreement(AssertionError):
    """pip, the standard library or packaging reads the same input differently."""


class TooSlow(BaseException):
    """An input takes longer than SLOWEST; no parser can catch it by mistake."""


@dataclass(frozen=True)
class Target:
    """A parser to fuzz.

    - `check`: parses an input, and raises any exception that is not a declared error
    - `seeds`: valid and nearly valid inputs
    - `words`: tokens of the format
    """

    name: str
    check: Callable[[bytes], None]
    seeds: Sequence[bytes]
    words: Sequence[bytes] = ()

    def corpus(self) -> list[bytes]:
        """Return the seeds and the committed corpus."""
        return list(dict.fromkeys((*self.seeds, *kept(self.name))))


def kept(name: str) -> Iterator[bytes]:
    """Yield the inputs of the committed corpus of a target."""
    place = CORPUS / f"{name}.jsonl"
    if place.exists():
        for line in place.read_text("ascii").splitlines():
            yield json.loads(line).encode("latin-1")


def keep(name: str, inputs: Sequence[bytes]) -> None:
    """Write the corpus of a target: a line of JSON for each input."""
    lines = (json.dumps(each.decode("latin-1")) + "\n" for each in sorted(inputs, key=_order))
    (CORPUS / f"{name}.jsonl").write_text("".join(lines), "ascii")


def _order(data: bytes) -> tuple[int, bytes]:
    return len(data), data


@dataclass
class Findings:
    """The distinct failures of a target, each with the shortest input."""

    found: dict[str, tuple[bytes, str]] = field(default_factory=dict)

    def run(self, target: Target, data: bytes) -> str | None:
        """Check one input; return the name of the failure, None if there is none."""
        begin, before = time.process_time(), _peak()
        why, text = None, ""
        try:
            with _watched():
                target.check(data)
        except TooSlow as slow:
            why, text = "slow at " + _place(slow.__traceback__), _traceback_end()
        except BaseException as error:  # noqa: BLE001 - everything that is not declared
            place = _place(error.__traceback__)
            why, text = f"{type(error).__name__} at {place}", _traceback_end()
        if why is None and time.process_time() - begin > SLOWEST:
            why = "slow"
        if why is None and _peak() - before > LARGEST:
            why = "large"
        if why is not None and len(data) < len(self.found.get(why, (data + b" ", ""))[0]):
            self.found[why] = data, text
        return why


def _peak() -> int:
    """Return the peak memory of this process in MiB."""
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most >> (20 if sys.platform == "darwin" else 10)


@contextmanager
def _watched() -> Iterator[None]:
    def stop(_number: int, _frame: FrameType | None) -> None:
        raise TooSlow

    previous = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, SLOWEST)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, previous)


def _traceback_end() -> str:
    """Return the last lines of the traceback of the current exception."""
    return "\n".join(traceback.format_exc().splitlines()[-30:])


def _place(trace: TracebackType | None) -> str:
    """Return the innermost place of a traceback that is in the project; it identifies failures."""
    frames = traceback.extract_tb(trace)
    ours = [each for each in frames if "pipfast" in each.filename or "fuzz" in each.filename]
    if not frames:
        return "?"
    last = (ours or list(frames))[-1]
    return f"{Path(last.filename).name}:{last.lineno}"
