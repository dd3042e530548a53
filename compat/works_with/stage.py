"""Run each trial with pip and with pipfast, in turn, at the same path."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import unified_diff
from pathlib import Path
from textwrap import dedent

from compat.harness.compare import native
from compat.harness.known import BARS, STATIC
from compat.harness.output import readable
from compat.harness.tree import Tree, differences, tree
from compat.harness.twin import interpreter_of_its_own
from compat.registry.trial import FETCHED, PASSED_ON
from compat.works_with.trial import Python, Standing, Trial
from pipfast.model.version import PIP_VERSION

TIMEOUT = 600
LAST = 20
"""The maximum number of lines to print of a failed run."""

PIP = f"pip=={PIP_VERSION}"
NAMES = ("pip", "pip3", f"pip{sys.version_info[0]}.{sys.version_info[1]}")

SEEDS = re.compile(
    r"/site-packages/(pip|setuptools|_?distutils|_virtualenv|pkg_resources)|^[^/]+(/[^/]+)?/bin/pip"
)
"""The initial content of an environment. Its bytecode, and its RECORD if virtualenv wrote it,
are in random order.
"""

OWN = (sys.executable, "-m", "pipfast")
SHIM_SETTINGS = """\
[pipfast]
call-log = {log}
fallback = never
"""

PROGRAM = """#!{python}
import json, os, sys
with open({log!r}, "a") as file:
    file.write(json.dumps(sys.argv) + "\\n")
os.environ["PIPFAST_TRACE_DELEGATION"] = {delegated!r}
os.environ["PIPFAST_FALLBACK"] = "never"
from pipfast.main import run
run()
"""
"""A script that runs pipfast and logs the call; it also works for tools that clear the
environment.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """The end of a run: exit code, output, result, and the command lines given to pipfast."""

    code: int
    output: str
    tree: Tree
    calls: tuple[str, ...]
    delegated: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Compared:
    """Both runs of a trial, and what is wrong."""

    pip: Left
    pipfast: Left
    faults: tuple[str, ...]


class Stage:
    """The folder of all trials: tools, caches, and the current world."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.root = folder / "world"
        self.here = self.root / "work"
        self.env = self.root / "env"
        self.links = folder / "links"
        self.log = folder / "calls.json"
        self.delegated = folder / "delegated"
        self.program = folder / "program" / "pipfast"

    def compare(self, trial: Trial) -> Compared:
        """Run the trial with both programs."""
        pip, pipfast = self._run(trial, pipfast=False), self._run(trial, pipfast=True)
        calls = [self._expanded(call, {}) for call in trial.calls]
        faults = *_faults(trial, pip, pipfast), *_calls_amiss(calls, pipfast.calls)
        return Compared(pip, pipfast, faults)

    def _run(self, trial: Trial, *, pipfast: bool) -> Left:
        self._fill(trial)
        if pipfast:
            self._stand(trial)
        path = [*self._path(trial), os.defpath]
        if pipfast:
            path.insert(0, str(self.links))
        environ = self._environ(trial) | {"PATH": os.pathsep.join(path)}
        variables = {
            "<pip>": trial.by_pipfast if pipfast else trial.by_pip,
            "<shim>": f"{self.links}/pipfast shim" if pipfast else ":",
        }
        if pipfast and trial.standing.is_pip_itself:
            environ |= self._with_shims(trial)
        for name, text in trial.files.items():
            place = self.here / name
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(self._expanded(text, variables))
        begin = time.perf_counter()
        done = subprocess.run(
            ["sh", "-e", "-c", self._expanded(dedent(trial.lines), variables)],
            cwd=self.here,
            env={name: self._expanded(value, variables) for name, value in environ.items()},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=TIMEOUT,
            check=False,
        )
        return Left(
            code=done.returncode,
            output=done.stdout,
            tree=self._left(trial, variables),
            calls=self._own_calls() if trial.standing.is_pip_itself else self._calls(),
            delegated=self.delegated.read_text() if self.delegated.exists() else "",
            seconds=time.perf_counter() - begin,
        )

    def _fill(self, trial: Trial) -> None:
        kept = self._kept(trial.python)
        shutil.rmtree(self.root, ignore_errors=True)
        shutil.copytree(kept, self.root, symlinks=True)
        for folder in (self.links, self.program.parent):
            shutil.rmtree(folder, ignore_errors=True)
        for file in (self.log, self.delegated):
            file.unlink(missing_ok=True)
        for name in ("work", "home", "tmp"):
            (self.root / name).mkdir()

    def _stand(self, trial: Trial) -> None:
        """Install pipfast where the trial wants it."""
        self.program.parent.mkdir()
        text = PROGRAM.format(
            python=sys.executable, log=str(self.log), delegated=str(self.delegated)
        )
        self.program.write_text(text)
        self.program.chmod(0o755)
        self.links.mkdir()
        (self.links / "pipfast").symlink_to(self.program)
        if trial.standing.is_pip_itself:
            (self.links / "pip.conf").write_text(SHIM_SETTINGS.format(log=self.log))
            return
        in_place = trial.standing is Standing.IN_PLACE
        for name in NAMES:
            link = (self.env / "bin" if in_place else self.links) / name
            link.unlink(missing_ok=True)
            link.symlink_to(self.program)

    def _with_shims(self, trial: Trial) -> dict[str, str]:
        """Make the shim or the seed of a trial, and return the variables for the run."""
        config = {"PIP_CONFIG_FILE": str(self.links / "pip.conf")}  # tox passes it on
        if trial.standing is Standing.SHIM:
            _quietly([*OWN, "shim", str(self.env)])
            return config
        seeds = self.folder / "seeds"
        _quietly([*OWN, "shim", "--seed", str(seeds)])
        return config | {"VIRTUALENV_EXTRA_SEARCH_DIR": str(seeds)}

    def _path(self, trial: Trial) -> Iterator[str]:
        if trial.python is not Python.IDLE:
            yield str(self.env / "bin")
        if trial.pins:
            yield str(self._tool(trial) / "bin")

    def _environ(self, trial: Trial) -> dict[str, str]:
        active = {"VIRTUAL_ENV": str(self.env)} if trial.python is Python.ACTIVE else {}
        return {
            **{name: value for name, value in os.environ.items() if PASSED_ON.fullmatch(name)},
            "HOME": str(self.root / "home"),
            "LANG": "C.UTF-8",
            "TMPDIR": str(self.root / "tmp"),
            "PIP_CONFIG_FILE": os.devnull,
            "PIP_DISABLE_PIP_VERSION_CHECK": "1",
            # In the background, virtualenv looks for newer wheels of its own with pip's download.
            "VIRTUALENV_NO_PERIODIC_UPDATE": "1",
            **active,
            **trial.environ,
        }

    def _expanded(self, text: str, variables: dict[str, str]) -> str:
        tokens = {
            "<here>": str(self.here),
            "<env>": str(self.env),
            "<python>": str(self.env / "bin" / "python"),
            "<folder>": str(self.links),
        }
        for token, value in (variables | tokens).items():
            text = text.replace(token, value)
        return text

    def _left(self, trial: Trial, variables: dict[str, str]) -> Tree:
        found = {}
        for name in trial.folders:
            folder = self.here / self._expanded(name, variables)
            if folder.is_dir():
                for path, entry in tree(folder).items():
                    found[f"{name}/{path}"] = entry
        varies = re.compile(trial.varies or "(?!)")
        return {
            path: one
            for path, one in found.items()
            if not SEEDS.search(path) and not varies.search(path)
        }

    def _calls(self) -> tuple[str, ...]:
        if not self.log.exists():
            return ()
        lines = self.log.read_text().splitlines()
        return tuple(" ".join(json.loads(line)[1:]) for line in lines)

    def _own_calls(self) -> tuple[str, ...]:
        """Return the calls that pipfast has logged, without the target that a shim adds."""
        if not self.log.exists():
            return ()
        entries = map(json.loads, self.log.read_text().splitlines())
        calls = [one["words"] for one in entries if isinstance(one, dict)]  # not `PROGRAM`'s own
        return tuple(" ".join(words[2:] if words[:1] == ["--python"] else words) for words in calls)

    # cached items

    def _kept(self, python: Python) -> Path:
        """Return a world with only the environment, created in place and then moved aside."""
        kept = self.folder / f"kept-{'alone' if python is Python.ALONE else 'virtual'}"
        if not kept.exists():
            shutil.rmtree(self.root, ignore_errors=True)
            self.root.mkdir(parents=True)
            if python is Python.ALONE:
                interpreter_of_its_own(self.env, managed=False)
                _install(self.env / "bin" / "python3", [PIP])  # as ensurepip installs it
            else:
                _quietly([sys.executable, "-m", "venv", "--without-pip", str(self.env)])
                _install(self.env / "bin" / "python", [PIP])
            self.root.rename(kept)
        return kept

    def _tool(self, trial: Trial) -> Path:
        """Return the tool's environment."""
        made = self.folder / "tools" / "+".join(trial.pins).replace("==", "-")
        if not made.exists():
            _quietly([sys.executable, "-m", "venv", "--without-pip", str(made)])
            try:
                _install(made / "bin" / "python", trial.pins)
            except BaseException:
                shutil.rmtree(made)
                raise
        return made


