"""Parse the blocks that are no commands, and find the commands of workflows."""

from __future__ import annotations

import ast
import configparser
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any

import yaml

from compat.documents.blocks import Block, Command

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

INSTRUCTIONS = frozenset(
    {"ARG", "CMD", "COPY", "ENTRYPOINT", "ENV", "FROM", "LABEL", "RUN", "USER", "WORKDIR"}
)
_FLAGS = re.compile(r"^(--\w[\w-]*=\S+\s+)*")
_KEYS_OF_A_STEP = frozenset(
    {"name", "id", "if", "uses", "with", "run", "env", "shell", "working-directory"}
)


def parse(block: Block) -> None:
    """Raise an error of the language's parser if the block is malformed."""
    if block.language in _PARSERS:
        _PARSERS[block.language](block.body)


def steps(block: Block) -> Iterator[Command]:
    """Yield the commands of a workflow of GitHub or a pipeline of GitLab, in order."""
    for text in _scripts(yaml.safe_load(block.body)):
        yield Command(block.place, text)


def _scripts(document: Any) -> Iterator[str]:
    if isinstance(document, list):  # the steps of a job
        document = {"steps": {"steps": document}}
    for name, job in document.get("jobs", document).items():
        if not isinstance(job, dict):
            continue
        for step in job.get("steps", ()):
            unknown = step.keys() - _KEYS_OF_A_STEP
            assert not unknown, f"{name}: {unknown}"
            assert ("run" in step) != ("uses" in step), f"{name}: {step}"
            if "run" in step:
                yield step["run"]
        for key in ("before_script", "script"):
            lines = job.get(key, ())
            assert isinstance(lines, (list, tuple)), f"{name}: {key}"
            yield from lines


def _yaml(text: str) -> None:
    for script in _scripts(yaml.safe_load(text)):
        _shell(re.sub(r"\$\{\{.*?\}\}", "x", script))


def _dockerfile(text: str) -> None:
    joined = re.sub(r"\\\n", " ", re.sub(r"(?m)^\s*#.*\n", "", text))
    for line in filter(str.strip, joined.splitlines()):
        instruction, _, rest = line.partition(" ")
        assert instruction in INSTRUCTIONS, line
        assert rest.strip(), line
        if instruction == "RUN":
            _shell(_FLAGS.sub("", rest.lstrip()))


def _shell(text: str) -> None:
    done = subprocess.run(
        ["bash", "-n"], input=text, capture_output=True, encoding="utf-8", check=False
    )
    assert done.returncode == 0, done.stderr


def _ini(text: str) -> None:
    configparser.RawConfigParser().read_string(text)


_PARSERS: dict[str, Callable[[str], object]] = {
    "yaml": _yaml,
    "dockerfile": _dockerfile,
    "sh": _shell,
    "ini": _ini,
    "toml": tomllib.loads,
    "python": ast.parse,
}
