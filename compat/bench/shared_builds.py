"""Measure runners that begin empty and install a set with costly builds, one after the other.

    python -m compat.bench.shared_builds [--runners 5] [--seconds 5] > table.md

Each build waits, which stands for a compiler; it is the same for every tool. pip and uv restore
their whole cache from a tar file that the first runner saved, pipfast restores nothing: with a
remote store it takes from nginx on loopback what the first runner has built. The line has the
speed of loopback.

With a list that was recorded, each runner also installs its 140 wheels from the recorded index,
and everything that a runner downloads, the tar file included, comes at 1 Gbit/s:

    python -m compat.bench record --folder RECORDED --list big
    python -m compat.bench.shared_builds --runners 20 --folder RECORDED --list big > table.md

A runner takes its environment with it when it ends. What the first runner saves and uploads is
written at the speed of loopback.
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
import urllib.request
from base64 import b64encode
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from compat.bench.cases import LISTS
from compat.bench.serve import serving
from compat.network.row_command import PASSWORD, USER
from compat.remote_store.machines import ASIDE, KEY
from compat.remote_store.services import nginx
from tests.kit.projects import project

COSTLY = 5
"""The number of sources to build."""

_LATENCY = 5  # milliseconds for each answer of the index


@dataclass(frozen=True, kw_only=True)
class Way:
    """A tool: its command for an environment, its variables, and whether its cache is saved."""

    name: str
    command: Callable[[Path], Sequence[str]]
    variables: Callable[[Path], dict[str, str]]
    is_saved: bool = False


def _ways(found: Sequence[str], remote: str) -> list[Way]:
    """Return the tools; `found` are the arguments of their install commands."""
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


def _restore(url: str, cache: Path) -> None:
    """Download a tar file and unpack it meanwhile."""
    account = b64encode(f"{USER}:{PASSWORD}".encode()).decode()
    asked = urllib.request.Request(url, headers={"Authorization": f"Basic {account}"})
    cache.mkdir()
    command = ["tar", "-C", str(cache), "-xf", "-"]
    with (
        urllib.request.urlopen(asked) as answer,
        subprocess.Popen(command, stdin=subprocess.PIPE) as tar,
    ):
        assert tar.stdin is not None
        shutil.copyfileobj(answer, tar.stdin, 1 << 20)
    assert tar.returncode == 0


def _runner(way: Way, place: Path, saved: Path, url: str) -> float:
    """Return the seconds of one runner; its folder is new, and the first one saves its cache.

    The tar file `saved` is downloaded from `url`.
    """
    cache, env = place / "cache", place / "env"
    (place / "home").mkdir(parents=True)
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", env], check=True)
    kept = {name: value for name, value in os.environ.items() if not name.startswith(ASIDE)}
    own = {"HOME": str(place / "home"), "PIP_CONFIG_FILE": os.devnull, **way.variables(cache)}
    began = time.monotonic()
    if way.is_saved and saved.exists():
        _restore(url, cache)
    subprocess.run(way.command(env), check=True, env={**kept, **own}, cwd=place)
    if way.is_saved and not saved.exists():
        saved.parent.mkdir(exist_ok=True)
        subprocess.run(["tar", "-C", cache, "-cf", saved, "."], check=True)
    taken = time.monotonic() - began
    shutil.rmtree(place)
    return taken


def measured(
    runners: int, seconds: float, listed: tuple[Path, str] | None, bandwidth: float
) -> list[tuple[str, float, float]]:
    """Return for each way the time of its first runner, and the median of the others.

    `listed` is the folder of a recorded index and the name of a list; without it nothing limits
    the line.
    """
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
        words = ["--find-links", str(index), *(f"costly{at}" for at in range(COSTLY))]
        if listed is None:
            words.append("--no-index")
        else:
            folder, name = listed
            base = stack.enter_context(serving(folder, None))
            line = f"{base}/-/shape?latency={_LATENCY}&bandwidth={bandwidth}"
            urllib.request.urlopen(line).close()
            lock = folder / "lists" / f"{name}.lock.txt"
            words += ["--index-url", f"{base}/simple/", "-r", str(lock)]
        rate = 0 if listed is None else bandwidth
        storage = stack.enter_context(nginx(service, rate=rate))
        ways = _ways(words, storage.url)
        times: dict[str, list[float]] = {way.name: [] for way in ways}
        for at in range(runners):
            for way in ways:  # in turn, so that noise meets all
                name = f"tars/{ways.index(way)}.tar"
                saved, url = service / "root" / name, f"{storage.base}/{name}"
                times[way.name].append(_runner(way, root / f"runner-{at}", saved, url))
    return [(name, found[0], statistics.median(found[1:])) for name, found in times.items()]


def main() -> None:
    """Print the table; times of many runners are computed from the measured ones."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--runners", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=5.0, help="how long a build waits")
    parser.add_argument("--folder", type=Path, help="a recorded index")
    parser.add_argument("--list", choices=sorted(LISTS), default="big")
    parser.add_argument("--bandwidth", type=float, default=1000.0, help="megabits a second")
    chosen = parser.parse_args()
    listed = None if chosen.folder is None else (chosen.folder.resolve(), chosen.list)
    counts = (5, 20, 100)
    heads = ["first runner", "further runners", *(f"{count} in sum" for count in counts)]
    lines = [f"| way | {' | '.join(heads)} |", "| --- " * (len(heads) + 1) + "|"]
    for name, first, further in measured(chosen.runners, chosen.seconds, listed, chosen.bandwidth):
        sums = [f"{first + (count - 1) * further:.0f} s" for count in counts]
        lines.append(f"| {name} | {first:.1f} s | {further:.1f} s | {' | '.join(sums)} |")
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
