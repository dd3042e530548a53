"""Compare prompts for credentials, and the servers that get them, with pip on two indexes."""

from __future__ import annotations

import base64
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.kit.site import Question, Reply, Site, serving
from tests.kit.wheels import Wheel, wheel

RUNS = 20 if "NETWORK_WHOLE" in os.environ else 2
FIRST, SECOND = ("anna", "one"), ("bert", "two")
NAMES = ("demo", "dep", "far", "near")


@dataclass
class Host:
    """A server with an index that requires an account, and the credentials it has received."""

    site: Site
    account: tuple[str, str]

    def serve(self, wheels: list[Wheel]) -> None:
        """Serve the wheels and their pages to the account only."""
        for name in NAMES:
            mine = [one for one in wheels if one.name == name]
            lines = "".join(
                f'<a href="/files/{one.filename}#sha256={one.sha256}">{one.filename}</a>'
                for one in mine
            )
            page = Reply(lines.encode(), 200 if mine else 404, {"content-type": "text/html"})
            self.guard(f"/simple/{name}/", page)
        for one in wheels:
            self.guard(f"/files/{one.filename}", Reply(one.content))

    def guard(self, path: str, reply: Reply) -> None:
        """Serve `reply` at `path` to the account alone."""

        def respond(question: Question) -> Reply:
            if question.account != ":".join(self.account):
                return Reply(b"", 401, {"www-authenticate": 'Basic realm="here"'})
            return reply

        self.site.pages[path] = respond

    def got(self) -> list[str]:
        """Return the accounts that were sent, each once, in order."""
        return list(dict.fromkeys(filter(None, (one.account for one in self.site.questions))))

    def attempts(self, account: str) -> int:
        """Return how often that account was sent."""
        return [one.account for one in self.site.questions].count(account)

    @property
    def index(self) -> str:
        """The address of the index."""
        return f"{self.site.base}/simple/"


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("prompts")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder / "env"], check=True)
    return folder


@pytest.fixture
def hosts() -> Iterator[tuple[Host, Host]]:
    with serving() as one, serving() as other:
        yield Host(one, FIRST), Host(other, SECOND)


def run(environment: Path, program: str, words: list[str], typed: str, *, parity: bool) -> str:
    """Run a program with fresh caches; return its exit code and what it asked for."""
    target = ["--python", str(environment / "env")]
    environ = {
        "PATH": os.defpath, "HOME": str(environment), "PIP_CONFIG_FILE": os.devnull,
        "PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_RETRIES": "0", "PIPFAST_FALLBACK": "never",
    }  # fmt: skip
    if parity:
        environ["PIPFAST_PIP_COMPAT"] = "1"
    command = [sys.executable, "-m", program, *target, *words, "--no-cache-dir"]
    done = subprocess.run(
        command, env=environ, input=typed, capture_output=True, text=True, cwd=environment,
        check=False,
    )  # fmt: skip
    prompts = [part.rpartition(" ")[2] for part in done.stdout.split(": ") if "User for" in part]
    return f"{done.returncode} {prompts}"


def options(*hosts: Host) -> list[str]:
    """Return the options that name the indexes of hosts."""
    first, *others = (host.index for host in hosts)
    return ["-i", first, *(word for other in others for word in ("--extra-index-url", other))]


def opened(host: Host) -> None:
    """Serve the host's pages to everybody, but not its files."""
    account = base64.b64encode(":".join(host.account).encode()).decode()
    for path, page in list(host.site.pages.items()):
        if path.startswith("/simple/") and not isinstance(page, Reply):
            question = Question("GET", path, {"authorization": f"Basic {account}"})
            host.site.pages[path] = page(question)


CASES = {
    "both": [FIRST, SECOND],  # both indexes have all projects
    "split": [FIRST, SECOND],
    "files": [FIRST, SECOND],  # only the files want an account
    "wrong": [("anna", "bad"), FIRST, SECOND],
    "none": [],
}
"""The answers on standard input."""

ONE_FAILS = ("wrong", "none")
"""Cases in which an index fails.

Guarded mode ends with it and asks for nothing more. pip ends with a traceback without an answer.
"""


@pytest.mark.parametrize("parity", [True, False], ids=["parity", "guarded"])
@pytest.mark.parametrize("case", CASES)
def test_each_host_gets_its_own_credentials(
    environment: Path, hosts: tuple[Host, Host], case: str, *, parity: bool
) -> None:
    one, other = hosts
    demo, dep, far = wheel("demo", "1.0", "dep", "far"), wheel("dep"), wheel("far")
    everything = [demo, dep, far, wheel("near")]
    one.serve(everything if case == "both" else [demo, everything[-1]])
    other.serve(everything if case == "both" else [dep, far])
    if case == "files":
        opened(one)
        opened(other)
    words = ["install", "--dry-run", "--ignore-installed", *options(one, other), "demo", "near"]
    typed = "".join(f"{user}\n{password}\n" for user, password in CASES[case])

    def outcome(program: str) -> tuple[str, tuple[str, ...], tuple[str, ...], int]:
        for host in hosts:
            host.site.questions.clear()
        prompts = run(environment, program, words, typed, parity=parity)
        return prompts, tuple(one.got()), tuple(other.got()), one.attempts("anna:bad")

    of_pip, ours = outcome("pip"), {outcome("pipfast") for _ in range(RUNS)}
    if case not in ONE_FAILS or (parity and case == "wrong"):
        assert ours == {of_pip}
    else:
        assert len(ours) == 1
        assert ours.pop()[3] <= of_pip[3]
