"""Compare pip and pipfast in random worlds: ``python -m compat.worlds --cases 1000 --jobs 2``."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from compat.harness import compare
from compat.harness.scenario import Scenario
from compat.harness.twin import House
from compat.worlds.engine import Engine
from compat.worlds.generate import scenario
from compat.worlds.shrink import shrunk, source
from compat.worlds.verdict import beyond, differences, kind


def _parsed(words: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="compat.worlds", description=__doc__)
    parser.add_argument("--cases", type=int, default=100, help="how many worlds")
    parser.add_argument("--seed", default="0", help="the first part of each world's seed")
    parser.add_argument("--first", type=int, default=0, help="the number of the first world")
    parser.add_argument("--jobs", type=int, default=1, help="how many worlds at once")
    parser.add_argument("--step", type=int, default=1, help="take each such world only")
    parser.add_argument("--seconds", type=float, default=0, help="stop after so many seconds")
    parser.add_argument("--only", help="run the world of this seed alone and print both outputs")
    parser.add_argument("--processes", action="store_true", help="no forks; with --only")
    parser.add_argument("--no-shrink", action="store_true", help="report worlds as they are")
    return parser.parse_args(words)


def _differences(engine: Engine, world: Scenario) -> tuple[str, ...]:
    return differences(world, *engine.observations(world))


def _report(engine: Engine, world: Scenario, found: tuple[str, ...], *, smaller: bool) -> None:
    if smaller:
        wanted = kind(found).split(":")[0][:16]

        def holds(one: Scenario) -> bool:
            try:
                return kind(_differences(engine, one))[:16].startswith(wanted)
            except Exception:  # noqa: BLE001 - a world that cannot be made has no differences
                return False

        world = shrunk(world, holds)
        found = _differences(engine, world) or found
    print(f"##### {world.rule}: {kind(found)}\n{source(world)}", *found, sep="\n", flush=True)


def _run(options: argparse.Namespace) -> int:
    """Run worlds one after the other and print each difference and a summary."""
    counts: Counter[str] = Counter()
    begin = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="worlds-") as folder, Engine(Path(folder)) as engine:
        for number in range(
            options.first, options.first + options.cases * options.step, options.step
        ):
            if options.seconds and time.monotonic() - begin > options.seconds:
                break
            world = scenario(f"{options.seed}-{number}")
            expected, received = engine.observations(world)
            counts["worlds"] += 1
            counts["commands"] += len(world.steps)
            counts["pip fails"] += any(ran.code for ran in expected.steps)
            counts["beyond pip"] += beyond(expected, received) is not None
            if found := differences(world, expected, received):
                counts["differ"] += 1
                _report(engine, world, found, smaller=not options.no_shrink)
            if counts["worlds"] % 100 == 0:
                print(f"SO FAR {dict(counts)}", flush=True)
    seconds = time.monotonic() - begin
    print(f"SUMMARY {dict(counts)} in {seconds:.0f} s", flush=True)
    return int(counts["differ"] > 0)


def _jobs(words: Sequence[str], options: argparse.Namespace) -> int:
    """Share the worlds among processes."""
    running = []
    for job in range(options.jobs):
        own = ["--jobs", "1", "--step", str(options.jobs), "--first", str(options.first + job)]
        own += ["--cases", str(-(-(options.cases - job) // options.jobs))]
        command = [sys.executable, "-m", "compat.worlds", *words, *own]
        running.append(subprocess.Popen(command, env=os.environ))
    return max(process.wait() for process in running)


def _show(options: argparse.Namespace) -> int:
    """Run one world and print everything."""
    world = scenario(options.only)
    print(source(world))
    with tempfile.TemporaryDirectory(prefix="worlds-") as folder:
        if options.processes:
            expected, received = compare.observations(House(Path(folder)), world, "pipfast")
        else:
            with Engine(Path(folder)) as engine:
                expected, received = engine.observations(world)
    for name, seen in (("pip", expected), ("pipfast", received)):
        for ran in seen.steps:
            print(f"=== {name}: {' '.join(ran.argv)}\n{ran.stdout}--- stderr\n{ran.stderr}", end="")
            print(f"--- exit {ran.code}")
    found = differences(world, expected, received)
    print(*found, sep="\n")
    return int(bool(found))


def main(words: Sequence[str]) -> int:
    """Run the command line; return 1 if any world differs."""
    options = _parsed(words)
    if options.only:
        return _show(options)
    return _jobs(words, options) if options.jobs > 1 else _run(options)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
