"""The prepared site: every page is in the navigation, and every link stays on it or is absolute."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from release.site import DOCS, ROOT, navigation, page, pages, write

LINK = re.compile(r"\]\(([^)\s#]+)")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    write(folder)
    return folder / "docs"


def test_every_link_leads_to_a_page_or_is_absolute(site: Path) -> None:
    missing = [
        f"{path.relative_to(site)}: {target}"
        for path in site.rglob("*.md")
        for target in LINK.findall(re.sub(r"(?ms)^ *```.*?^ *```$", "", path.read_text()))
        if "://" not in target and not (path.parent / target).is_file()
    ]
    assert missing == []


def test_the_navigation_has_every_page_once(site: Path) -> None:
    found = [path for _, entries in navigation() for _, path in entries]
    assert sorted([*found, "index.md"]) == sorted(pages().values())
    assert "\nnav:\n" in (site.parent / "mkdocs.yml").read_text()


@pytest.mark.parametrize(
    ("source", "text", "on_site"),
    [
        ("docs/index.md", "[a](../SECURITY.md)", "[a](security-policy.md)"),
        ("docs/decisions/0001-httpcore.md", "[a](../parity.md#modes)", "[a](../parity.md#modes)"),
        ("docs/decisions/0001-httpcore.md", "[a](../../CHANGELOG.md)", "[a](../changelog.md)"),
        ("CONTRIBUTING.md", "[a](docs/architecture.md)", "[a](architecture.md)"),
        (
            "docs/index.md",
            "[a](../LICENSE)",
            "[a](https://github.com/pipfast/pipfast/blob/main/LICENSE)",
        ),
        (
            "CHANGELOG.md",
            "[a](https://github.com/pipfast/pipfast/blob/main/docs/parity.md)",
            "[a](parity.md)",
        ),
        ("docs/index.md", "[a](https://example.org/x.md)", "[a](https://example.org/x.md)"),
        ("docs/parity.md", "| `a\\|b` |", "| `a|b` |"),
        (
            "docs/parity.md",
            "```text\n[a](../SECURITY.md)\n```",
            "```text\n[a](../SECURITY.md)\n```",
        ),
        ("docs/ci.md", "<!-- test: steps -->\n```yaml\n```", "```yaml\n```"),
    ],
)
def test_a_page_is_written_for_the_site(
    source: str, text: str, on_site: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = Path.read_text
    monkeypatch.setattr(Path, "read_text", lambda *_, **__: text)
    written = page(ROOT / source)
    monkeypatch.setattr(Path, "read_text", real)
    assert written == on_site


def test_the_pictures_are_there(site: Path) -> None:
    assert {path.name for path in DOCS.glob("*.svg")} <= {path.name for path in site.iterdir()}
