"""Run the scenarios of five uv issues with four tools and print tables.

    python -m compat.threads > table.md          all scenarios
    python -m compat.threads --only flash -v     scenarios by name, with the output

Exits with 1 if any result differs from the scenario's.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

from compat.harness.twin import House
from compat.threads.ask import Ask, Thread, Tool
from compat.threads.stage import Seen, act, faults, version
from compat.threads.tables import row
from compat.threads.theatre import ASKS

Row = dict[Tool, Seen]


def tables(rows: dict[Ask, Row]) -> Iterable[str]:
    """Return a table for each issue, and the totals."""
    names = [version(tool) for tool in Tool]
    for thread in Thread:
        asks = [ask for ask in rows if ask.thread is thread]
        if asks:
            yield f"\n### uv#{thread.value}\n"
            yield f"| scenario | {' | '.join(names)} |"
            yield f"| --- | {' | '.join('---' for _ in names)} |"
            for ask in asks:
                yield row(
                    ask,
                    {
                        tool: seen.as_told(ask.outcomes[tool].says)
                        for tool, seen in rows[ask].items()
                    },
                )
    able = [seen for ask, seen in rows.items() if not ask.insoluble]
    yield "\n### In all\n"
    yield f"Of the {len(able)} that can be solved:\n"
    for tool, name in zip(Tool, names, strict=True):
        yield f"- {name}: {sum(seen[tool].solved for seen in able)}"


def main() -> int:
    """Run the scenarios; return 1 if any result differs."""
    parser = argparse.ArgumentParser(
        prog="python -m compat.threads", description="The five threads, acted out by four tools."
    )
    parser.add_argument("--only", default="", help="scenarios whose rule holds this")
    parser.add_argument("-v", "--verbose", action="store_true", help="show all that was said")
    options = parser.parse_args()
    rows: dict[Ask, Row] = {}
    wrong = 0
    with tempfile.TemporaryDirectory() as folder:
        house = House(Path(folder))
        for ask in (each for each in ASKS if options.only in each.rule):
            rows[ask] = {tool: act(house, ask, tool) for tool in Tool}
            print(ask.rule, file=sys.stderr, flush=True)
            for tool, seen in rows[ask].items():
                found = faults(ask.outcomes[tool], seen)
                wrong += bool(found)
                lines = found if found else [ran.stdout + ran.stderr for ran in seen.steps]
                if found or options.verbose:
                    print(f"## {ask.rule}, {tool.value}", *lines, sep="\n", file=sys.stderr)
    print(*tables(rows), sep="\n")
    return min(wrong, 1)


if __name__ == "__main__":
    sys.exit(main())
