"""Links between documents lead somewhere, and every document can be reached from the index."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
OWN = "https://github.com/pipfast/pipfast/blob/main/"
RAW = "https://raw.githubusercontent.com/pipfast/pipfast/main/"
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])


def targets(page: Path) -> list[tuple[Path, str]]:
    """The files of this repository that a page links, each with the part behind ``#``."""
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    found = []
    for link in re.findall(r"\]\(([^)\s]+)\)", text):
        base = ROOT if link.startswith((OWN, RAW)) else page.parent
        path = link.removeprefix(OWN).removeprefix(RAW)
        if "://" not in path:
            name, _, part = path.partition("#")
            found.append(((base / name).resolve() if name else page, part))
    return found


def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as the code host makes them."""
    heads = re.findall(r"(?m)^#+ (.*)$", page.read_text(encoding="utf-8"))
    kept = (re.sub(r"[^\w\- ]", "", head.replace("`", "").lower()) for head in heads)
    return {head.replace(" ", "-") for head in kept}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_to_a_file_and_a_heading_that_exist(page: Path) -> None:
    for target, part in targets(page):
        assert target.exists(), target
        if part:
            assert part in anchors(target), f"{target}#{part}"


def test_every_document_is_linked_from_the_index() -> None:
    linked = {target for target, _ in targets(ROOT / "docs/index.md")}
    assert {page for page in PAGES if page.is_relative_to(ROOT / "docs")} - linked == {
        ROOT / "docs/index.md"
    }


def test_links_of_the_readme_are_absolute() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    links = re.findall(r"\]\(([^)\s]+)\)", text)
    assert links
    assert [link for link in links if not link.startswith("https://")] == []
