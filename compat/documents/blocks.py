"""Read the fenced blocks of a document, and what is to be done with each.

A comment on the line before a block may say so:

    <!-- test: exit 1 -->              the last command ends with this exit code, not with 0
    <!-- test: file NAME -->           the block is the content of this file
    <!-- test: steps -->               a workflow whose commands are run
    <!-- test: not run: REASON -->     it cannot be run here; it is still parsed

A block of the language `console` is run unless a comment says something else: lines after ``$ ``
are commands, ``> `` continues one, and other lines are the expected output. ``…`` stands for any
text of a line, and a line of its own for any number of lines. Without such lines, any output will
do.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

CONSOLE = "console"
PARSED = frozenset({"yaml", "dockerfile", "ini", "toml", "python", "sh"})
"""Languages that are no commands, but that a reader copies."""

_BLOCK = re.compile(
    r"(?m)^(?:(?P<indent> *)<!-- test: (?P<mark>[^\n]*?) -->\n+)?"
    r"(?P<inner> *)```(?P<language>\w*)\n(?P<body>.*?)^(?P=inner)```$",
    re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block: where its content begins, its language, its mark and its content."""

    page: Path
    line: int
    language: str
    mark: str
    body: str

    @property
    def place(self) -> str:
        """The page and the line, for messages."""
        return f"{self.page.name}:{self.line}"

    def marked(self, kind: str) -> str | None:
        """Return what the mark says after `kind`, None if it is another mark."""
        rest = self.mark.removeprefix(kind)
        return None if rest == self.mark else rest.lstrip(" :")


@dataclass(frozen=True, slots=True)
class Command:
    """A command, the lines that it has to print (none: any will do), and its exit code."""

    place: str
    text: str
    expected: tuple[str, ...] = ()
    code: int = 0


def blocks(page: Path) -> list[Block]:
    """Return the blocks of a page that a reader runs or copies."""
    text = page.read_text(encoding="utf-8")
    return [
        Block(
            page,
            text.count("\n", 0, match.start("body")) + 1,
            match["language"],
            match["mark"] or "",
            re.sub(rf"(?m)^{match['inner']}", "", match["body"]),
        )
        for match in _BLOCK.finditer(text)
        if match["language"] == CONSOLE or match["language"] in PARSED or match["mark"]
    ]


def commands(block: Block) -> Iterator[Command]:
    """Yield the commands of a `console` block."""
    texts: list[str] = []
    outputs: list[list[str]] = []
    for line in block.body.splitlines():
        if line.startswith("$ "):
            texts.append(line[2:])
            outputs.append([])
        elif line.startswith("> ") and not outputs[-1]:
            texts[-1] += f"\n{line[2:]}"
        elif line.strip():
            outputs[-1].append(line)
    code = int(block.marked("exit") or 0)
    for at, (text, lines) in enumerate(zip(texts, outputs, strict=True), 1):
        yield Command(block.place, text, tuple(lines), code if at == len(texts) else 0)


def matches(expected: tuple[str, ...], output: str) -> bool:
    """Return whether the output is what the document says."""
    parts = []
    for line in expected:
        if line == "…":
            parts.append(r"(?:.*\n)*?")
        else:
            parts.append(".*".join(map(re.escape, line.rstrip().split("…"))) + "\n")
    found = "".join(f"{line.rstrip()}\n" for line in output.splitlines() if line.strip())
    return not expected or re.fullmatch("".join(parts), found) is not None


def faults(found: list[Block]) -> Iterator[str]:
    """Yield the blocks that nothing tests and that give no reason."""
    for block in found:
        if block.mark == "not run" or block.marked("not run") == "":
            yield f"{block.place}: a block that is not run needs a reason"
        elif block.language in PARSED and not block.mark:
            yield f"{block.place}: say what becomes of the block (file, steps, or not run: REASON)"
