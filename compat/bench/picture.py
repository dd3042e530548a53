"""Draw the README's picture from measured results.

    python -m compat.bench.picture --results RECORDED/results.json --list web docs/install-times.svg

Each bar is the median wall time of one tool in one case. Each case has a scale of its own, because
the cases differ by a factor of a thousand.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median

TOOLS = ("pip", "uv", "pipfast")
CASES: Mapping[str, str] = {
    "install, cold, bytecode, {}.lock": "First install, empty cache",
    "install, warm, bytecode, {}.lock": "Second environment, warm cache",
    "satisfied, {}.lock": "Everything is installed already",
}
"""The benchmark's case and the title for each group of bars."""

WIDTH, LABEL, BAR, ROW, GROUP = 720, 80, 500, 24, 40
STYLE = """
text { font: 14px system-ui, sans-serif; fill: #1f2328 }
.title { font-weight: 600 }
.time { font-variant-numeric: tabular-nums }
.pip { fill: #8c959f } .uv { fill: #bf8700 } .pipfast { fill: #1a7f37 }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3 }
  .pip { fill: #6e7681 } .uv { fill: #d29922 } .pipfast { fill: #2ea043 }
}
"""


def seconds(
    results: Mapping[str, Mapping[str, Sequence[Mapping[str, float]]]], case: str
) -> list[float]:
    """Return the median wall time of each tool in `case`, in the order of `TOOLS`."""
    return [median(run["wall"] for run in results[case][tool]) for tool in TOOLS]


def shown(value: float) -> str:
    """Return a duration in milliseconds below one second, in seconds above."""
    return f"{value * 1000:.0f} ms" if value < 1 else f"{value:.1f} s"


def picture(groups: Mapping[str, Sequence[float]]) -> str:
    """Return an SVG with a group of bars for each title; durations are in seconds."""
    parts, y = [], 0
    for title, times in groups.items():
        parts.append(f'<text class="title" x="0" y="{y + 24}">{title}</text>')
        y += GROUP
        for tool, value in zip(TOOLS, times, strict=True):
            length = max(2, round(BAR * value / max(times)))
            parts += [
                f'<text x="0" y="{y + 14}">{tool}</text>',
                f'<rect class="{tool}" x="{LABEL}" y="{y}" width="{length}" height="18" rx="3"/>',
                f'<text class="time" x="{LABEL + length + 8}" y="{y + 14}">{shown(value)}</text>',
            ]
            y += ROW
        y += 8
    label = "; ".join(
        f"{title}: " + ", ".join(f"{tool} {shown(v)}" for tool, v in zip(TOOLS, times, strict=True))
        for title, times in groups.items()
    )
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {y}" width="{WIDTH}"'
    body = "\n".join(parts)
    return f'{head} role="img" aria-label="{label}">\n<style>{STYLE}</style>\n{body}\n</svg>\n'


def main() -> None:
    """Read the results and write the picture."""
    parser = argparse.ArgumentParser(prog="python -m compat.bench.picture", description=__doc__)
    parser.add_argument("--results", type=Path, required=True)
    parser.add_argument("--list", default="web")
    parser.add_argument("picture", type=Path)
    options = parser.parse_args()
    results = json.loads(options.results.read_text())
    groups = {title: seconds(results, case.format(options.list)) for case, title in CASES.items()}
    options.picture.write_text(picture(groups), encoding="utf-8")


if __name__ == "__main__":
    main()
