"""Measure cold installs of wheels whose bytecode another machine has shared.

    chrt -r 1 python -m compat.bench.shared_bytecode WHEEL … [--rounds 5] [--bandwidth 1000]

Each run has an empty cache and a new environment, and installs one wheel without its dependencies.
Wheels and objects come from one server, over a line with the given megabits a second and 5 ms for
each answer. Times and processor seconds are those of the whole command.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.request import urlopen

from compat.bench.serve import serving
from compat.remote_store.machines import ASIDE, KEY

_LATENCY = 5  # milliseconds
_NOTHING: Mapping[str, str] = {}


@dataclass(frozen=True)
class Bench:
    """Where runs happen, and the page with links to the wheels."""

    root: Path
    page: Path

    def run(self, wheel: Path, variables: Mapping[str, str]) -> tuple[float, float]:
        """Install a wheel; return seconds and processor seconds."""
        place = self.root / "trial"
        (place / "home").mkdir(parents=True)
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", place / "env"], check=True)
        kept = {name: value for name, value in os.environ.items() if not name.startswith(ASIDE)}
        own = {"HOME": str(place / "home"), "PIP_CONFIG_FILE": os.devnull,
               "PIP_CACHE_DIR": str(place / "cache")}  # fmt: skip
        name, version = wheel.name.split("-")[:2]
        command = [
            *(sys.executable, "-m", "pipfast", "--python", str(place / "env"), "install", "-q"),
            *("--no-deps", "--no-index", "-f", str(self.page), f"{name}=={version}"),
        ]
        began, used = time.perf_counter(), _processor()
        subprocess.run(command, check=True, cwd=place, env={**kept, **own, **variables})
        took = time.perf_counter() - began, _processor() - used
        shutil.rmtree(place)
        return took


def _processor() -> float:
    found = resource.getrusage(resource.RUSAGE_CHILDREN)
    return found.ru_utime + found.ru_stime


def _link(wheel: Path, base: str) -> str:
    digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
    return f'<a href="{base}/packages/{wheel.name}#sha256={digest}">{wheel.name}</a>\n'


def _shared(url: str, mode: str) -> dict[str, str]:
    return {"PIPFAST_REMOTE_STORE": url, "PIPFAST_REMOTE_STORE_KEY": KEY,
            "PIPFAST_REMOTE_STORE_MODE": mode}  # fmt: skip


def main() -> None:
    """Print a table with a row for each wheel and way."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("wheels", type=Path, nargs="+")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--bandwidth", type=float, default=1000.0, help="megabits a second")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        shelf = root / "packages" / "store"
        shelf.mkdir(parents=True)
        for wheel in chosen.wheels:
            shutil.copy(wheel, shelf.parent)
        with serving(root, None) as base:
            page = root / "links.html"
            page.write_text("".join(_link(wheel, base) for wheel in chosen.wheels))
            bench = Bench(root, page)
            offers = {wheel: bench.run(wheel, _shared(shelf.as_uri(), "read-write"))
                      for wheel in chosen.wheels}  # fmt: skip
            urlopen(f"{base}/-/shape?latency={_LATENCY}&bandwidth={chosen.bandwidth}").close()
            ways = {"alone": _NOTHING, "shared": _shared(f"{base}/packages/store", "read")}
            print("| wheel | bytecode | seconds | processor seconds |")
            print("| --- | --- | --- | --- |")
            for wheel in offers:
                rows: dict[str, list[tuple[float, float]]] = {way: [] for way in ways}
                for _ in range(chosen.rounds):
                    for way, variables in ways.items():  # in turn, so that noise meets all
                        rows[way].append(bench.run(wheel, variables))
                for way, row in rows.items():
                    took, used = map(statistics.median, zip(*row, strict=True))
                    short = "-".join(wheel.name.split("-")[:2])
                    print(f"| {short} | {way} | {took:.2f} | {used:.2f} |")


if __name__ == "__main__":
    main()
