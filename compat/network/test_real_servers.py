"""Compare with pip on index servers that companies use; one that cannot be had is skipped."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

import pytest

from compat.harness.output import readable
from compat.network.real_servers import Server, Unavailable, devpi, nginx, pypiserver
from compat.network.row_command import PASSWORD, USER
from compat.network.stage import ACCOUNT, SKIPPED
from tests.kit.wheels import wheel

WHOLE = "NETWORK_WHOLE" in os.environ
DEMO, DEP = wheel("demo", "1.0", "dep"), wheel("dep")
KINDS = {"nginx": nginx, "pypiserver": pypiserver, "devpi": devpi}
NEEDS_NETWORK = ("pypiserver", "devpi")
ACCOUNTS = {"open": "", "url": f"{USER}:{PASSWORD}@", "wrong": f"{USER}:bad@", "missing": "",
            "netrc": ""}  # fmt: skip
_FOUND = re.compile(r" (?:206|304)\b")
PLACES = [(kind, locked) for kind in KINDS for locked in (False, True)]


@dataclass(frozen=True)
class Running:
    """A server, whether it requires the account, and the folder in which programs run."""

    server: Server
    locked: bool
    folder: Path


def _started(kind: str, folder: Path, *, locked: bool) -> AbstractContextManager[Server]:
    return KINDS[kind](folder, [DEMO, DEP], locked=locked)


@pytest.fixture(scope="module", params=PLACES, ids=lambda place: f"{place[0]}-{place[1]}")
def place(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Running]:
    kind, locked = request.param
    if kind in NEEDS_NETWORK and not WHOLE:
        pytest.skip(f"{kind} is installed and compared by python -m compat.network")
    folder = tmp_path_factory.mktemp("place")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder / "env"], check=True)
    try:
        (folder / "server").mkdir()
        with _started(kind, folder / "server", locked=locked) as server:
            yield Running(server, locked, folder)
    except Unavailable as error:
        pytest.skip(str(error))


def words_of(server: Server, account: str) -> dict[str, list[str]]:
    """Return the arguments for each way to ask the server."""
    simple, links, files = (
        url.replace("http://", f"http://{account}")
        for url in (server.simple, server.links, server.files)
    )
    words = {
        "page": ["install", "--dry-run", "-i", simple, "demo"],
        "download": ["download", "-d", "to", "-i", simple, "demo"],
        "versions": ["index", "versions", "-i", simple, "demo"],
        "no-such-project": ["install", "--dry-run", "-i", simple, "nothing"],
        "find-links": ["install", "--dry-run", "--no-deps", "--no-index", "-f", links, "demo"],
        "extra": ["install", "--dry-run", "-i", f"{simple}none/", "--extra-index-url", simple,
                  "demo"],
    }  # fmt: skip
    if files:
        direct = f"{files}{DEMO.filename}"
        words["direct"] = ["install", "--dry-run", "--no-deps", "--no-index", direct]
        words["no-such-file"] = [
            "install",
            "--dry-run",
            "--no-index",
            f"{files}no-1-py3-none-any.whl",
        ]
    if server.has_redirects:
        moved = simple.replace("/simple/", "/moved/simple/")
        words["redirect"] = ["install", "--dry-run", "-i", moved, "demo"]
        words["requirements"] = [*words["page"][:-1], "-r", moved.replace("moved/simple/", "r.txt")]
    return words


def outcome(
    running: Running, program: str, words: list[str], *, netrc: bool
) -> tuple[int, list[str], set[str]]:
    """Run a program; return its exit code, its output, and the requests in the server's log.

    pipfast reads metadata from parts of a wheel (status 206), where pip fetches all of it, and has
    a page confirmed (304) that pip fetches again.
    """
    folder = running.folder
    login = f"machine 127.0.0.1 login {USER} password {PASSWORD}\n" if netrc else ""
    (folder / ".netrc").write_text(login)
    environ = {
        "PATH": os.defpath, "HOME": str(folder), "PIP_CONFIG_FILE": os.devnull,
        "PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIPFAST_PIP_COMPAT": "1",
        "PIPFAST_FALLBACK": "never", "PIP_NO_CACHE_DIR": "1", "PIP_NO_INPUT": "1",
        "PIP_KEYRING_PROVIDER": "disabled",
    }  # fmt: skip
    for old in (folder / "to").glob("*"):
        old.unlink()
    done = subprocess.run(
        [sys.executable, "-m", program, "--python", folder / "env", *words], env=environ,
        cwd=folder, capture_output=True, text=True, check=False,
    )  # fmt: skip
    read = running.server.requests
    lines = [line for line in readable(done.stderr) if not line.startswith(SKIPPED)]
    requests = {_FOUND.sub(" 200", line) for line in read()}
    printed = [ACCOUNT.sub("//<account>@", line) for line in [*readable(done.stdout), *lines]]
    return done.returncode, printed, requests


@pytest.mark.parametrize("credentials", ACCOUNTS)
def test_a_server_is_used_as_by_pip(place: Running, credentials: str) -> None:
    if (credentials == "open") == place.locked:
        return  # the account is of no use to this server
    for kind, words in words_of(place.server, ACCOUNTS[credentials]).items():
        of_pip, ours = (
            outcome(place, program, words, netrc=credentials == "netrc")
            for program in ("pip", "pipfast")
        )
        assert ours[:2] == of_pip[:2], kind
        assert of_pip[2], f"{kind}: the log has nothing"
        more = ours[2] - of_pip[2]
        assert of_pip[2] <= ours[2], kind
        assert all(" 200" in line and "/dep" in line for line in more), kind  # fetched ahead
        assert not (more and "--no-deps" in words), kind
