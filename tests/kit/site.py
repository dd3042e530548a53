"""A web site on loopback that answers as a test specifies and records its requests."""

from __future__ import annotations

import base64
import socket
import ssl
import subprocess
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Question:
    """A request; `headers` have lower-case keys."""

    method: str
    path: str
    headers: Mapping[str, str]

    @property
    def account(self) -> str:
        """The user and password of basic authentication (RFC 7617), empty for none."""
        kind, _, coded = self.headers.get("authorization", "").partition(" ")
        return base64.b64decode(coded).decode() if kind == "Basic" else ""


@dataclass(frozen=True)
class Reply:
    """A response; with `cut`, the connection closes after so many bytes of the body.

    `reason` is the status line's phrase if not the usual one.
    """

    body: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    cut: int | None = None
    reason: str | None = None


Responder = Callable[[Question], Reply]


class Site:
    """The pages by path; a missing page answers 404."""

    def __init__(self) -> None:
        self.pages: dict[str, Reply | Responder] = {}
        self.questions: list[Question] = []
        self.base = ""

    def asked(self, path: str) -> list[Question]:
        """Return the requests for `path`."""
        return [question for question in self.questions if question.path == path]

    def answer(self, question: Question) -> Reply:
        """Return the site's response to a request."""
        self.questions.append(question)
        page = self.pages.get(question.path, Reply(b"not here", 404))
        return page if isinstance(page, Reply) else page(question)


def ranged(content: bytes) -> Responder:
    """Return a file that can be requested in parts."""

    def respond(question: Question) -> Reply:
        wanted = question.headers.get("range", "")
        if not wanted:
            return Reply(content, headers={"accept-ranges": "bytes"})
        first, _, last = wanted.removeprefix("bytes=").partition("-")
        start = int(first) if first else max(0, len(content) - int(last))
        end = int(last) + 1 if first and last else len(content)
        shown = f"bytes {start}-{min(end, len(content)) - 1}/{len(content)}"
        return Reply(content[start:end], 206, {"content-range": shown})

    return respond


_AUTHORITY = """\
[ca]
default_ca = own
[own]
database = {folder}/issued
new_certs_dir = {folder}
default_md = sha256
rand_serial = yes
policy = any
x509_extensions = loopback
[any]
commonName = supplied
[loopback]
subjectAltName = IP:127.0.0.1
basicConstraints = CA:TRUE
"""
"""Issues a certificate for any period, which `openssl req` does not."""


def expired_tls_context(folder: Path) -> tuple[ssl.SSLContext, str]:
    """Like `tls_context`, but the certificate was valid on one day in 2024."""
    _, certificate = tls_context(folder)
    (folder / "issued").touch()
    (folder / "ca.cnf").write_text(_AUTHORITY.format(folder=folder))
    key = str(folder / "key.pem")
    request = str(folder / "request.pem")
    asked = ["openssl", "req", "-new", "-key", key, "-subj", "/CN=loopback", "-out", request]
    period = "-startdate 20240101000000Z -enddate 20240102000000Z"
    signed = f"openssl ca -batch -selfsign -notext {period} -config".split()
    files = [str(folder / "ca.cnf"), "-keyfile", key, "-in", request, "-out", certificate]
    for argv in (asked, [*signed, *files]):
        subprocess.run(argv, check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    return context, certificate


def tls_context(folder: Path) -> tuple[ssl.SSLContext, str]:
    """Make a certificate for 127.0.0.1 in `folder`; return a server's context and its path."""
    certificate, key = folder / "certificate.pem", folder / "key.pem"
    words = "req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=loopback"
    names = ["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(key), "-out"]
    argv = ["openssl", *words.split(), *names, str(certificate)]
    subprocess.run(argv, check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    return context, str(certificate)


@contextmanager
def serving(tls: ssl.SSLContext | None = None) -> Iterator[Site]:
    """Yield a running site; with `tls` it speaks https and http on one port."""
    site = Site()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            headers = {key.lower(): value for key, value in self.headers.items()}
            reply = site.answer(Question(self.command, self.path, headers))
            self.send_response(reply.status, reply.reason)
            for key, value in reply.headers.items():
                self.send_header(key, value)
            if "content-length" not in reply.headers and reply.status != 304:
                self.send_header("content-length", str(len(reply.body)))
            self.end_headers()
            if self.command == "HEAD" or reply.status == 304:
                return
            self.wfile.write(reply.body if reply.cut is None else reply.body[: reply.cut])
            if reply.cut is not None:
                self.wfile.flush()
                self.close_connection = True

        do_HEAD = do_GET  # noqa: N815 - the base class looks for this name

        def log_request(self, *words: object) -> None:
            """Do not log requests."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def finish_request(self, request: Any, client_address: Any) -> None:
            if tls is not None and request.recv(1, socket.MSG_PEEK) == b"\x16":
                with tls.wrap_socket(request, server_side=True) as secured:
                    super().finish_request(secured, client_address)
            else:
                super().finish_request(request, client_address)

        def handle_error(self, *words: object) -> None:
            """Ignore clients that close the connection; tests do this on purpose."""

    server = Server(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    site.base = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield site
    finally:
        server.shutdown()
        server.server_close()
