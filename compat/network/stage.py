"""The servers, proxies and environment in which the rows of the matrix run."""

from __future__ import annotations

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

from compat.harness.output import readable
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

    `requests` counts each method, path and account.
    """

    code: int
    lines: tuple[str, ...]
    requests: Mapping[tuple[str, str, str], int]
    through: frozenset[str]

    @property
    def accounts(self) -> set[str]:
        """The accounts that the servers were sent."""
        return {account for _, _, account in self.requests} - {""}

    @property
    def refused(self) -> int:
        """The number of requests with wrong credentials."""
        wrong = (count for (_, _, one), count in self.requests.items() if one not in ("", GOOD))
        return sum(wrong)

    def comparable(self, row: Row) -> Outcome:
        """Return what has to be as with pip.

        docs/differences.md: a skipped index is named in one warning; passwords are hidden; a SOCKS
        proxy that refuses is named. git alone decides which requests it makes for a repository. How
        a server's refusal of a TLS 1.3 connection is met depends on time.
        """
        kept = (line for line in self.lines if not line.startswith(SKIPPED))
        lines = tuple(ACCOUNT.sub("//<account>@", line) for line in kept)
        if row.proxy == "socks-wrong" or row.trust == "no-client":
            lines = ()
        requests = {} if row.what == "repository" else self.requests
        return Outcome(self.code, lines, requests, self.through)


@dataclass
class Stage:
    """The servers and the environment in which all rows run."""

    places: Places
    site: Site
    tls: ssl.SSLContext
    proxies: tuple[Proxy, ...]
    contents: Mapping[str, Reply]
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
        target = ["--python", str(self.places.folder / "env")]
        done = subprocess.run(
            [sys.executable, "-m", program, *target, *command.argv()], env=command.environ(),
            cwd=self.places.folder, capture_output=True, text=True, input=command.typed,
            check=False,
        )  # fmt: skip
        requests = Counter((one.method, one.path, one.account) for one in self.site.questions)
        through = frozenset(line for one in self.proxies for line in one.lines)
        lines = (*readable(done.stdout), "--", *readable(done.stderr))
        return Outcome(done.returncode, lines, requests, through)

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
def staged(folder: Path) -> Iterator[Stage]:
    """Yield the stage: an environment, a server for http and https, and four proxies."""
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
        for path in stage.contents:
            site.pages[path] = site.pages[f"{path}/again"] = stage.answer
        yield stage


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
