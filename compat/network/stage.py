"""The servers, proxies and environment in which the rows of the matrix run."""

from __future__ import annotations

import os
import re
import shutil
import ssl
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import socks  # type: ignore[import-untyped]

from compat.harness.forks import Zygote
from compat.harness.output import readable
from compat.harness.twin import runner
from compat.kit.proxies import Account, HttpProxy, Proxy, SocksProxy
from compat.kit.repositories import Commit, Repository, static_files
from compat.network.row_command import GOOD, PASSWORD, USER, Certificates, Places, RowCommand
from compat.network.rows import Row
from tests.kit.projects import project
from tests.kit.site import Question, Reply, Site, serving, tls_context
from tests.kit.wheels import sha256, wheel

SKIPPED = "WARNING: Could not fetch URL "
ACCOUNT = re.compile(r"//[^/@\s]+@")
DEMO, SIDE = wheel("demo"), wheel("side")


@dataclass(frozen=True)
class Outcome:
    """The result of a run: exit code, output, and the requests that servers and proxies received.

    `log` is the servers' log: method, path and account of each request. `through` is that of the
    proxies.
    """

    code: int
    lines: tuple[str, ...]
    log: tuple[tuple[str, str, str], ...]
    through: tuple[str, ...]

    @property
    def requests(self) -> Mapping[tuple[str, str, str], int]:
        """How often each was requested; several requests may be under way at the same time."""
        return Counter(self.log)

    @property
    def accounts(self) -> set[str]:
        """The accounts that the servers were sent."""
        return {account for _, _, account in self.log} - {""}

    def refused_at(self, end: str) -> int:
        """Return the number of requests for paths with this end that had wrong credentials."""
        return sum(
            account not in ("", GOOD) and path.endswith(end) for _, path, account in self.log
        )

    def unvarying(self, row: Row) -> tuple[object, ...]:
        """Return what has to be the same in every run, with the requests in their order.

        A request goes through a new connection if the last one is not free yet, so how many are
        opened depends on time. git requests the objects of a repository in parallel.
        """
        log = () if row.what == "repository" else self.log
        return self.code, self.lines, log, set(self.through)

    def comparable(self, row: Row) -> tuple[object, ...]:
        """Return what has to be as with pip: exit code, lines, requests and the use of proxies.

        docs/differences.md: a skipped index is named in one warning; passwords are hidden; a SOCKS
        proxy that refuses is named. git alone decides which requests it makes for a repository. How
        a server's refusal of a TLS 1.3 connection is met depends on time.
        """
        kept = (line for line in self.lines if not line.startswith(SKIPPED))
        lines = tuple(ACCOUNT.sub("//<account>@", line) for line in kept)
        if row.proxy == "socks-wrong" or row.trust == "no-client":
            lines = ()
        requests = {} if row.what == "repository" else self.requests
        return self.code, lines, requests, set(self.through)


@dataclass
class Stage:
    """The servers and the environment in which all rows run.

    With `zygotes` programs run in forks of them, which takes a fifth of the time.
    """

    places: Places
    site: Site
    tls: ssl.SSLContext
    proxies: tuple[Proxy, ...]
    contents: Mapping[str, Reply]
    zygotes: Mapping[str, Zygote] = field(default_factory=dict)
    row: Row = field(init=False)

    def outcome(self, program: str, row: Row) -> Outcome:
        """Run a program as the row says."""
        self.row, command = row, RowCommand(row, self.places)
        self.site.questions.clear()
        for one in self.proxies:
            one.lines.clear()
        wants_client = row.trust in ("client", "no-client")
        self.tls.verify_mode = ssl.CERT_REQUIRED if wants_client else ssl.CERT_NONE
        command.fill_home()
        code, output, errors = self._run(program, command)
        log = tuple((one.method, one.path, one.account) for one in self.site.questions)
        through = tuple(line for one in self.proxies for line in one.lines)
        return Outcome(code, (*readable(output), "--", *readable(errors)), log, through)

    def _run(self, program: str, command: RowCommand) -> tuple[int, str, str]:
        """Return exit code, output and error output of a program."""
        folder, environ = self.places.folder, command.environ()
        if self.zygotes:
            target = [] if program == "pip" else ["--python", str(folder / "env")]
            ended = self.zygotes[program].run(
                [*target, *command.argv()], folder, environ, command.typed
            )
            return -9 if ended.hangs else ended.code, ended.out, ended.err
        done = subprocess.run(
            [*self._program(program), *command.argv()], env=environ, cwd=folder,
            capture_output=True, text=True, input=command.typed, check=False,
        )  # fmt: skip
        return done.returncode, done.stdout, done.stderr

    def _program(self, name: str) -> list[str]:
        """Return the command that runs a program on the environment.

        pip's option for that starts a second process, which is how pip is run here at once.
        """
        env = self.places.folder / "env"
        if name == "pip":
            return [str(env / "bin" / "python"), str(runner())]
        return [sys.executable, "-m", name, "--python", str(env)]

    def answer(self, question: Question) -> Reply:
        """Return what the server sends: a page, a file, a list of requirements, or a redirect."""
        redirects = self.row.scheme.partition("-to-")[2]
        if redirects and not question.path.endswith("/again"):
            return Reply(b"", 302, {"location": f"{redirects}://{self.places.host}"
                                                f"{question.path}/again"})  # fmt: skip
        if self.row.credentials != "open" and question.account != GOOD:
            return Reply(b"", 401, {"www-authenticate": 'Basic realm="here"'})
        return self.contents[question.path.removesuffix("/again")]