def _install(python: Path, pins: Sequence[str]) -> None:
    options = ["-q", "--disable-pip-version-check", "--no-warn-script-location"]
    command = [sys.executable, "-m", "pip", "--python", str(python), "install", *options]
    _quietly([*command, "--root-user-action", "ignore", *pins])


def _quietly(command: Sequence[str]) -> None:
    subprocess.run(command, check=True, timeout=TIMEOUT, stdout=subprocess.DEVNULL)


def _faults(trial: Trial, pip: Left, pipfast: Left) -> Iterator[str]:
    for name, left in (("pip", pip), ("pipfast", pipfast)):
        if left.code != trial.code:
            yield f"{name} ends with {left.code}, not with {trial.code}:"
            yield from left.output.splitlines()[-LAST:]
        else:
            lacking = [text for text in trial.shows if text not in left.output]
            yield from (f"{name} does not show {text!r}" for text in lacking)
    if trial.says:
        old, new = _readable(pip.output), _readable(pipfast.output)
        yield from unified_diff(old, new, "pip: output", "pipfast: output", n=1, lineterm="")
    if trial.folders and not pip.tree:
        yield f"pip leaves nothing in {', '.join(trial.folders)}"
    for _, line in differences(pip.tree, pipfast.tree):
        yield line
    for line in native(pipfast.delegated):
        yield f"handed over to real pip: {line}"


def _readable(text: str) -> list[str]:
    """Return the lines without differences that the scenarios cover."""
    known = [re.compile(one.pattern) for one in (*BARS, *STATIC)]
    return [
        FETCHED.sub(r"\1<Fetching> ", line)
        for line in readable(text)
        if not any(pattern.search(line) for pattern in known)
    ]


def _calls_amiss(expected: Sequence[str], received: Sequence[str]) -> Iterator[str]:
    lacking, further = list(expected), list(received)
    for call in expected:
        pattern = re.escape(call).replace(r"\.\.\.", ".*")
        found = next((one for one in further if re.fullmatch(pattern, one)), None)
        if found is not None:
            lacking.remove(call)
            further.remove(found)
    yield from (f"pipfast was not called: {call}" for call in lacking)
    yield from (f"pipfast was called, too: {call}" for call in further)
