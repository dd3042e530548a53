"""The page docs/errors.md: each failure with what pip, uv and pipfast print."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from compat.errors.cases import CASES, Case
from compat.errors.world import Said

DOCUMENT = Path(__file__).parents[2] / "docs" / "errors.md"
BEGIN, END = "<!-- errors: begin -->", "<!-- errors: end -->"


def document(outcomes: Mapping[str, Mapping[str, Said]]) -> str:
    """Return docs/errors.md with what the programs said, by case and program."""
    text = DOCUMENT.read_text(encoding="utf-8")
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    sections = "\n".join(
        line
        for case in CASES
        for line in (
            _section(case, outcomes[case.name]) if case.name in outcomes else [_kept(case, text)]
        )
    )
    return f"{before}{BEGIN}\n\n{sections}\n{END}{after}"


def _kept(case: Case, text: str) -> str:
    _, head, rest = text.partition(f"### {case.title}\n")
    body = rest.partition("\n### ")[0].partition(f"\n{END}")[0]
    return f"{head}{body.rstrip()}\n" if head else ""


def _section(case: Case, outcomes: Mapping[str, Said]) -> Iterator[str]:
    yield f"### {case.title}"
    yield ""
    yield f"`{_shown(case)}`"
    for tool in ("pipfast", "pip", "uv"):
        yield ""
        yield f"{tool}, exit code {outcomes[tool].code}:"
        yield ""
        yield "```text"
        yield outcomes[tool].errors or "(nothing on standard error)"
        yield "```"
    yield ""
    yield _what_to_do(case)
    yield ""


def _shown(case: Case) -> str:
    variables = "".join(f"{name}={value} " for name, value in case.environ.items() if value)
    place = f" (on a disk of {case.disk.upper()}iB)" if case.disk else ""
    return f"{variables}pipfast {case.argv}{place}"


def _what_to_do(case: Case) -> str:
    parts = [f"`{name}={value}`" for name, value in case.follow_environ.items() if value]
    parts += [
        f"`{path}` with `{text.strip().splitlines()[-1]}`"
        for path, text in case.follow_files.items()
    ]
    if case.follow != case.argv:
        parts.append(f"`pipfast {case.follow}`")
    if case.mended:
        return f"Once {case.mended}, the command succeeds."
    return f"Following the hint succeeds: {', '.join(parts)}."


def section_of(case: Case) -> str:
    """Return what the page says pipfast prints in a case."""
    text = DOCUMENT.read_text(encoding="utf-8")
    body = text.partition(f"### {case.title}\n")[2].partition("\n### ")[0]
    return body.partition("pipfast, exit code")[2].partition("```text\n")[2].partition("\n```")[0]
