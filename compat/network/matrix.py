"""All combinations of scheme, trust, proxy, credentials and requested resource."""

from __future__ import annotations

import base64
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from itertools import combinations, product
from pathlib import Path

from compat.kit.proxies import Account, HttpProxy, Proxy
from tests.kit.site import Question, Reply, Site, serving, tls_context
from tests.kit.wheels import wheel

ACCOUNT = ("me", "secret")
DIMENSIONS: Mapping[str, tuple[str, ...]] = {
    "scheme": ("http", "https", "http-to-https", "https-to-http"),
    "trust": ("nothing", "cert", "variable", "trusted-host"),
    "proxy": ("none", "option", "lower", "upper", "account", "wrong-account", "no-proxy"),
    "credentials": ("open", "url", "netrc", "wrong", "missing"),
    "what": ("page", "requirements", "constraints", "find-links", "direct"),
}
Row = tuple[str, ...]
"""A value of each dimension, in their order."""


def every_row() -> list[Row]:
    """Return all combinations."""
    return list(product(*DIMENSIONS.values()))


def pairwise() -> list[Row]:
    """Return rows that cover each pair of values of different dimensions."""
    left = {pair for row in every_row() for pair in _pairs(row)}
    rows: list[Row] = []
    while left:
        best = max(every_row(), key=lambda row: len(left.intersection(_pairs(row))))
        left.difference_update(_pairs(best))
        rows.append(best)
    return rows


def _pairs(row: Row) -> Iterator[tuple[tuple[int, str], ...]]:
    return combinations(enumerate(row), 2)


@dataclass(frozen=True)
class Outcome:
    """The result of a run: exit code, last error, and the requests that the servers received.

    `refused` is the number of requests with wrong credentials, `through` how the proxy was used.
    """

    code: int
    error: str
    accounts: frozenset[str]
    refused: int
    through: frozenset[str]


