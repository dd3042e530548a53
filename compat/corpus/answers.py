"""Load, save and compare answers."""

from __future__ import annotations

import json
import platform
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from compat.corpus.runs import Answer

ANSWERS = Path(__file__).with_name("answers.json")
FIELDS = ("name", "version", "file", "sha256", "extras", "is", "metadata")


def here() -> str:
    """Return the interpreter and platform that answers are valid for."""
    version = ".".join(map(str, sys.version_info[:2]))
    return f"{platform.python_implementation()} {version}, {platform.system()} {platform.machine()}"


def load(path: Path) -> tuple[str, dict[str, Answer]]:
    """Return the interpreter and platform of the answers, and the answer for each set by name."""
    if not path.exists():
        return here(), {}
    document = json.loads(path.read_text())
    found = {
        name: Answer(
            distributions=tuple(dict(zip(FIELDS, row, strict=True)) for row in entry["install"]),
            error=entry["error"],
            lines=tuple(entry["lines"]),
        )
        for name, entry in document["answers"].items()
    }
    return document["for"], found


def _entry(answer: Answer) -> str:
    """Return one line per distribution, so that version control shows readable differences."""
    head = {"error": answer.error, "lines": answer.lines}
    rows = ",\n".join(
        "  " + json.dumps([row[name] for name in FIELDS]) for row in answer.distributions
    )
    return json.dumps(head)[:-1] + ', "install": [' + (f"\n{rows}\n " if rows else "") + "]}"


def save(path: Path, answers: Mapping[str, Answer]) -> None:
    """Write the answers sorted by name."""
    entries = ",\n".join(
        f" {json.dumps(name)}: {_entry(answers[name])}" for name in sorted(answers)
    )
    path.write_text(f'{{"for": {json.dumps(here())}, "answers": {{\n{entries}\n}}}}\n')


def differences(right: Answer, answer: Answer) -> Iterator[str]:
    """Yield how `answer` differs from the `right` one; nothing if they are equal."""
    if right.error or answer.error:
        if right.error != answer.error:
            yield f"pip: {right.error or 'success'}, this: {answer.error or 'success'}"
        yield from (f"- {line}" for line in right.lines if line not in answer.lines)
        yield from (f"+ {line}" for line in answer.lines if line not in right.lines)
        return
    mine = {row["name"]: row for row in answer.distributions}
    pips = {row["name"]: row for row in right.distributions}
    for name in sorted(mine.keys() | pips.keys()):
        if name not in mine:
            yield f"- {name} {pips[name]['version']}"
        elif name not in pips:
            yield f"+ {name} {mine[name]['version']}"
        else:
            for key in FIELDS:
                if mine[name][key] != pips[name][key]:
                    yield f"! {name}: {key} {pips[name][key]} -> {mine[name][key]}"
    if mine == pips and list(mine) != list(pips):
        yield f"! order: {' '.join(pips)} -> {' '.join(mine)}"
