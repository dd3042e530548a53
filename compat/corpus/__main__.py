"""Compare the resolutions of pip and pipfast for sixty requirement sets on a recorded index.

    python -m compat.corpus record --folder RECORDED        record what pip reads and answers
    python -m compat.corpus check --folder RECORDED         compare; exit with 1 if any differs
    python -m compat.corpus check --folder RECORDED --only target --program pip

`record` reads the default index (or PIP_INDEX_URL) and saves in RECORDED everything that real
pip requests: pages, metadata, sdists and build requirements. `check` needs no network. The
answers are in answers.json beside this file; they are valid for the interpreter and platform
that it names.
"""

from __future__ import annotations

import argparse
import os
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from compat.bench.serve import UPSTREAM, serving
from compat.corpus.answers import ANSWERS, differences, here, load, save
from compat.corpus.indexes import make_others
from compat.corpus.runs import Answer, Desk
from compat.corpus.sets import SETS, RequirementSet


def _all_answers(
    chosen: Sequence[RequirementSet], jobs: int, desk: Callable[[int], Desk]
) -> Iterator[tuple[RequirementSet, Answer]]:
    """Yield the answers in order; each of `jobs` threads has its own runner."""
    own = threading.local()
    lock, count = threading.Lock(), iter(range(jobs))

    def ask(one: RequirementSet) -> tuple[RequirementSet, Answer]:
        if not hasattr(own, "desk"):
            with lock:
                own.desk = desk(next(count))
        desk_here: Desk = own.desk
        return one, desk_here.ask(one)

    with ThreadPoolExecutor(jobs) as pool:
        yield from pool.map(ask, chosen)


def record(options: argparse.Namespace, chosen: Sequence[RequirementSet]) -> int:
    """Run pip on the recording index and save its answers."""
    upstream = os.environ.get("PIP_INDEX_URL", UPSTREAM).rstrip("/") + "/"
    make_others(options.folder, upstream)
    known = {one.name for one in SETS}
    answers = {name: answer for name, answer in load(options.answers)[1].items() if name in known}
    with serving(options.folder, upstream) as address:
        desks = options.folder / "work" / "pip"
        for one, answer in _all_answers(
            chosen, options.jobs, lambda number: Desk("pip", desks / str(number), address)
        ):
            answers[one.name] = answer
            text = answer.error or f"{len(answer.distributions)} distributions"
            print(f"{one.name}: {text}, {answer.seconds:.1f} s", flush=True)
            save(options.answers, answers)
    return 0


def check(options: argparse.Namespace, chosen: Sequence[RequirementSet]) -> int:
    """Compare the program's answers with pip's; answers of another interpreter are rejected."""
    asked_by, right = load(options.answers)
    if asked_by != here():
        print(f"The answers are for {asked_by}, and this is {here()}.", file=sys.stderr)
        return 2
    same, spent = 0, 0.0
    with serving(options.folder, None) as address:
        desks = options.folder / "work" / options.program
        for one, answer in _all_answers(
            chosen, options.jobs, lambda number: Desk(options.program, desks / str(number), address)
        ):
            found = list(differences(right[one.name], answer))
            same, spent = same + (not found), spent + answer.seconds
            text = "other" if found else "same"
            print(f"{one.name}: {text}, {answer.seconds:.1f} s", *found, sep="\n    ", flush=True)
    print(f"{same} of {len(chosen)}; {spent:.1f} s")
    return int(same != len(chosen))


def main() -> int:
    """Parse the arguments and run."""
    parser = argparse.ArgumentParser(
        prog="python -m compat.corpus",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(required=True)
    for name, command in (("record", record), ("check", check)):
        sub = commands.add_parser(name)
        sub.set_defaults(command=command)
        sub.add_argument("--folder", type=lambda word: Path(word).resolve(), required=True)
        sub.add_argument("--answers", type=Path, default=ANSWERS)
        sub.add_argument("--jobs", type=int, default=2)
        sub.add_argument("--only", default="", help="sets whose name holds this text")
        if name == "check":
            sub.add_argument(
                "--program", default="pipfast", help="pip: is everything the same twice?"
            )
    options = parser.parse_args()
    return int(options.command(options, [one for one in SETS if options.only in one.name]))


if __name__ == "__main__":
    sys.exit(main())
