"""Measure pip, uv and pipfast in turn on one recorded index.

    python -m compat.bench record --folder RECORDED --list big
    python -m compat.bench run --folder RECORDED --list big --rounds 5 > table.md

`record` reads the default index once and saves what it reads; `run` serves that and measures.
Each tool first runs each case once without being measured. Files that only this run needs are
fetched then.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import ssl
import subprocess
import sys
import urllib.request
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path

import certifi

from compat.bench.cases import (
    EDITABLE,
    FROM_SOURCE,
    LISTS,
    TOOLS,
    VERSION,
    Case,
    Place,
    Tool,
    baseline,
    cases,
    environ,
    pins,
)
from compat.bench.measure import Cost, Failure, cost, median
from compat.bench.serve import MAX_AGE, UPSTREAM, serving


def shape(address: str, latency: float, bandwidth: float, age: int = MAX_AGE) -> None:
    """Change latency and bandwidth of the line, and for how long pages are fresh."""
    wanted = f"{address}/-/shape?latency={latency}&bandwidth={bandwidth}&age={age}"
    trusting = ssl._create_unverified_context()  # noqa: SLF001 - our own server
    urllib.request.urlopen(wanted, timeout=10, context=trusting).close()


class Bench:
    """Runs cases with tools, each tool in its own folder."""

    def __init__(
        self, folder: Path, address: str, line: tuple[float, float], trusted: str = ""
    ) -> None:
        self.folder = folder
        self.address = address
        self.line = line
        self.trusted = trusted
        self.lists = folder / "lists"

    def place(self, tool: Tool) -> Place:
        """Return the tool's folder."""
        index = f"{self.address}/simple/"
        return Place(self.folder / "work" / tool.name, self.lists, index, self.trusted)

    def _fresh(self, place: Place, case: Case) -> None:
        if not case.warm:
            shutil.rmtree(place.cache, ignore_errors=True)
        if case.forgets:
            shutil.rmtree(place.saved_results, ignore_errors=True)
        if not case.installed or case.empties:
            shutil.rmtree(place.env, ignore_errors=True)
        if not place.env.exists():
            command = [sys.executable, "-m", "venv", "--without-pip", str(place.env)]
            subprocess.run(command, check=True)
        if case.words and not place.filled_with(case.requirements):
            self._fill(place, case)
        if case.editable and not place.project.exists():
            _write_project(place.project)

    def _fill(self, place: Place, case: Case) -> None:
        """Install the list into the environment with pipfast, for whichever tool uses it next."""
        filler = replace(self.place(TOOLS["pipfast"]), folder=place.folder)
        variables = environ(filler) | {"PIP_CACHE_DIR": str(self.folder / "filler")}
        command = TOOLS["pipfast"].command(place, Case(name="", requirements=case.requirements))
        subprocess.run(command, env=variables, check=True, stdout=subprocess.DEVNULL)
        place.note(case.requirements)

    def once(self, tool: Tool, case: Case) -> tuple[Cost, str]:
        """Measure one run; return its cost and the tool's output."""
        place = self.place(tool)
        place.folder.mkdir(parents=True, exist_ok=True)
        self._fresh(place, case)
        latency, bandwidth = self.line if case.shaped else (0, 0)
        shape(self.address, latency, bandwidth, 0 if case.expired else MAX_AGE)
        output = place.folder / "output.txt"
        measured = cost(tool.command(place, case), environ(place) | dict(tool.environ), output)
        if case.empties:
            place.note("")
        text = output.read_text(errors="replace")
        own = re.search(tool.seconds, text) if tool.seconds else None
        return replace(measured, wall=float(own[1])) if own else measured, text

    def compare(self, case: Case, tools: Sequence[Tool], rounds: int) -> dict[str, list[Cost]]:
        """Measure the tools in turn; a tool that fails is left out and named on standard error."""
        results: dict[str, list[Cost]] = {tool.name: [] for tool in tools}
        chosen: dict[str, frozenset[str]] = {}
        for turn in range(-1, rounds):  # the first turn is not counted: it fills caches
            for tool in tools:
                if tool.name not in results:
                    continue
                if case.expired and turn < 0:  # stored pages have the age of their response
                    shutil.rmtree(self.place(tool).cache, ignore_errors=True)
                try:
                    measured, output = self.once(tool, case)
                except Failure as failure:
                    print(f"{case.name}: {tool.name} failed: {failure}", file=sys.stderr)
                    del results[tool.name]
                    continue
                chosen[tool.name] = pins(tool, output)
                if turn >= 0:
                    results[tool.name].append(measured)
        if case.dry:
            self._tell_pins(case, chosen)
        return results

    def _tell_pins(self, case: Case, chosen: dict[str, frozenset[str]]) -> None:
        for name, found in chosen.items():
            other = chosen.get("pip", found) ^ found
            line = f"{len(found)} distributions"
            line += f", other than pip's: {', '.join(sorted(other))}" if other else ""
            print(f"{case.name}: {name}: {line}", file=sys.stderr)


def _cell(costs: Sequence[Cost]) -> str:
    if not costs:
        return "-"
    middle = median(costs)
    low, high = min(each.wall for each in costs), max(each.wall for each in costs)
    return (
        f"**{middle.wall:.3f} s** [{low:.3f}-{high:.3f}]; {middle.cpu:.2f} s cpu; "
        f"{middle.memory:.0f} MB"
    )


def _ratio(results: dict[str, list[Cost]], other: str) -> str:
    if not results.get(other) or not results.get("pipfast"):
        return "-"
    return f"{median(results[other]).wall / median(results['pipfast']).wall:.2f}"


