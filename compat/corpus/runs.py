"""Run one requirement set with one program and return the answer as a comparable value."""

from __future__ import annotations

import functools
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import time
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from compat.corpus.sets import RequirementSet

TIMEOUT = 600

KINDS = (
    ("conflict", r"^ERROR: ResolutionImpossible|conflicting dependencies"),
    ("hashes", r"^ERROR: (THESE PACKAGES DO NOT MATCH|Hashes are required|In --require-hashes)"),
    ("not found", r"^ERROR: (No matching distribution found|Could not find a version)"),
    ("build", r"^ERROR: Failed to build|metadata-generation-failed|subprocess-exited-with-error"),
    ("usage", r"^Usage:|no such option"),
)
"""Kinds of errors, with a pattern that is unique to each in pip's standard error."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A program's answer: distributions in the order of its report, or an error.

    A distribution is a row of the report: name, version, file name (behind ``old/`` or
    ``sources/`` if it is from one of those indexes), sha256, extras, whether it was requested,
    direct or yanked, and a digest of its metadata. The digest leaves out the metadata version,
    which depends on the backend. `error` is the kind of error and `lines` are pip's ERROR lines;
    both are empty after success.
    """

    distributions: tuple[Mapping[str, Any], ...] = ()
    error: str = ""
    lines: tuple[str, ...] = ()
    seconds: float = field(default=0.0, compare=False)


def _distribution(item: Mapping[str, Any]) -> Mapping[str, Any]:
    origin = item["download_info"]
    kept = {key: value for key, value in item["metadata"].items() if key != "metadata_version"}
    metadata = json.dumps(kept, sort_keys=True).encode()
    return {
        "name": item["metadata"]["name"],
        "version": item["metadata"]["version"],
        "file": _file(urlsplit(origin["url"]).path),
        "sha256": origin.get("archive_info", {}).get("hashes", {}).get("sha256", ""),
        "extras": item.get("requested_extras", []),
        "is": [what for what in ("requested", "is_direct", "is_yanked") if item[what]],
        "metadata": hashlib.sha256(metadata).hexdigest()[:16],
    }


def _file(path: str) -> str:
    """Return the file name at the end of `path`, prefixed with its index if not the default."""
    index = path.partition("/packages/")[0].strip("/")
    name = unquote(path.rpartition("/")[2])
    return f"{index}/{name}" if index else name


@functools.cache
def _files_address(address: str) -> str:
    """Return the folder of the default index's files, taken from the page of six."""
    accept = {"Accept": "application/vnd.pypi.simple.v1+json"}
    request = urllib.request.Request(f"{address}/simple/six/", headers=accept)
    with urllib.request.urlopen(request, timeout=60) as answer:
        files = json.load(answer)["files"]
    url: str = files[0]["url"]
    return url.rsplit("/", 4)[
        0
    ]  # without two parts of the digest, the rest of the digest, and the file name


def _error(stderr: str) -> str:
    for kind, pattern in KINDS:
        if re.search(pattern, stderr, re.MULTILINE):
            return kind
    return "other"


@dataclass(frozen=True, slots=True)
class Desk:
    """Runs requirement sets one after the other with a persistent cache.

    `program` is a module of this interpreter; the target environment is empty.
    """

    program: str
    folder: Path
    address: str

    @property
    def _tokens(self) -> Mapping[str, str]:
        simple = {f"<{name}>": f"{self.address}/{name}/simple/" for name in ("old", "sources")}
        files = _files_address(self.address)
        return {"<default>": f"{self.address}/simple/", "<files>": files, **simple}

    def _filled(self, text: str) -> str:
        for token, value in self._tokens.items():
            text = text.replace(token, value)
        return text

    def _environ(self) -> dict[str, str]:
        return {
            "PATH": os.defpath,
            "HOME": str(self.folder / "home"),
            "TMPDIR": str(self.folder / "tmp"),
            "LANG": "C.UTF-8",
            "PYTHONHASHSEED": "0",  # a setup.py may create its requirements from a set
            "PIP_CONFIG_FILE": os.devnull,
            "PIP_DISABLE_PIP_VERSION_CHECK": "1",
            "PIP_INDEX_URL": self._tokens["<default>"],
            "PIP_TRUSTED_HOST": "127.0.0.1",  # otherwise pip has no HTTP cache for plain http
            "PIP_CACHE_DIR": str(self.folder / "cache"),
            "PIPFAST_PIP_COMPAT": "1",
            "PIPFAST_FALLBACK": "never",
        }

    def _write(self, chosen: RequirementSet) -> list[str]:
        """Write the set's files; return the arguments that name them."""
        work = self.folder / "work"
        shutil.rmtree(work, ignore_errors=True)
        for name in ("work", "home", "tmp"):
            (self.folder / name).mkdir(parents=True, exist_ok=True)
        env = self.folder / "env"
        if not env.exists():
            subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(env)], check=True)
        words = ["-r", "requirements.txt"]
        (work / "requirements.txt").write_text(self._filled("\n".join(chosen.lines) + "\n"))
        if chosen.constraints:
            (work / "constraints.txt").write_text(
                self._filled("\n".join(chosen.constraints) + "\n")
            )
            words += ["-c", "constraints.txt"]
        return words

    def ask(self, chosen: RequirementSet) -> Answer:
        """Return the answer of a dry run; after ten minutes an error of the kind "timeout"."""
        words = self._write(chosen)
        work = self.folder / "work"
        command = [
            sys.executable,
            "-m",
            self.program,
            "--python",
            str(self.folder / "env/bin/python"),
        ]
        command += ["install", "-q", "--dry-run", "--ignore-installed", "--report", "report.json"]
        command += [*map(self._filled, chosen.words), *words]
        begin = time.perf_counter()
        try:
            done = self._run(command, work)
        except subprocess.TimeoutExpired:
            return Answer(error="timeout", seconds=TIMEOUT)
        seconds = round(time.perf_counter() - begin, 2)
        if done.returncode == 0:
            report = json.loads((work / "report.json").read_text())
            distributions = tuple(map(_distribution, report["install"]))
            return Answer(distributions=distributions, seconds=seconds)
        lines = tuple(line for line in done.stderr.splitlines() if line.startswith("ERROR:"))
        lines = tuple(self._bare(line) for line in lines)
        return Answer(error=_error(done.stderr), lines=lines, seconds=seconds)

    def _run(self, command: list[str], work: Path) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command,
            cwd=work,
            env=self._environ(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=TIMEOUT,
            check=False,
        )

    def _bare(self, line: str) -> str:
        return line.replace(self.address, "<address>").replace(str(self.folder), "<folder>")
