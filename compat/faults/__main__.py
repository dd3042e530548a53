"""Inject faults and signals at the file-system calls of runs. docs/reliability.md has examples."""

from __future__ import annotations

import argparse
import os
import signal
import sys
import tempfile
from pathlib import Path

from compat.faults.campaign import TIERS, Campaign, calls, one, run
from compat.faults.imports import imports
from compat.faults.kinds import FAULTS
from compat.faults.modes import MODES
from compat.faults.random_signals import signals
from compat.faults.shim import NoCompilerError, compiled
from compat.faults.soak import soak


def main() -> int:
    """Run the command; return 1 if something is wrong."""
    parser = argparse.ArgumentParser(prog="python -m compat.faults", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    for name, text in (
        ("run", "try many faults, and print a summary"),
        ("one", "try one fault, and print everything about it"),
        ("calls", "print the file-system calls of a run, with their numbers"),
    ):
        command = commands.add_parser(name, help=text)
        command.add_argument("--mode", choices=MODES, action="append", help="default: all")
        command.add_argument("--tool", default="pipfast", choices=("pipfast", "pip", "uv"))
        if name != "calls":
            command.add_argument("--fault", choices=FAULTS, action="append", help="default: all")
    for name in ("run", "one"):
        command = commands.choices[name]
        command.add_argument("--at", type=int, help="for `one`: the number of the call")
        command.add_argument("--stride", type=int, default=1, help="try every n-th fault only")
        command.add_argument("--offset", type=int, default=0, help="the first fault to try")
        command.add_argument("--jobs", type=int, default=1, help="number of processes")
        command.add_argument("--tier", choices=TIERS, action="append", help="default: all")
        command.add_argument("--every", action="store_true", help="try repeated looks too")
        command.add_argument("--spawned", action="store_true", help="do not fork interpreters")
        command.add_argument("--log", type=Path, help="a file of results, to continue a campaign")
        command.add_argument("--minutes", type=float, help="stop after this time")
    command = commands.add_parser("signals", help="send signals to runs at random moments")
    command.add_argument("--runs", type=int, default=1000)
    command.add_argument("--seed", type=int, default=0)
    command.add_argument("--how", choices=("SIGINT", "SIGTERM", "SIGHUP"), action="append")
    command = commands.add_parser("soak", help="many runs in many environments on one store")
    command.add_argument("--runs", type=int, default=2000)
    command.add_argument("--environments", type=int, default=50)
    command.add_argument("--seed", type=int, default=0)
    command = commands.add_parser("imports", help="import packages while they are upgraded")
    command.add_argument("--seconds", type=float, default=60)
    command.add_argument("--tool", default="pipfast", choices=("pipfast", "pip", "uv"))
    options = parser.parse_args()
    if "FAULTS_SHIM" not in os.environ:
        return restarted()
    if options.command == "signals":
        numbers = [signal.Signals[name] for name in options.how or ("SIGINT",)]
        return min(signals(options.runs, numbers, options.seed), 1)
    if options.command == "soak":
        return min(soak(options.runs, options.environments, options.seed), 1)
    if options.command == "imports":
        tried, failed, upgrades = imports(options.seconds, options.tool)
        print(f"{options.tool}: {failed} of {tried} imports failed during {upgrades} upgrades")
        return 0
    modes = options.mode or list(MODES)
    if options.command == "calls":
        return calls(modes, options.tool)
    faults = options.fault or list(FAULTS)
    if options.command == "one":
        return one(modes[0], faults[0], options.at, options.tool)
    campaign = Campaign(
        modes,
        faults,
        options.stride,
        options.offset,
        options.tool,
        options.every,
        options.spawned,
        options.tier or TIERS,
        options.log,
        options.minutes,
    )
    return run(campaign, options.jobs)


def restarted() -> int:
    """Run this command in a process with the shim."""
    import subprocess

    with tempfile.TemporaryDirectory() as folder:
        try:
            shim = compiled(Path(folder))
        except NoCompilerError as error:
            print(f"skipped: {error}")
            return 0
        environ = {**os.environ, "FAULTS_SHIM": str(shim), "LD_PRELOAD": str(shim)}
        command = [sys.executable, "-m", "compat.faults", *sys.argv[1:]]
        return subprocess.run(command, env=environ, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
