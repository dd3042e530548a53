"""Hit runs at their file-system calls: ``python -m compat.faults run --mode upgrade-warm``."""

from __future__ import annotations

import argparse
import os
import signal
import sys
import tempfile
from pathlib import Path

from compat.faults.campaign import Campaign, calls, one, run
from compat.faults.imports import imports
from compat.faults.kinds import FAULTS
from compat.faults.modes import MODES
from compat.faults.random_signals import signals
from compat.faults.shim import NoCompilerError, compiled
from compat.faults.soak import soak


def main() -> int:
    """Run the command; return 1 if something is wrong."""
    parser = argparse.ArgumentParser(prog="compat.faults", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    for name in ("run", "one", "calls"):
        command = commands.add_parser(name)
        command.add_argument("--mode", choices=MODES, action="append")
        command.add_argument("--tool", default="pipfast", choices=("pipfast", "pip", "uv"))
        if name != "calls":
            command.add_argument("--fault", choices=FAULTS, action="append")
    for name in ("run", "one"):
        command = commands.choices[name]
        command.add_argument("--at", type=int)
        command.add_argument("--stride", type=int, default=1)
        command.add_argument("--offset", type=int, default=0)
        command.add_argument("--jobs", type=int, default=1)
        command.add_argument("--log", type=Path)
    command = commands.add_parser("signals")
    command.add_argument("--runs", type=int, default=1000)
    command.add_argument("--seed", type=int, default=0)
    command.add_argument("--how", choices=("SIGINT", "SIGTERM", "SIGHUP"), action="append")
    command = commands.add_parser("soak")
    command.add_argument("--runs", type=int, default=2000)
    command.add_argument("--environments", type=int, default=50)
    command.add_argument("--seed", type=int, default=0)
    command = commands.add_parser("imports")
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
    return run(
        Campaign(modes, faults, options.stride, options.offset, options.tool, options.log),
        options.jobs,
    )


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
