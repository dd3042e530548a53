"""Prepare the site: ``python -m release.site FOLDER`` writes its pages and configuration.

GitHub shows the documents as they are. A site has no files outside of its own folder, so this
copies `docs/` with the pages of the repository's root that it links, and rewrites links: to a page
where there is one, else to the repository. The navigation is that of docs/index.md. Decision 0011
says why no plug-in of the site's generator does this.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
OUTSIDE = ("CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md")
"""Pages of the root that belong to the site."""

_RENAMED = {"SECURITY.md": "security-policy.md"}  # docs/security.md is another page
_REPOSITORY = "https://github.com/pipfast/pipfast/blob/main/"
_LINK = re.compile(r"(?P<before>\]\()(?P<target>[^)\s#]+)(?P<part>#[^)\s]*)?(?=\))")
_CODE = re.compile(r"(?ms)^(?P<fence> *```).*?^(?P=fence)$")
_MARK = re.compile(r"(?m)^ *<!-- test: .* -->\n")
_ENTRY = re.compile(r"\[(?P<title>[^\]]+)\]\((?P<target>[^)]+\.md)\)")


def pages() -> dict[Path, str]:
    """Return the files that become pages, each with its path on the site."""
    found = {path: path.relative_to(DOCS).as_posix() for path in sorted(DOCS.rglob("*.md"))}
    return found | {ROOT / name: _RENAMED.get(name, name.lower()) for name in OUTSIDE}


def page(source: Path) -> str:
    """Return the text of a page with links that work on the site."""
    text = _MARK.sub("", source.read_text(encoding="utf-8"))
    parts, at = [], 0
    for code in _CODE.finditer(text):
        parts += [_plain(text[at : code.start()], source), code[0]]
        at = code.end()
    return "".join([*parts, _plain(text[at:], source)])


def navigation() -> list[tuple[str, list[tuple[str, str]]]]:
    """Return the sections of docs/index.md with the titles and paths of their pages."""
    index = DOCS / "index.md"
    sections: list[tuple[str, list[tuple[str, str]]]] = []
    for part in re.split(r"(?m)^## ", index.read_text(encoding="utf-8"))[1:]:
        heading, _, body = part.partition("\n")
        found = [(title, _on_site(target, index) or "") for title, target in _ENTRY.findall(body)]
        decisions = [entry for entry in found if entry[1].startswith("decisions/")]
        sections.append((heading, [entry for entry in found if entry not in decisions]))
        if decisions:
            sections.append(("Decisions", decisions))
    return sections


def configuration() -> str:
    """Return mkdocs.yml with the navigation."""
    lines = ["nav:", "  - Documentation: index.md"]
    for heading, entries in navigation():
        lines.append(f"  - {heading}:")
        lines += [f'      - "{title.replace("`", "")}": {path}' for title, path in entries]
    return (ROOT / "mkdocs.yml").read_text(encoding="utf-8") + "\n".join(lines) + "\n"


def write(folder: Path) -> None:
    """Write the configuration to `folder`, and the pages and pictures to its folder ``docs``."""
    target = folder / "docs"
    shutil.rmtree(target, ignore_errors=True)
    for source, name in pages().items():
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        (target / name).write_text(page(source), encoding="utf-8")
    for picture in DOCS.glob("*.svg"):
        shutil.copy(picture, target)
    (folder / "mkdocs.yml").write_text(configuration(), encoding="utf-8")


def _plain(text: str, source: Path) -> str:
    """Return text between blocks of code for the site's Markdown."""

    def moved(link: re.Match[str]) -> str:
        target = link["target"].removeprefix(_REPOSITORY)
        if "://" in target or target.startswith("mailto:"):
            return link[0]
        base = ROOT / "-" if target != link["target"] else source
        there = _on_site(target, base)
        if there is None:
            at = os.path.relpath(base.parent / target, ROOT)
            return f"{link['before']}{_REPOSITORY}{at}{link['part'] or ''}"
        here = os.path.dirname(pages().get(source, ""))  # noqa: PTH120 - a path on the site
        return f"{link['before']}{os.path.relpath(there, here or '.')}{link['part'] or ''}"

    # In tables, GitHub needs a backslash before | in code, and Python-Markdown shows it.
    text = re.sub(r"`[^`\n]*`", lambda code: code[0].replace("\\|", "|"), text)
    return _LINK.sub(moved, text)


def _on_site(target: str, source: Path) -> str | None:
    """Return the path on the site of what a page links, None if it is not there."""
    path = (source.parent / target).resolve()
    if path.suffix == ".svg" and path.parent == DOCS:
        return path.name
    return pages().get(path)


def main(words: list[str]) -> int:
    """Write the site's sources to the folder that `words` name."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    folder: Path = parser.parse_args(words).folder
    folder.mkdir(parents=True, exist_ok=True)
    write(folder)
    sys.stdout.write(f"{folder}: {len(pages())} pages\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
