"""Try many faults, in several processes, and print a summary."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from compat.faults.forked import prepare
from compat.faults.kinds import FAULTS, points
from compat.faults.modes import MODES, Prepared, prepared
from compat.faults.sandbox import Sandbox
from compat.faults.trial import tried
from compat.faults.verdict import plain


@dataclass(frozen=True, slots=True)
class Campaign:
    """Each `stride`-th of all points, from the point `offset` on; a point is a fault at a call."""

    modes: Sequence[str]
    faults: Sequence[str]
    stride: int = 1
    offset: int = 0
    tool: str = "pipfast"
    log: Path | None = None


@dataclass(slots=True)
class Summary:
    """The results of a campaign.

    - `tried` and `missed`: faults that happened, and those whose call was not reached
    - `between`: environments that were neither old nor new right after the fault
    - `kinds` and `groups`: problems by kind, and their places by kind and text
    - `answers`: seconds from a signal to the end of the run
    """

    tried: int = 0
    missed: int = 0
    between: int = 0
    seconds: float = 0.0
    kinds: Counter[str] = field(default_factory=Counter)
    groups: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    answers: list[float] = field(default_factory=list)


@contextmanager
def new_sandbox(modules: int = 0, part: int = 0) -> Iterator[Sandbox]:
    """Yield a new sandbox for one part of a campaign. The shim must be loaded in this process."""
    prepare()
    processors = sorted(os.sched_getaffinity(0))
    os.sched_setaffinity(0, {processors[part % len(processors)]})  # then there is one worker
    with tempfile.TemporaryDirectory(prefix="faults-") as folder:
        yield Sandbox(Path(folder), Path(os.environ["FAULTS_SHIM"]), modules)


def calls(modes: Sequence[str], tool: str) -> int:
    """Print the calls of modes."""
    with new_sandbox() as sandbox:
        for name in modes:
            found = prepared(sandbox, MODES[name], tool).calls
            for at, call in enumerate(found, 1):
                print(name, at, "main" if call.is_main else "worker", call.name, call.path)
            print(name, len(found), "calls", file=sys.stderr)
    return 0


def one(mode: str, fault: str, at: int, tool: str) -> int:
    """Try one fault and print everything about it."""
    with new_sandbox() as sandbox:
        ready = prepared(sandbox, MODES[mode], tool)
        call = ready.calls[at - 1]
        print(f"{mode} {fault} at call {at}: {call.name} {call.path} main={call.is_main}")
        trial = tried(sandbox, ready, FAULTS[fault], at, tool)
        if trial.first is not None:
            print(f"exit code {trial.first.code}\n{trial.first.output}{trial.first.errors}")
        for kind, text in trial.problems:
            print(f"{kind}: {text}")
        print(f"fired: {trial.fired}, answered in {trial.answer:.3f} s")
    return int(bool(trial.problems))


def trials(campaign: Campaign, part: int = 0, parts: int = 1) -> Iterator[dict[str, object]]:
    """Yield the outcome of each trial of one part of a campaign, as JSON values.

    Parts have different modes if there are enough of them, else different points.
    """
    by_mode = len(campaign.modes) >= parts
    modes = campaign.modes[part::parts] if by_mode else campaign.modes
    with new_sandbox(part=part) as sandbox:
        for mode in modes:
            ready = prepared(sandbox, MODES[mode], campaign.tool)
            every = [(name, at) for name in campaign.faults for at in places(name, ready)]
            chosen = every[campaign.offset :: campaign.stride]
            for fault, at in chosen if by_mode else chosen[part::parts]:
                begin = time.monotonic()
                trial = tried(sandbox, ready, FAULTS[fault], at, campaign.tool)
                call = ready.calls[at - 1]
                yield {
                    "mode": mode,
                    "fault": fault,
                    "at": at,
                    "call": f"{call.name} {plain(call.path)}",
                    "fired": trial.fired,
                    "between": trial.between,
                    "answer": trial.answer,
                    "seconds": time.monotonic() - begin,
                    "problems": trial.problems,
                }


def places(fault: str, ready: Prepared) -> Sequence[int]:
    """Return the numbers of the calls of a mode at which a fault can happen."""
    return points(FAULTS[fault], ready.calls)


def run(campaign: Campaign, jobs: int) -> int:
    """Try all faults in `jobs` processes, print the problems, and return 1 if there are any."""
    total = Summary()
    if jobs > 1 and "FAULTS_PART" not in os.environ:
        outcomes: Iterator[dict[str, object]] = _shared(jobs)
    else:
        part, parts = map(int, os.environ.get("FAULTS_PART", "0 1").split())
        outcomes = trials(campaign, part, parts)
        if "FAULTS_PART" in os.environ:
            for outcome in outcomes:
                print(json.dumps(outcome), flush=True)
            return 0
    log = campaign.log.open("a") if campaign.log else None
    for outcome in outcomes:
        if log is not None:
            print(json.dumps(outcome), file=log, flush=True)
        add(total, outcome)
    report(total)
    return int(bool(total.kinds))


def _shared(jobs: int) -> Iterator[dict[str, object]]:
    """Start processes that try a part of the faults each, and yield their outcomes."""
    import selectors

    words = [sys.executable, "-m", "compat.faults", *sys.argv[1:]]
    with selectors.DefaultSelector() as selector:
        running = []
        for part in range(jobs):
            environ = {**os.environ, "FAULTS_PART": f"{part} {jobs}"}
            process = subprocess.Popen(words, env=environ, stdout=subprocess.PIPE, text=True)
            running.append(process)
            assert process.stdout is not None
            selector.register(process.stdout, selectors.EVENT_READ)
        while selector.get_map():
            for key, _ in selector.select():
                line = key.fileobj.readline()  # type: ignore[union-attr]
                if line:
                    yield json.loads(line)
                else:
                    selector.unregister(key.fileobj)
        if any(process.wait() for process in running):
            raise SystemExit("a process of the campaign has failed")


def add(total: Summary, outcome: dict[str, object]) -> None:
    """Add an outcome to the summary."""
    total.seconds += float(outcome["seconds"])  # type: ignore[arg-type]
    if not outcome["fired"]:
        total.missed += 1
        return
    total.tried += 1
    total.between += bool(outcome["between"])
    problems = outcome["problems"]
    assert isinstance(problems, list)
    if str(outcome["fault"]).startswith(("SIGINT", "SIGTERM", "SIGHUP")):
        total.answers.append(float(outcome["answer"]))  # type: ignore[arg-type]
    for kind in {kind for kind, _ in problems}:
        total.kinds[kind] += 1
    for kind, text in problems:
        where = f"{outcome['mode']} {outcome['fault']} {outcome['at']} ({outcome['call']})"
        total.groups.setdefault((kind, plain(text)), []).append(where)


def report(total: Summary) -> None:
    """Print the summary."""
    for (kind, text), places in sorted(total.groups.items(), key=lambda row: -len(row[1])):
        print(f"{len(places):5} {kind}: {text}\n        e.g. {'; '.join(places[:3])}")
    times = sorted(total.answers)
    if times:
        at = min(len(times) - 1, len(times) * 99 // 100)
        print(f"signals answered in {times[at]:.3f} s (99 %), {times[-1]:.3f} s (all)")
    found = ", ".join(f"{count} times {kind}" for kind, count in total.kinds.items())
    print(
        f"{total.tried} faults ({total.missed} calls not reached), {total.between} times "
        f"neither the old nor the new environment right after the run; "
        f"{found or 'no problem'}; {total.seconds:.0f} s"
    )
