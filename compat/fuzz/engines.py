"""Two fuzzing engines: mutations in Python, and atheris (libFuzzer) if it is installed.

Both keep inputs that reach new code. Each runs in its own process with limited memory.
"""

from __future__ import annotations

import importlib
import importlib.util
import json
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any

from compat.fuzz.mutations import mutated
from compat.fuzz.target import SLOWEST, Findings, Target

MEMORY = 2 << 30
"""Bytes of address space that an engine's process may take beyond what it has at the start."""

ENGINES = ("mutations", "atheris")


@dataclass(frozen=True)
class Outcome:
    """The result of a run.

    `seconds` is processor time, `corpus` the inputs that were kept, `findings` the shortest input
    and the traceback by failure, `lines` the lines of pipfast that the corpus reaches.
    """

    seconds: float
    executions: int
    corpus: list[bytes]
    findings: dict[str, tuple[bytes, str]]
    lines: int


def has_atheris() -> bool:
    """Return whether atheris is installed."""
    return importlib.util.find_spec("atheris") is not None


def run(name: str, engine: str, seconds: float, corpus: Sequence[bytes]) -> Outcome:
    """Fuzz a target in a process of its own, starting from `corpus` and the target's own."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        (place / "inputs").mkdir()
        for number, data in enumerate(corpus):
            (place / "inputs" / f"kept-{number}").write_bytes(data)
        command = [sys.executable, "-m", "compat.fuzz.engines", name]
        before = _used()
        subprocess.run([*command, engine, str(seconds), folder], check=False)
        used = _used() - before
        subprocess.run([*command, "minimize", "0", folder], check=True)
        saved = json.loads((place / "outcome.json").read_text("utf-8"))
        inputs = [each.read_bytes() for each in sorted((place / "inputs").iterdir())]
        lines = int((place / "lines").read_text("ascii"))
    findings = {why: (data.encode("latin-1"), text) for why, (data, text) in saved["found"].items()}
    return Outcome(used, saved["executions"], inputs, findings, lines)


def _used() -> float:
    """Return the processor seconds of all processes that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


class Coverage:
    """The lines of pipfast that were executed."""

    def __init__(self) -> None:
        self.reached: set[tuple[int, int]] = set()

    def of(self, call: Callable[[], object]) -> int:
        """Return how many new pairs of code and line `call` reaches."""
        before = len(self.reached)
        sys.settrace(self._enter)
        try:
            call()
        finally:
            sys.settrace(None)
        return len(self.reached) - before

    def _enter(self, frame: FrameType, _event: str, _value: object) -> Any:
        return self._line if "/pipfast/" in frame.f_code.co_filename else None

    def _line(self, frame: FrameType, event: str, _value: object) -> Any:
        if event == "line":
            self.reached.add((id(frame.f_code), frame.f_lineno))
        return self._line


def mutate(target: Target, seconds: float, corpus: list[bytes], findings: Findings) -> int:
    """Look for failures with mutations; add inputs that reach new code to `corpus`.

    Return the number of executions.
    """
    chosen, coverage = random.Random(), Coverage()
    for data in corpus:
        coverage.of(lambda data=data: findings.run(target, data))  # type: ignore[misc]
    end, count = time.monotonic() + seconds, 0
    while time.monotonic() < end:
        data = mutated(chosen.choice(corpus), chosen, target.words, corpus)
        count += 1
        if coverage.of(lambda data=data: findings.run(target, data)):  # type: ignore[misc]
            corpus.append(data)
    return count


def _with_atheris(target: Target, seconds: float, place: Path, findings: Findings) -> None:
    atheris = importlib.import_module("atheris")
    counter = [0]

    def one(data: bytes) -> None:
        counter[0] += 1
        if findings.run(target, data) is not None or not counter[0] % 1000:
            _save(place, counter[0], findings)

    words = place / "words"
    words.write_text("".join(f'"{_escaped(word)}"\n' for word in target.words), "ascii")
    atheris.Setup(
        [
            *("fuzz", str(place / "inputs"), f"-dict={words}", "-max_len=16384", "-verbosity=0"),
            *(f"-max_total_time={int(seconds)}", f"-timeout={int(SLOWEST * 4)}", "-rss_limit_mb=0"),
        ],
        one,
    )
    atheris.Fuzz()


def _escaped(word: bytes) -> str:
    return "".join(f"\\x{byte:02x}" for byte in word)


def minimize(target: Target, place: Path) -> None:
    """Keep the short inputs that together reach the same lines, and write the number of lines."""
    coverage, silent = Coverage(), Findings()
    for each in sorted((place / "inputs").iterdir(), key=lambda file: file.stat().st_size):
        data = each.read_bytes()
        if not coverage.of(lambda data=data: silent.run(target, data)):  # type: ignore[misc]
            each.unlink()
    (place / "lines").write_text(str(len(coverage.reached)), "ascii")


def _save(place: Path, count: int, findings: Findings) -> None:
    found = {why: (data.decode("latin-1"), text) for why, (data, text) in findings.found.items()}
    saved = {"executions": count, "found": found}
    (place / "outcome.json").write_text(json.dumps(saved), "utf-8")


def main(name: str, engine: str, seconds: str, folder: str) -> None:
    """Run one engine, and write the result to `folder`."""
    place, findings = Path(folder), Findings()
    if engine == "atheris":
        atheris = importlib.import_module("atheris")
        with atheris.instrument_imports(include=["pipfast"], enable_loader_override=False):
            targets = importlib.import_module("compat.fuzz.targets")
    else:
        targets = importlib.import_module("compat.fuzz.targets")
    target: Target = targets.TARGETS[name]
    _bound_memory()
    if engine == "minimize":
        minimize(target, place)
        return
    _save(place, 0, findings)
    for number, data in enumerate(target.corpus()):
        (place / "inputs" / f"seed-{number}").write_bytes(data)
    if engine == "atheris":
        _with_atheris(target, float(seconds), place, findings)
        return
    corpus = [each.read_bytes() for each in sorted((place / "inputs").iterdir())]
    count = mutate(target, float(seconds), corpus, findings)
    for number, data in enumerate(corpus):
        (place / "inputs" / f"grown-{number}").write_bytes(data)
    _save(place, count, findings)


def _bound_memory() -> None:
    if sys.platform == "linux":
        pages = int(Path("/proc/self/statm").read_text("ascii").split()[0])
        most = pages * resource.getpagesize() + MEMORY
        resource.setrlimit(resource.RLIMIT_AS, (most, most))


if __name__ == "__main__":
    main(*sys.argv[1:])
