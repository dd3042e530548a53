"""Try many faults, in several processes, and print a summary."""

from __future__ import annotations

import hashlib
import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Container, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple
from zlib import crc32

from compat.faults.forked import prepare
from compat.faults.forked_worker import fork_workers
from compat.faults.kinds import FAULTS, every_point, group, points
from compat.faults.modes import MODES, Prepared, prepared
from compat.faults.sandbox import Sandbox
from compat.faults.shim import Call
from compat.faults.summary import Outcome, Summary, add, report
from compat.faults.trial import tried
from compat.faults.verdict import plain

TIERS = ("change", "look", "repeated")
"""Calls that change something; the first of equal looks; those that an earlier mode has too."""

_TURN = 50
"""How many points of a mode are tried before those of the next mode."""


@dataclass(frozen=True, slots=True)
class Campaign:
    """Each `stride`-th of all points, from the point `offset` on; a point is a fault at a call.

    - `every`: try all calls, also looks that are repeated (`kinds.points`)
    - `spawned`: start an interpreter for each run and worker
    - `tiers`: the kinds of calls, of TIERS
    - `log`: a file of results; points that it has for this source are not tried again
    - `minutes`: when to stop, None if all points are to be tried
    """

    modes: Sequence[str]
    faults: Sequence[str]
    stride: int = 1
    offset: int = 0
    tool: str = "pipfast"
    every: bool = False
    spawned: bool = False
    tiers: Sequence[str] = TIERS
    log: Path | None = None
    minutes: float | None = None


@contextmanager
def new_sandbox(modules: int = 0, part: int = 0, *, spawned: bool = False) -> Iterator[Sandbox]:
    """Yield a new sandbox for one part of a campaign. The shim must be loaded in this process."""
    prepare()
    if not spawned:
        fork_workers()
    processors = sorted(os.sched_getaffinity(0))
    os.sched_setaffinity(0, {processors[part % len(processors)]})  # then there is one worker
    with tempfile.TemporaryDirectory(prefix="faults-") as folder:
        yield Sandbox(Path(folder), Path(os.environ["FAULTS_SHIM"]), modules, spawned=spawned)


def calls(modes: Sequence[str], tool: str) -> int:
    """Print the calls of modes. A ``*`` marks those at which EIO is tried."""
    with new_sandbox() as sandbox:
        for name in modes:
            found = prepared(sandbox, MODES[name], tool).calls
            marked = set(points("EIO", found))
            for at, call in enumerate(found, 1):
                who = "main" if call.is_main else "worker"
                print("*" if at in marked else " ", name, at, who, call.name, call.path)
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


def trials(campaign: Campaign, part: int = 0, parts: int = 1) -> Iterator[Outcome]:
    """Yield the outcome of each trial of one part of a campaign.

    The modes take turns, so that a campaign that is stopped has tried some points of each.
    """
    end = None if campaign.minutes is None else time.monotonic() + campaign.minutes * 60
    source = digest()
    done = {
        (row["mode"], row["fault"], row["at"])
        for row in logged(campaign.log)
        if (row["source"], row["tool"]) == (source, campaign.tool)
    }
    with new_sandbox(part=part, spawned=campaign.spawned) as sandbox:
        ready = {name: prepared(sandbox, MODES[name], campaign.tool) for name in campaign.modes}
        for point in chosen(campaign, ready):
            if crc32(repr(point[3:]).encode()) % parts != part:
                continue
            if end is not None and time.monotonic() > end:
                return
            if (point.mode, point.fault, point.at) not in done:
                yield {"source": source, **outcome(campaign, sandbox, ready[point.mode], point)}


class Point(NamedTuple):
    """A fault at a call. `tier` is an index of TIERS; points are tried in this order."""

    tier: int
    turn: int
    number: int
    mode: str
    fault: str
    at: int


def chosen(campaign: Campaign, ready: Mapping[str, Prepared]) -> list[Point]:
    """Return the points of a campaign in the order of their tiers and of the modes' turns."""
    rows = []
    seen: set[tuple[object, ...]] = set()
    for number, (mode, one) in enumerate(ready.items()):
        tiers = [_tier(call, seen) for call in one.calls]
        seen.update(group(call) for call in one.calls if call.is_look)
        found = [
            (tiers[at - 1], fault, at)
            for fault in campaign.faults
            for at in (every_point if campaign.every else points)(fault, one.calls)
            if TIERS[tiers[at - 1]] in campaign.tiers
        ][campaign.offset :: campaign.stride]
        random.Random(mode).shuffle(found)
        counts: Counter[int] = Counter()
        for tier, fault, at in found:
            counts[tier] += 1
            rows.append(Point(tier, counts[tier] // _TURN, number, mode, fault, at))
    return sorted(rows, key=lambda row: row[:3])


def _tier(call: Call, seen: Container[tuple[object, ...]]) -> int:
    if not call.is_look:
        return 0
    return 2 if group(call) in seen else 1


def outcome(campaign: Campaign, sandbox: Sandbox, ready: Prepared, point: Point) -> Outcome:
    """Try a point and return the outcome, as JSON values."""
    begin, used = time.monotonic(), _used()
    trial = tried(sandbox, ready, FAULTS[point.fault], point.at, campaign.tool)
    call = ready.calls[point.at - 1]
    return {
        "mode": point.mode,
        "tool": campaign.tool,
        "fault": point.fault,
        "at": point.at,
        "call": f"{call.name} {plain(call.path)}",
        "tier": TIERS[point.tier],
        "fired": trial.fired,
        "between": trial.between,
        "known": trial.known,
        "answer": trial.answer,
        "seconds": time.monotonic() - begin,
        "used": _used() - used,
        "problems": trial.problems,
    }


def _used() -> float:
    """Return the processor seconds of this process and all its children that have ended."""
    both = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in both)


def digest() -> str:
    """Return a digest of what a result depends on: pipfast and this package."""
    import pipfast

    found = hashlib.sha256()
    for folder in (Path(pipfast.__path__[0]), Path(__file__).parent):
        for path in sorted((*folder.rglob("*.py"), *folder.rglob("*.c"))):
            found.update(path.read_bytes())
    return found.hexdigest()[:16]


def logged(log: Path | None) -> list[Outcome]:
    """Return the outcomes in a file."""
    if log is None or not log.exists():
        return []
    return [json.loads(line) for line in log.read_text().splitlines() if line.endswith("}")]


def run(campaign: Campaign, jobs: int) -> int:
    """Try all faults in `jobs` processes, print the problems, and return 1 if there are any."""
    if "FAULTS_PART" in os.environ:
        part, parts = map(int, os.environ["FAULTS_PART"].split())
        for each in trials(campaign, part, parts):
            print(json.dumps(each), flush=True)
        return 0
    outcomes = _shared(jobs) if jobs > 1 else trials(campaign)
    total = Summary()
    source = digest()
    for each in logged(campaign.log):
        if (each["source"], each["tool"]) == (source, campaign.tool):
            add(total, each)
    log = campaign.log.open("a") if campaign.log else None
    for each in outcomes:
        if log is not None:
            print(json.dumps(each), file=log, flush=True)
        add(total, each)
    report(total)
    return int(bool(total.kinds))


def _shared(jobs: int) -> Iterator[Outcome]:
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
