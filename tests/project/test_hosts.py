"""No public registry is named except as the default that a user's run needs."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).parents[2]
HOSTS = tuple(f"{name}.{top}" for name, top in (("pypi", "org"), ("pythonhosted", "org")))
FOLDERS = ("src", "tests", "compat", "docs", "examples", ".ci", ".github")
ALLOWED = {
    "src/pipfast/config/option_table.py": 1,  # pip's default for --index-url
    "src/pipfast/config/subcommands.py": 1,  # pip's default for `search --index`
    "src/pipfast/policy/network.py": 1,  # the default index
}


def test_no_file_names_a_public_registry_but_for_pips_defaults() -> None:
    found: dict[str, int] = {}
    for path in (path for folder in FOLDERS for path in (ROOT / folder).rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts:
            text = path.read_text(encoding="utf-8", errors="replace")
            named = sum(text.count(host) for host in HOSTS)
            if named:
                found[path.relative_to(ROOT).as_posix()] = named
    assert found == ALLOWED
