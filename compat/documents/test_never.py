"""What docs/never.md promises: connections to the configured indexes alone, and no other files."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

from compat.documents.blocks import Command
from compat.documents.stages import PROJECT, Reader, reader

HOOK = """\
import sys

def note(event, words):
    if event in ("socket.connect", "socket.getaddrinfo", "socket.sendto", "urllib.Request"):
        with open({log!r}, "a") as file:
            print(event, words[0] if event == "socket.getaddrinfo" else words[1], file=file)

sys.addaudithook(note)
"""
LOCAL = (
    "list", "freeze", "check", "inspect", "show jinja2", "config list", "cache info", "cache list",
    "hash requirements.txt", "uninstall -y fastapi", "shim .venv", "shim --remove .venv",
    "help settings", "--version",
)  # fmt: skip


def connections(somebody: Reader, log: Path, *commands: str) -> list[str]:
    """Return the connections of runs of pipfast, each as an event and an address."""
    log.write_text("")
    for words in commands:
        somebody.follow(Command(words, f"pipfast {words}"))
    return log.read_text().splitlines()


def test_runs_connect_to_the_index_alone_and_write_where_they_should(tmp_path: Path) -> None:
    log = tmp_path / "connections"
    (tmp_path / "hook").mkdir()
    (tmp_path / "hook/sitecustomize.py").write_text(HOOK.format(log=str(log)))
    with reader(tmp_path, PROJECT) as somebody:
        somebody.shell.run(f"export PYTHONPATH='{tmp_path / 'hook'}'")
        before = set(_files(tmp_path))
        port = urlsplit(somebody.server.root("main")).port
        found = connections(
            somebody, log, "install -r requirements.txt", "install -U jinja2", "list --outdated"
        )
        assert f"socket.connect ('127.0.0.1', {port})" in found
        assert {line for line in found if "127.0.0.1" not in line} == set()
        assert connections(somebody, log, *LOCAL) == []
    allowed = ("home/.cache/pip/", "home/work/.venv/", "tmp/", "connections", "command", "hook/")
    new = set(_files(tmp_path)) - before
    assert {name for name in new if not name.startswith(allowed)} == set()


def test_the_hook_sees_a_connection(tmp_path: Path) -> None:
    code = "import socket; socket.create_connection(('127.0.0.1', 9), 1)"
    log = tmp_path / "connections"
    (tmp_path / "hook").mkdir()
    (tmp_path / "hook/sitecustomize.py").write_text(HOOK.format(log=str(log)))
    with reader(tmp_path, PROJECT) as somebody:
        somebody.shell.run(f"PYTHONPATH='{tmp_path / 'hook'}' python3 -c \"{code}\"")
    assert "socket.connect ('127.0.0.1', 9)" in log.read_text()


def _files(root: Path) -> list[str]:
    return [path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file()]
