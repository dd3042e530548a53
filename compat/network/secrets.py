"""Look for secrets in the files, output and child processes of a run.

Each case has secrets of known origins. It runs commands with real servers that want them, and
searches the files below the world (home, cache, temporary folder, environment), the output, and the
arguments and environments of every program that was started.
"""

from __future__ import annotations

import base64
import json
import os
import stat
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

from compat.harness.scenario import Content, Scenario, Target
from compat.harness.twin import House, Program, Ran, World
from compat.kit.server import IndexServer

RECORDER = """\
import json, os, sys

def note(event, words):
    if event == "subprocess.Popen":
        program, argv, _, environ = words
    elif event in ("os.exec", "os.posix_spawn"):
        program, argv, environ = words
    elif event == "os.system":
        program, argv, environ = "sh", words, None
    else:
        return
    argv = argv if isinstance(argv, (list, tuple)) else [argv]
    started = [[os.fsdecode(word) for word in argv]]
    started.append({os.fsdecode(k): os.fsdecode(v) for k, v in (environ or os.environ).items()})
    handle = os.open(os.environ["KIT_STARTED"], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.write(handle, (json.dumps(started) + "\\n").encode())
    os.close(handle)

if "KIT_STARTED" in os.environ:
    sys.addaudithook(note)

if "KIT_BARE" in os.environ:
    try:
        from pipfast.report import render
    except ImportError:
        pass  # the target's Python has no pipfast
    else:
        render.without_passwords = str

if "KIT_BUG" in os.environ:
    try:
        from pipfast.commands import install
    except ImportError:
        pass
    else:
        def fail(*words):
            raise RuntimeError(" ".join(sys.argv))

        install.command = fail
"""
"""Imported by every Python of the world at startup; it records the programs that are started.

Where pipfast runs, ``KIT_BARE`` takes out the last place that hides passwords, so that each place
before it counts, and ``KIT_BUG`` is a bug whose traceback has the command line.
"""


@dataclass(frozen=True, kw_only=True)
class Case:
    """Commands, and the secrets that they use.

    `given` are secrets that the user put into an environment variable, which every program that is
    started inherits. `programs` get the secrets in their environment, which nobody but the same
    user can read. `shown` are commands (first words) whose purpose is to print a secret, `kept` the
    names of files whose purpose is to keep one. `exits` is the exit code of the first command.
    With `delegates` real pip runs with the user's own words. With `bare` nothing but what the
    renderer is given is hidden; it is not for errors that quote what cannot be parsed.
    """

    rule: str
    steps: tuple[str, ...]
    secrets: tuple[str, ...]
    given: tuple[str, ...] = ()
    programs: tuple[str, ...] = ()
    files: Mapping[str, Content] = field(default_factory=dict)
    standing: Mapping[str, Content] = field(default_factory=dict)
    environ: Mapping[str, str | None] = field(default_factory=dict)
    typed: str = ""
    shown: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
    exits: int = 0
    delegates: bool = False
    bare: bool = True


@dataclass(frozen=True, kw_only=True)
class Found:
    """The result of a case: descriptions of leaks, paths that others can read, and the runs."""

    leaks: tuple[str, ...]
    open_paths: tuple[str, ...]
    runs: tuple[Ran, ...]


def searched(house: House, case: Case, server: IndexServer, *, parity: bool) -> Found:
    """Run the commands of a case in a fresh world and look for its secrets."""
    started = house.root.with_name("started")
    started.unlink(missing_ok=True)
    mode = {"PIPFAST_PIP_COMPAT": "1" if parity else None}
    recorder = {"PYTHONPATH": "<home>/recorder", "KIT_STARTED": str(started)}
    if case.bare:
        recorder["KIT_BARE"] = "1"
    scenario = Scenario(
        rule=case.rule,
        steps=tuple(tuple(step.split()) for step in case.steps),
        files=case.files,
        standing={"<home>/recorder/sitecustomize.py": RECORDER, **case.standing},
        environ={**mode, **recorder, **case.environ},
        target=Target.VENV,
    )
    world = World(house.root, scenario, server)
    world.fill(house.fresh(scenario))
    given = {str(path) for path in _files(world.root)}
    runs: list[Ran] = []
    leaks: list[str] = []
    for argv in scenario.steps:
        words = [world.expanded(word) for word in argv]
        ran = world.run([*Program("pipfast").command(world), *words], case.typed)
        runs.append(ran)
        if argv[0] not in case.shown:
            for name, text in (("standard output", ran.stdout), ("standard error", ran.stderr)):
                leaks += _in(text.encode(), case.secrets, f"{name} of {argv[0]}")
    for path in _files(world.root):
        if str(path) not in given and not str(path).endswith(case.kept or "\0"):
            where = str(path.relative_to(world.root))
            leaks += _in(path.read_bytes() + where.encode(), case.secrets, where)
    if not case.delegates:
        leaks += _started(started, case)
    cache = world.root / "home/.cache/pip/pipfast"
    calls = world.root / "home/calls"  # the log of calls
    opened = [*_open(cache), *(_if_open(calls) if calls.exists() else ())]
    return Found(leaks=tuple(leaks), open_paths=tuple(opened), runs=tuple(runs))


def _files(root: Path) -> Iterator[Path]:
    for folder, _, names in os.walk(root):
        for name in names:
            path = Path(folder, name)
            if path.is_file() and not path.is_symlink():
                yield path


def _in(data: bytes, secrets: Iterable[str], where: str) -> Iterator[str]:
    for secret in secrets:
        if any(form in data for form in _forms(secret)):
            yield f"{secret} in {where}"


def _forms(secret: str) -> set[bytes]:
    """Return a secret as it is, quoted, and inside a header for basic authentication."""
    raw = secret.encode()
    encoded = (base64.b64encode(b"\0" * shift + raw)[4:-4] for shift in range(3))
    return {raw, quote(secret, safe="").encode(), *encoded}


def _started(record: Path, case: Case) -> Iterator[str]:
    if not record.exists():
        return
    for line in record.read_text().splitlines():
        argv, environ = json.loads(line)
        program = f"{Path(argv[0]).name} {' '.join(argv[1:3])}"
        yield from _in("\0".join(argv).encode(), case.secrets, f"arguments of {program}")
        if argv[0] in case.programs:
            continue
        private = [secret for secret in case.secrets if secret not in case.given]
        values = "\0".join(environ.values()).encode()
        yield from _in(values, private, f"environment of {program}")


def _open(cache: Path) -> Iterator[str]:
    """Yield what others may read: folders, and files that are not linked into environments."""
    if sys.platform == "win32":
        return
    for folder, _, names in os.walk(cache):
        here = Path(folder)
        area = here.relative_to(cache).parts[1:3]
        if area[:1] in (("archives",), ("prefixes",), ("clones",)) or area == ("built", "wheels"):
            continue  # inside a closed folder, with the modes that they have where they are used
        yield from _if_open(here)
        if area[:1] in (("partial",), ("waiting",)):
            continue  # inside a closed folder, too, and later a user's files
        for name in names:
            yield from _if_open(here / name)


def _if_open(path: Path) -> Iterator[str]:
    mode = stat.S_IMODE(path.lstat().st_mode)
    if mode & 0o077:
        yield f"{path.name} {mode:o}"
