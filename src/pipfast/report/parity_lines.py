"""Texts of `pipfast parity`: one comparison, many, and the same as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from pipfast.model.frozen_dataclass import dataclass
from pipfast.report.parity_comparison import (
    Aspect,
    Comparison,
    Difference,
    Outcome,
    Result,
    count_of,
    end_of,
)

USAGE = """Usage:
  pipfast parity [install|download|wheel|lock] [options] <requirement specifier> ...
  pipfast parity --each [options] <requirements file> ...

Resolve the requirements with pip and with pipfast, without installing anything, and compare
distributions, versions, origins and hashes. The default command is install.
The exit code is 0 if the results are the same, 1 if they differ, and 2 if they could not be
compared: both programs failed because of a server, credentials or the input.

Options:
  --each  Compare each requirements file by itself, and end with a summary.
  --json  Print a JSON document.

The other options are those of the command."""

NO_FILES = "parity --each needs requirements files"


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """What was compared: `pip` and `pipfast` are versions, `mode` is pipfast's.

    `python` is the version of the target, at `place`, on `platform`. `options` are those that
    choose another target.
    """

    pip: str
    pipfast: str
    mode: str
    python: str
    place: str
    platform: str
    options: tuple[str, ...]

    @property
    def programs(self) -> str:
        """The two programs."""
        return f"pip {self.pip} and pipfast {self.pipfast} (mode: {self.mode})"

    @property
    def target(self) -> str:
        """What the requirements were resolved for."""
        text = f"for Python {self.python} in {self.place} on {self.platform}"
        return f"{text}, with {' '.join(self.options)}" if self.options else text


def not_comparable(commands: Sequence[str], command: str) -> str:
    """Return the error for a command that ``parity`` does not compare."""
    return f"parity compares {', '.join(commands)}, it does not compare {command!r}"


def single(heading: Heading, one: Comparison) -> Iterator[str]:
    """Yield the output of one comparison."""
    match one.outcome:
        case Outcome.NOT_COMPARED:
            yield f"{heading.programs} could not be compared, because of {_obstacles(one)}:"
            yield from _ends(one)
        case Outcome.DIFFERENT:
            yield f"{heading.programs} give different results:"
            yield from (f"  {text_of(each)}" for each in one.differences)
        case Outcome.SAME if one.pip.code:
            yield f"{heading.programs} fail with the same error: {one.pip.error}"
        case Outcome.SAME:
            yield f"{heading.programs} give the same result: {count_of(one.ours)}"
    yield f"{heading.target}; {_times(one.pip.seconds, one.ours.seconds)}"


def first(heading: Heading) -> str:
    """Return the line before many comparisons."""
    return f"{heading.programs}, {heading.target}"


def one_of_many(one: Comparison) -> Iterator[str]:
    """Yield the lines about one of many comparisons."""
    times = _times(one.pip.seconds, one.ours.seconds)
    match one.outcome:
        case Outcome.NOT_COMPARED:
            yield f"{one.name}: not compared, because of {_obstacles(one)}; {times}"
            yield from _ends(one)
        case Outcome.DIFFERENT:
            yield f"{one.name}: different; {times}"
            yield from (f"  {text_of(each)}" for each in one.differences)
        case Outcome.SAME if one.pip.code:
            yield f"{one.name}: same error; {times}"
            yield f"  {one.pip.error}"
        case Outcome.SAME:
            yield f"{one.name}: same, {count_of(one.ours)}; {times}"


def last(comparisons: Sequence[Comparison]) -> str:
    """Return the summary of many comparisons."""
    counts = _counts(comparisons)
    parts = [f"{counts[outcome.value]} {outcome.value}" for outcome in Outcome]
    pip, ours = _sums(comparisons)
    files = f"{len(comparisons)} file{'' if len(comparisons) == 1 else 's'}"
    return f"{files}: {', '.join(parts)}; {_times(pip, ours)}"


def text_of(one: Difference) -> str:
    """Return a difference as a line."""
    match one.aspect:
        case Aspect.OUTCOME:
            return f"pip {one.pip}\n  pipfast {one.ours}"
        case Aspect.PROJECT if one.ours is None:
            return f"{one.project}: pip selects {one.pip}, pipfast does not select it"
        case Aspect.PROJECT:
            return f"{one.project}: pipfast selects {one.ours}, pip does not select it"
        case Aspect.VERSION:
            return f"{one.project}: pip selects {one.pip}, pipfast selects {one.ours}"
        case _:
            values = f"{one.pip} with pip, {one.ours} with pipfast"
            return f"{one.project} {one.version}: {one.aspect.value} {values}"


def document(heading: Heading, comparisons: Sequence[Comparison]) -> str:
    """Return the comparisons as JSON."""
    pip, ours = _sums(comparisons)
    return json.dumps(
        {
            "version": "1",
            "pip_version": heading.pip,
            "pipfast_version": heading.pipfast,
            "mode": heading.mode,
            "target": {
                "python": heading.python,
                "prefix": heading.place,
                "platform": heading.platform,
                "options": list(heading.options),
            },
            "comparisons": [_comparison_json(one) for one in comparisons],
            "summary": {**_counts(comparisons), "pip_seconds": pip, "pipfast_seconds": ours},
        },
        indent=2,
    )


def _comparison_json(one: Comparison) -> dict[str, Any]:
    return {
        "file": one.name or None,
        "outcome": one.outcome.value,
        "differences": [
            {
                "aspect": each.aspect.value,
                "project": each.project or None,
                "pip": each.pip,
                "pipfast": each.ours,
                "text": text_of(each),
            }
            for each in one.differences
        ],
        "pip": _result_json(one.pip),
        "pipfast": _result_json(one.ours),
    }


def _result_json(result: Result) -> dict[str, Any]:
    return {
        "exit_code": result.code,
        "seconds": round(result.seconds, 3),
        "distributions": len(result.selected),
        "error": result.error or None,
        "obstacle": result.obstacle.name.lower() if result.obstacle else None,
    }


def _counts(comparisons: Sequence[Comparison]) -> dict[str, int]:
    return {
        outcome.value: sum(one.outcome is outcome for one in comparisons) for outcome in Outcome
    }


def _sums(comparisons: Sequence[Comparison]) -> tuple[float, float]:
    pip = sum(one.pip.seconds for one in comparisons)
    return round(pip, 3), round(sum(one.ours.seconds for one in comparisons), 3)


def _times(pip: float, ours: float) -> str:
    return f"pip {pip:.1f} s, pipfast {ours:.1f} s"


def _ends(one: Comparison) -> Iterator[str]:
    yield f"  pip {end_of(one.pip)}"
    yield f"  pipfast {end_of(one.ours)}"


def _obstacles(one: Comparison) -> str:
    found = (one.pip.obstacle, one.ours.obstacle)
    return " and ".join(dict.fromkeys(each.value for each in found if each is not None))