def table(rows: dict[str, dict[str, list[Cost]]], tools: Sequence[str]) -> str:
    """Return the results as Markdown: medians, and ratios of wall time to pipfast's."""
    others = [tool for tool in tools if tool != "pipfast"]
    heads = ["case", *tools, *(f"{tool} / pipfast" for tool in others)]
    lines = ["| " + " | ".join(heads) + " |", "|---" * len(heads) + "|"]
    for name, results in rows.items():
        cells = [_cell(results.get(tool, ())) for tool in tools]
        cells += [_ratio(results, tool) for tool in others]
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _write_project(folder: Path) -> None:
    package = folder / "src" / "benched"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("NAME = 'benched'\n")
    (folder / "pyproject.toml").write_text(
        "[build-system]\nrequires = ['hatchling']\nbuild-backend = 'hatchling.build'\n\n"
        "[project]\nname = 'benched'\nversion = '1.0'\n"
    )


def _write_lists(folder: Path) -> None:
    (folder / "lists").mkdir(parents=True, exist_ok=True)
    for name, words in LISTS.items():
        (folder / "lists" / f"{name}.txt").write_text("\n".join(words.split()) + "\n")


def _all_cases(listed: str) -> tuple[Case, ...]:
    return (*cases(listed), *((EDITABLE,) if listed in FROM_SOURCE else ()), VERSION)


def record(options: argparse.Namespace) -> int:
    """Resolve and install the list with pip through the recording index; save its pins."""
    _write_lists(options.folder)
    upstream = os.environ.get("PIP_INDEX_URL", UPSTREAM)
    with serving(options.folder, upstream) as address:
        bench = Bench(options.folder, address, (0, 0))
        pip = TOOLS["pip"]
        sources = options.list if options.list in FROM_SOURCE else ""
        bench.once(pip, Case(name="install", requirements=options.list, sources=sources))
        place = bench.place(pip)
        command = ["--python", place.python, "freeze"]
        frozen = subprocess.run(
            [sys.executable, "-m", "pip", *command],
            env=environ(place),
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        if sources:
            bench.once(pip, EDITABLE)
    (options.folder / "lists" / f"{options.list}.lock.txt").write_text(frozen)
    print(f"{options.list}: {len(frozen.splitlines())} distributions")
    return 0


def run(options: argparse.Namespace) -> int:
    """Measure and print the table; the single runs are written to results.json."""
    _write_lists(options.folder)
    tools = [TOOLS[name] for name in options.tools.split(",")]
    if options.baseline:
        tools.append(baseline(options.baseline))
    chosen = [case for case in _all_cases(options.list) if re.search(options.only, case.name)]
    upstream = os.environ.get("PIP_INDEX_URL", UPSTREAM)
    rows: dict[str, dict[str, list[Cost]]] = {}
    tls = certificate_in(options.folder) if options.tls else ("", "")
    with serving(options.folder, upstream, tls) as address:
        trusted = trust_in(options.folder, tls[0]) if options.tls else ""
        bench = Bench(options.folder, address, (options.latency, options.bandwidth), trusted)
        for case in chosen:
            able = [tool for tool in tools if _is_able(tool, case)]
            rows[case.name] = bench.compare(case, able, options.rounds)
    kept = {
        name: {tool: [asdict(each) for each in costs] for tool, costs in results.items()}
        for name, results in rows.items()
    }
    (options.folder / "results.json").write_text(json.dumps(kept, indent=2))
    print(table(rows, [tool.name for tool in tools]))
    return 0


def certificate_in(folder: Path) -> tuple[str, str]:
    """Write a certificate for the index, and its key; return their files."""
    certificate, key = str(folder / "certificate.pem"), str(folder / "key.pem")
    words = "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=loopback"
    limits = ["-addext", "subjectAltName=IP:127.0.0.1", "-addext", "basicConstraints=CA:FALSE"]
    command = [*words.split(), *limits, "-keyout", key, "-out", certificate]
    subprocess.run(command, check=True, capture_output=True)
    return certificate, key


def trust_in(folder: Path, certificate: str) -> str:
    """Write the file with the certificates to trust: as many as a system has, and the index's."""
    trusted = folder / "trusted.pem"
    trusted.write_text(certifi.contents() + Path(certificate).read_text())
    return str(trusted)


def _is_able(tool: Tool, case: Case) -> bool:
    if tool.seconds:
        return case.editable
    return tool.name in case.alone


def main() -> int:
    """Parse the arguments and run."""
    parser = argparse.ArgumentParser(prog="python -m compat.bench", description=__doc__)
    commands = parser.add_subparsers(required=True)
    for name, command in (("record", record), ("run", run)):
        sub = commands.add_parser(name)
        sub.set_defaults(command=command)
        sub.add_argument("--folder", type=lambda word: Path(word).resolve(), required=True)
        sub.add_argument("--list", choices=sorted(LISTS), default="big")
        if name == "run":
            sub.add_argument("--rounds", type=int, default=3)
            sub.add_argument("--tools", default="pip,uv,pipfast")
            sub.add_argument("--baseline", help="the script of another pipfast to measure too")
            sub.add_argument("--only", default="", help="cases whose name matches this pattern")
            sub.add_argument("--tls", action="store_true", help="serve the index over TLS")
            sub.add_argument("--latency", type=float, default=30, help="milliseconds an answer")
            sub.add_argument("--bandwidth", type=float, default=100, help="megabits a second")
    options = parser.parse_args()
    return int(options.command(options))


if __name__ == "__main__":
    sys.exit(main())
