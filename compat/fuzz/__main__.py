"""Fuzz parsers: ``python -m compat.fuzz TARGET … --seconds N`` (``--list`` names the targets).

Prints one line for each target, and each distinct failure with its shortest input. Exits with 1 if
there are failures. Run it with ``nice``: it takes one processor. The time of each run is added to
``compat/fuzz/times.json``; ``--total N`` continues until each target has had N seconds.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

from compat.fuzz.engines import ENGINES, Outcome, has_atheris, run
from compat.fuzz.target import keep
from compat.fuzz.targets import TARGETS
from compat.fuzz.times import add, shortest_first


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m compat.fuzz", description=__doc__)
    parser.add_argument("targets", nargs="*", metavar="TARGET", help="default: all")
    parser.add_argument("--list", action="store_true", help="print the targets and stop")
    parser.add_argument("--seconds", type=float, default=60, help="time for each target")
    parser.add_argument(
        "--total",
        type=float,
        help="fuzz in rounds of SECONDS, until each target has had this many processor seconds",
    )
    parser.add_argument("--engine", choices=ENGINES, help="default: atheris if it is installed")
    parser.add_argument("--corpus", type=Path, help="a folder that keeps inputs between runs")
    parser.add_argument(
        "--commit",
        type=int,
        metavar="BYTES",
        help="save up to BYTES of the corpus in compat/fuzz/corpus",
    )
    return parser.parse_args()


def main() -> int:
    """Fuzz the targets of the command line, one after another."""
    options = _arguments()
    if options.list:
        print("\n".join(TARGETS))
        return 0
    targets = options.targets or list(TARGETS)
    engine = options.engine or ("atheris" if has_atheris() else "mutations")
    if options.total is None:
        rounds: Iterator[tuple[str, str]] = ((name, engine) for name in targets)
    else:
        engines = (options.engine,) if options.engine else ENGINES[: 1 + has_atheris()]
        rounds = shortest_first(targets, engines, options.total)
    failed = False
    for name, chosen in rounds:
        outcome = run(name, chosen, options.seconds, _before(options.corpus, name))
        _show(name, chosen, outcome)
        add(name, chosen, outcome)
        failed = failed or bool(outcome.findings)
        if options.corpus is not None:
            _after(options.corpus / name, outcome)
        if options.commit is not None:
            keep(name, _within(outcome, options.commit))
    return int(failed)


def _before(corpus: Path | None, name: str) -> list[bytes]:
    folder = corpus / name if corpus is not None else None
    if folder is None or not folder.is_dir():
        return []
    return [each.read_bytes() for each in sorted(folder.iterdir())]


def _after(folder: Path, outcome: Outcome) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for each in folder.iterdir():
        each.unlink()
    for number, data in enumerate(outcome.corpus):
        (folder / f"{number:05}").write_bytes(data)


def _within(outcome: Outcome, limit: int) -> list[bytes]:
    """Return the shortest inputs that together have at most `limit` bytes."""
    chosen, size = [], 0
    for data in sorted(outcome.corpus, key=len):
        size += len(data)
        if size > limit:
            break
        chosen.append(data)
    return chosen


def _show(name: str, engine: str, outcome: Outcome) -> None:
    print(
        f"{name:18} {engine:9} {outcome.seconds:6.0f} s {outcome.executions:9} executions "
        f"{len(outcome.corpus):5} inputs {outcome.lines:5} lines {len(outcome.findings):3} found",
        flush=True,
    )
    for why, (data, text) in outcome.findings.items():
        print(f"--- {name}: {why}\n    {data[:400]!r}\n{text}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
