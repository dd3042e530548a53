"""Measure runners that begin empty and install a set with costly builds, one after the other.

    python -m compat.bench.shared_builds [--runners 5] [--seconds 5] > table.md

Each build waits, which stands for a compiler; it is the same for every tool. pip and uv restore
their whole cache from a tar file that the first runner saved, pipfast restores nothing: with a
remote store it takes from nginx on loopback what the first runner has built. The line has the
speed of loopback.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from compat.remote_store.machines import ASIDE, KEY
from compat.remote_store.services import nginx
from tests.kit.projects import project

COSTLY = 5
"""The number of sources to build."""


@dataclass(frozen=True, kw_only=True)
class Way:
    """A tool: its command for an environment, its variables, and whether its cache is saved."""

    name: str
    command: Callable[[Path], Sequence[str]]
    variables: Callable[[Path], dict[str, str]]
    is_saved: bool = False


def _ways(index: Path, remote: str) -> list[Way]:
    found = ["--no-index", "--find-links", str(index), *(f"costly{at}" for at in range(COSTLY))]
    own = {"PIPFAST_REMOTE_STORE": remote, "PIPFAST_REMOTE_STORE_KEY": KEY,
           "PIPFAST_REMOTE_STORE_MODE": "read-write"}  # fmt: skip
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check"]
    pipfast = [sys.executable, "-m", "pipfast"]
    uv = str(Path(sys.executable).with_name("uv"))

    def of_pip(words: Sequence[str]) -> Callable[[Path], Sequence[str]]:
        return lambda env: [*words, "--python", str(env), "install", "-q", *found]

    def of_uv(env: Path) -> Sequence[str]:
        return [uv, "pip", "install", "-q", "-p", str(env), *found]

    def cache(place: Path) -> dict[str, str]:
        return {"PIP_CACHE_DIR": str(place)}

    return [
        Way(name="pip, its cache from a tar file", command=of_pip(pip), variables=cache,
            is_saved=True),
        Way(name="uv, its cache from a tar file", command=of_uv, is_saved=True,
            variables=lambda place: {"UV_CACHE_DIR": str(place), "UV_LINK_MODE": "copy"}),
        Way(name="pipfast, its cache from a tar file", command=of_pip(pipfast), variables=cache,
            is_saved=True),
        Way(name="pipfast, nothing shared", command=of_pip(pipfast), variables=cache),
        Way(name="pipfast, remote store", command=of_pip(pipfast),
            variables=lambda place: {**cache(place), **own}),
    ]  # fmt: skip


def _runner(way: Way, place: Path, saved: Path) -> float:
    """Return the seconds of one runner; its folder is new, and the first one saves its cache."""
    cache, env = place / "cache", place / "env"
    (place / "home").mkdir(parents=True)
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", env], check=True)
    kept = {name: value for name, value in os.environ.items() if not name.startswith(ASIDE)}
    own = {"HOME": str(place / "home"), "PIP_CONFIG_FILE": os.devnull, **way.variables(cache)}
    began = time.monotonic()
    if way.is_saved and saved.exists():
        cache.mkdir()
        subprocess.run(["tar", "-C", cache, "-xf", saved], check=True)
    subprocess.run(way.command(env), check=True, env={**kept, **own}, cwd=place)
    if way.is_saved and not saved.exists():
        subprocess.run(["tar", "-C", cache, "-cf", saved, "."], check=True)
    taken = time.monotonic() - began
    shutil.rmtree(place)
    return taken


def measured(runners: int, seconds: float) -> list[tuple[str, float, float]]:
    """Return for each way the time of its first runner, and the median of the others."""
    with ExitStack() as stack:
        root = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        index, service = root / "index", root / "service"
        for folder in (index, service):
            folder.mkdir()
        wait = root / "wait"
        wait.write_text(f"#!/bin/sh\nsleep {seconds}\n")
        wait.chmod(0o755)
        for at in range(COSTLY):
            made = project(f"costly{at}", backend={"runs": {"build_wheel": [str(wait)]}}).sdist()
            (index / made.filename).write_bytes(made.content)
        storage = stack.enter_context(nginx(service))
        ways = _ways(index, storage.url)
        times: dict[str, list[float]] = {way.name: [] for way in ways}
        for at in range(runners):
            for way in ways:  # in turn, so that noise meets all
                place, saved = root / f"runner-{at}", root / f"{way.name}.tar"
                times[way.name].append(_runner(way, place, saved))
    return [(name, found[0], statistics.median(found[1:])) for name, found in times.items()]


def main() -> None:
    """Print the table; times of many runners are computed from the measured ones."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--runners", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=5.0)
    chosen = parser.parse_args()
    counts = (5, 20, 100)
    heads = ["first runner", "further runners", *(f"{count} in sum" for count in counts)]
    lines = [f"| way | {' | '.join(heads)} |", "| --- " * (len(heads) + 1) + "|"]
    for name, first, further in measured(chosen.runners, chosen.seconds):
        sums = [f"{first + (count - 1) * further:.0f} s" for count in counts]
        lines.append(f"| {name} | {first:.1f} s | {further:.1f} s | {' | '.join(sums)} |")
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