@contextmanager
def staged(folder: Path, *, forks: bool = False) -> Iterator[Stage]:
    """Yield the stage: an environment, a server for http and https, and four proxies.

    With `forks` the programs run in forks of processes that have imported them.
    """
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder / "env"], check=True)
    tls, good = tls_context(folder)
    tls.load_verify_locations(good)
    with ExitStack() as servers:
        site = servers.enter_context(serving(tls))
        proxies = {
            (is_socks, locked): servers.enter_context(
                Proxy(
                    SocksProxy if is_socks else HttpProxy,
                    Account(USER, PASSWORD) if locked else None,
                )
            )
            for is_socks in (False, True)
            for locked in (False, True)
        }
        ports = {key: one.port for key, one in proxies.items()}
        host = site.base.partition("://")[2]
        _link_programs(folder)
        places = Places(folder, host, _certificates(folder, good), ports, DEMO.filename)
        stage = Stage(places, site, tls, tuple(proxies.values()), _contents(folder))
        if forks:
            stage.zygotes = _zygotes(folder, servers)
        for path in stage.contents:
            site.pages[path] = site.pages[f"{path}/again"] = stage.answer
        yield stage


def _zygotes(folder: Path, stack: ExitStack) -> Mapping[str, Zygote]:
    environ = {"PATH": os.defpath, "PYTHONPATH": f"{folder / 'modules'}:{folder / 'socks'}"}
    pythons = {"pip": folder / "env" / "bin" / "python", "pipfast": Path(sys.executable)}
    found = {name: Zygote(name, python, environ, folder / f"notes-{name}")
             for name, python in pythons.items()}  # fmt: skip
    for one in found.values():
        stack.callback(one.close)
    return found


def _link_programs(folder: Path) -> None:
    """Put git and its helpers on the PATH, no installed keyring, and PySocks beside pip."""
    (folder / "programs").mkdir()
    for name in ("git", "sh", "uname"):
        if found := shutil.which(name):
            (folder / "programs" / name).symlink_to(found)
    (folder / "socks").mkdir()
    shutil.copy(socks.__file__, folder / "socks")


def _certificates(folder: Path, good: str) -> Certificates:
    other, hashed, client = folder / "other", folder / "hashed", folder / "client.pem"
    other.mkdir()
    hashed.mkdir()
    _, wrong = tls_context(other)
    key = Path(good).with_name("key.pem")
    client.write_text(Path(good).read_text() + key.read_text())
    shutil.copy(good, hashed)
    subprocess.run(["openssl", "rehash", hashed], check=True)
    return Certificates(Path(good), Path(wrong), hashed, client)


def _contents(folder: Path) -> dict[str, Reply]:
    """Return what the server has: pages, files, requirements and a repository."""
    contents = {"/r.txt": Reply(b"demo==1.0\n", headers={"content-type": "text/plain"})}
    sidecar = f' data-core-metadata="sha256={sha256(SIDE.metadata)}"'
    for one, extra in ((DEMO, ""), (SIDE, sidecar)):
        row = f'<a href="/{one.filename}#sha256={one.sha256}"{extra}>{one.filename}</a>'
        page = Reply(row.encode(), headers={"content-type": "text/html"})
        contents |= {f"/simple/{one.name}/": page, f"/{one.filename}": Reply(one.content)}
    contents[f"/{SIDE.filename}.metadata"] = Reply(SIDE.metadata)
    return contents | (_repository(folder) if shutil.which("git") else {})


def _repository(folder: Path) -> dict[str, Reply]:
    """Return the files of a repository; git reads them without a program on the server."""
    files = {name.removeprefix("one/"): text for name, text in project("one").under("one").items()}
    bare = Repository(name="one", commits=(Commit(files=files),)).make(folder)
    return {path: Reply(content) for path, content in static_files(bare).items()}