@dataclass
class Stage:
    """The servers and the environment in which all rows run."""

    folder: Path
    site: Site
    certificate: str
    proxies: Mapping[bool, Proxy]
    accounts: list[str] = field(default_factory=list)
    is_open: bool = True
    redirects: str = ""

    def outcome(self, program: str, row: Row) -> Outcome:
        """Run a program as the row says."""
        scheme, trust, proxy, credentials, what = row
        self.accounts.clear()
        for one in self.proxies.values():
            one.lines.clear()
        self.is_open = credentials == "open"
        first, _, second = scheme.partition("-to-")
        self.redirects = second
        words, environ = self._words(first, credentials, what), self._environ(proxy, trust)
        words += self._options(trust, proxy)
        netrc = "machine 127.0.0.1 login me password secret\n" if credentials == "netrc" else ""
        (self.folder / ".netrc").write_text(netrc)
        command = [sys.executable, "-m", program, "--python", str(self.folder / "env"), *words]
        done = subprocess.run(
            command, env=environ, cwd=self.folder, capture_output=True, text=True, check=False,
            stdin=subprocess.DEVNULL,
        )  # fmt: skip
        errors = [line for line in done.stderr.splitlines() if line.lower().startswith("error")]
        through = {line for one in self.proxies.values() for line in one.lines}
        good = ":".join(ACCOUNT)
        refused = sum(account not in ("", good) for account in self.accounts)
        return Outcome(
            done.returncode, errors[-1] if errors else "", frozenset(self.accounts) - {""},
            refused, frozenset(through),
        )  # fmt: skip

    def _words(self, scheme: str, credentials: str, what: str) -> list[str]:
        account = {"url": "me:secret@", "wrong": "me:bad@"}.get(credentials, "")
        base = self.site.base.replace("http://", f"{scheme}://{account}")
        index = ["-i", f"{base}/simple/"]
        words = ["install", "--dry-run", "--no-cache-dir", "--no-input", "--retries", "0"]
        match what:
            case "page":
                return [*words, *index, "demo"]
            case "requirements":
                return [*words, *index, "-r", f"{base}/r.txt"]
            case "constraints":
                return [*words, *index, "-c", f"{base}/r.txt", "demo"]
            case "find-links":
                return [*words, "--no-index", "-f", f"{base}/simple/demo/", "demo"]
            case _:
                return [*words, "--no-index", f"{base}/{wheel('demo').filename}"]

    def _options(self, trust: str, proxy: str) -> list[str]:
        words = {
            "cert": ["--cert", self.certificate],
            "trusted-host": ["--trusted-host", self.site.base.partition("//")[2]],
        }.get(trust, [])
        return [*words, "--proxy", self._proxy(proxy)] if proxy == "option" else words

    def _proxy(self, proxy: str) -> str:
        account = {"account": "me:secret@", "wrong-account": "me:bad@"}.get(proxy, "")
        return f"http://{account}127.0.0.1:{self.proxies[bool(account)].port}"

    def _environ(self, proxy: str, trust: str) -> dict[str, str]:
        environ = {
            "PATH": os.defpath, "HOME": str(self.folder), "PIP_CONFIG_FILE": os.devnull,
            "PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIPFAST_PIP_COMPAT": "1",
            "PIPFAST_FALLBACK": "never",
        }  # fmt: skip
        if trust == "variable":
            environ["REQUESTS_CA_BUNDLE"] = self.certificate
        if proxy in ("lower", "account", "wrong-account", "no-proxy"):
            environ |= {"http_proxy": self._proxy(proxy), "https_proxy": self._proxy(proxy)}
        if proxy == "upper":  # HTTP_PROXY, too, but for programs that a web server runs
            environ |= {"HTTP_PROXY": self._proxy(proxy), "HTTPS_PROXY": self._proxy(proxy)}
        if proxy == "no-proxy":
            environ["no_proxy"] = "example.org,127.0.0.1"
        return environ

    def answer(self, question: Question) -> Reply:
        """Return what the server sends: a page, a file, a list of requirements, or a redirect."""
        kind, _, coded = question.headers.get("authorization", "").partition(" ")
        account = base64.b64decode(coded).decode() if kind == "Basic" else ""
        self.accounts.append(account)
        if self.redirects and question.headers.get("host") and not question.path.endswith("/again"):
            place = self.site.base.replace("http:", f"{self.redirects}:")
            return Reply(b"", 302, {"location": f"{place}{question.path}/again"})
        if not self.is_open and account != ":".join(ACCOUNT):
            return Reply(b"", 401, {"www-authenticate": 'Basic realm="here"'})
        return self._content(question.path.removesuffix("/again"))

    def _content(self, path: str) -> Reply:
        demo = wheel("demo")
        if path == "/simple/demo/":
            row = f'<a href="/{demo.filename}#sha256={demo.sha256}">{demo.filename}</a>'
            return Reply(row.encode(), headers={"content-type": "text/html"})
        if path == "/r.txt":
            return Reply(b"demo==1.0\n", headers={"content-type": "text/plain"})
        if path == f"/{demo.filename}":
            return Reply(demo.content)
        return Reply(b"not here", 404)


@contextmanager
def staged(folder: Path) -> Iterator[Stage]:
    """Yield the stage: an environment, a server for http and https, and two proxies."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder / "env"], check=True)
    tls, certificate = tls_context(folder)
    with ExitStack() as servers:
        site = servers.enter_context(serving(tls))
        free = servers.enter_context(Proxy(HttpProxy))
        locked = servers.enter_context(Proxy(HttpProxy, Account(*ACCOUNT)))
        stage = Stage(folder, site, certificate, {False: free, True: locked})
        for path in ("/simple/demo/", "/r.txt", f"/{wheel('demo').filename}"):
            site.pages[path] = site.pages[f"{path}/again"] = stage.answer
        yield stage
