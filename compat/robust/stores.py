"""Real runs on stores that are full, read-only, purged, shared or on another disk.

    python -m compat.robust.stores --rounds 12

runs this many installs while ``cache purge`` runs in a loop. Then it starts as many installs at
once on one empty store, and six more that install into one environment.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.kit.wheels import Wheel, wheel

COUNT = 6
FILES = 12
BIG = 400_000
"""Bytes that do not compress in each wheel."""


def part(number: int) -> Wheel:
    """A distribution with some modules and a large file."""
    name = f"part{number}"
    files: dict[str, str | bytes] = {
        f"{name}/m{n}.py": f"VALUE = {n}\n\n\ndef f{n}():\n    return {n}\n" for n in range(FILES)
    }
    files[f"{name}/__init__.py"] = f"NAME = {name!r}\n"
    files[f"{name}/data.bin"] = os.urandom(BIG)
    return wheel(name, "1.0", files=files, scripts={name: f"{name}.m0:f0"})


@dataclass
class Place:
    """Wheels, environments and a cache, each in a folder of its own."""

    folder: Path
    cache: Path | None = None
    names: tuple[str, ...] = ()
    environ: dict[str, str] = field(default_factory=dict)
    python: str = sys.executable
    user: int | None = None

    def __post_init__(self) -> None:
        wheels = self.folder / "wheels"
        wheels.mkdir()
        made = [part(number) for number in range(COUNT)]
        for each in made:
            (wheels / each.filename).write_bytes(each.content)
        self.names = tuple(each.name for each in made)
        self.cache = self.cache or self.folder / "cache"
        (self.folder / "tmp").mkdir()

    def environment(self, name: str = "env", parent: Path | None = None) -> Path:
        """Create an empty environment."""
        env = (parent or self.folder) / name
        (env / "bin").mkdir(parents=True)
        (env / "bin" / "python").symlink_to(Path(self.python).resolve())
        base = Path(self.python).resolve().parent
        (env / "pyvenv.cfg").write_text(f"home = {base}\n", encoding="utf-8")
        return env

    def variables(self) -> dict[str, str]:
        """Return the variables of a run."""
        own = {
            "PIP_CONFIG_FILE": os.devnull,
            "PIP_CACHE_DIR": str(self.cache),
            "PIP_NO_INDEX": "1",
            "PIP_FIND_LINKS": str(self.folder / "wheels"),
            "PIP_DISABLE_PIP_VERSION_CHECK": "1",
            "PIP_ROOT_USER_ACTION": "ignore",
            "TMPDIR": str(self.folder / "tmp"),
        }
        return {**os.environ, **own, **self.environ}

    def start(
        self, env: Path | None, *words: str, before: Sequence[str] = ()
    ) -> subprocess.Popen[str]:
        """Start a command; `before` is a program with arguments that runs it, such as `nice`."""
        python = ["--python", str(env / "bin" / "python")] if env else []
        return subprocess.Popen(
            [*before, self.python, "-m", "pipfast", *python, *words],
            env=self.variables(),
            cwd=self.folder,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            user=self.user,
            group=self.user,
            extra_groups=None if self.user is None else [],
        )

    def run(
        self, env: Path | None, *words: str, before: Sequence[str] = ()
    ) -> subprocess.CompletedProcess[str]:
        """Run a command."""
        return ended(self.start(env, *words, before=before))

    def fault(self, env: Path, names: Sequence[str] | None = None) -> str | None:
        """Return what is wrong with the environment, None if all is installed and imports."""
        modules = names if names is not None else self.names
        code = "".join(
            f"import {name}.m3, {name}; assert {name}.NAME == {name!r}\n" for name in modules
        )
        command = [str(env / "bin" / "python"), "-W", "error", "-B", "-c", code]
        ran = subprocess.run(command, capture_output=True, text=True, check=False)
        if ran.returncode:
            return ran.stderr
        library = next(env.glob("lib/*/site-packages"))
        sizes = {(library / name / "data.bin").stat().st_size for name in modules}
        if sizes != {BIG}:
            return f"wrong sizes: {sizes}"
        compiled = len(list(library.glob("*/__pycache__/*.pyc")))
        return None if compiled == len(modules) * (FILES + 1) else f"{compiled} bytecode files"

    def left(self, *folders: Path) -> list[str]:
        """Return temporary names in the store, the temporary folder and `folders`."""
        assert self.cache is not None
        places = [self.folder / "tmp", *self.cache.glob("pipfast/*/tmp"), *folders]
        own = ("new-", "pip-", "pipfast-", ".pipfast-", ".aside-")
        found = [path for place in places for path in place.glob("*") if path.name.startswith(own)]
        return [str(path) for path in found]


def ended(process: subprocess.Popen[str]) -> subprocess.CompletedProcess[str]:
    """Return the result of a process that was started."""
    output, errors = process.communicate(timeout=120)
    return subprocess.CompletedProcess(process.args, process.returncode, output, errors)


@contextmanager
def mounted(folder: Path, options: str) -> Iterator[Path | None]:
    """Mount a file system in memory at `folder`; None if this user or system cannot."""
    folder.mkdir(parents=True, exist_ok=True)
    command = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)]
    try:
        is_done = subprocess.run(command, capture_output=True, check=False).returncode == 0
    except OSError:
        is_done = False
    try:
        yield folder if is_done else None
    finally:
        if is_done:
            subprocess.run(["umount", "-l", str(folder)], check=True)


def purged(place: Place, rounds: int) -> list[str]:
    """Install in `rounds` environments while the store is purged; return what went wrong."""
    faults = []
    environments = [place.environment(f"env{number}") for number in range(rounds)]
    for pair in (environments[n : n + 3] for n in range(0, rounds, 3)):
        runs = [(env, place.start(env, "install", *place.names)) for env in pair]
        while any(run.poll() is None for _, run in runs):
            purge = place.run(None, "cache", "purge")
            if purge.returncode or "Traceback" in purge.stderr:
                faults.append(f"purge: {purge.stderr}")
            time.sleep(0.02)
        for env, run in runs:
            result = ended(run)
            fault = result.stderr if result.returncode else place.fault(env)
            faults += [fault] if fault else []
    return faults


def shared(place: Place, count: int) -> list[str]:
    """Install everything in `count` environments at once, and each project in one more.

    All processes use one store. Returns what went wrong.
    """
    environments = [place.environment(f"env{number}") for number in range(count)]
    common = place.environment("shared")
    runs = [(env, place.start(env, "install", *place.names)) for env in environments]
    parts = [place.start(common, "install", name) for name in place.names]
    faults = []
    for env, run in runs:
        result = ended(run)
        faults += [result.stderr if result.returncode else place.fault(env)]
    for part in parts:
        result = ended(part)
        faults += [result.stderr if result.returncode else None]
    return [fault for fault in (*faults, place.fault(common)) if fault]


def main() -> int:
    """Install during purges, then many times at once; return 1 if there were faults."""
    parser = argparse.ArgumentParser(prog="python -m compat.robust.stores", description=__doc__)
    parser.add_argument("--rounds", type=int, default=12, help="installs in each of the two parts")
    rounds = parser.parse_args().rounds
    faults = []
    for way, count in ((purged, rounds), (shared, rounds)):
        with tempfile.TemporaryDirectory() as folder:
            place = Place(Path(folder))
            found = [*way(place, count), *place.left()]
        print(f"{count} installs, {way.__name__}: {len(found)} faults")
        faults += found
    print("\n".join(faults))
    return min(len(faults), 1)


if __name__ == "__main__":
    sys.exit(main())
