"""Package indexes on loopback, served by threads, with the faults of `compat.kit.index`."""

from __future__ import annotations

import base64
import gzip
import re
import socket
import threading
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import cast
from urllib.parse import quote, unquote, urlsplit

from compat.kit.index import (
    HTML_TYPE,
    JSON_TYPE,
    Fault,
    Index,
    Kinship,
    Listed,
    html_page,
    json_page,
    sidecar_bytes,
)
from tests.kit.wheels import sha256

WHOLE = Fault()


@dataclass(frozen=True, slots=True)
class Answer:
    """The content of a path before the behaviour of its index is applied."""

    body: bytes
    content_type: str
    fault: Fault = WHOLE


@dataclass(slots=True)
class Record:
    """The requests so far as ``METHOD path status``, in order."""

    lines: list[str] = field(default_factory=list)


class IndexServer:
    """Serves every index at ``/NAME/simple/`` and its files at ``/NAME/files/``.

    ``/NAME/page/`` lists all files of an index on one HTML page, for `--find-links`. `latency`
    is in seconds per response, `bandwidth` in bytes per second of one connection; 0 means no
    limit.
    """

    def __init__(
        self, indexes: Sequence[Index], *, latency: float = 0, bandwidth: float = 0
    ) -> None:
        self.indexes = {index.name: index for index in indexes}
        self.latency = latency
        self.bandwidth = bandwidth
        self.record = Record()
        self.failures: Counter[str] = Counter()
        self.tokens: dict[str, str] = {}
        self._server = _Server(("127.0.0.1", 0), _Handler, owner=self)
        self._closed = socket.socket()  # bound but not listening, so connections are refused
        self._closed.bind(("127.0.0.1", 0))
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.02,), daemon=True
        )

    def __enter__(self) -> IndexServer:  # noqa: PYI034 - typing.Self came with 3.11
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._closed.close()
        self._thread.join()

    @property
    def port(self) -> int:
        """Return the server's port."""
        return int(self._server.server_address[1])

    @property
    def closed_port(self) -> int:
        """Return a port that refuses every connection."""
        return int(self._closed.getsockname()[1])

    def root(self, name: str, host: str = "127.0.0.1") -> str:
        """Return the address of the pages and files of the index `name`."""
        port = self.closed_port if self.indexes[name].refused else self.port
        return f"http://{host}:{port}/{name}"

    def reset(self) -> None:
        """Forget the requests and the faults that have occurred so far."""
        self.record.lines.clear()
        self.failures.clear()

    def answer(self, path: str, accept: str) -> Answer | None:
        """Return the content of `path`, None if there is none."""
        name, _, rest = path.strip("/").partition("/")
        index = self.indexes.get(name)
        kind, _, rest = rest.partition("/")
        if index is None:
            return None
        match kind:
            case "simple":
                return self._page(index, rest.strip("/"), accept)
            case "page":
                rows = [(listed, self._url(index, listed)) for listed in index.listed()]
                return Answer(html_page(name, rows), HTML_TYPE)
            case "files":
                return self._file(index, rest)
            case _:
                return None

    def _url(self, index: Index, listed: Listed) -> str:
        if listed.url is None:
            return f"{self.root(index.name)}/files/{quote(listed.file.filename)}"
        return self.expanded(listed.url)

    def expanded(self, url: str) -> str:
        """Return an address with its tokens replaced."""
        for token, value in self.tokens.items():
            url = url.replace(token, value)
        return url

    def _page(self, index: Index, project: str, accept: str) -> Answer | None:
        files = index.projects().get(project)
        if not project and index.unknown != 404:
            names = "".join(f'<a href="{name}/">{name}</a>' for name in index.projects())
            return Answer(f"<!DOCTYPE html><html><body>{names}</body></html>".encode(), HTML_TYPE)
        if files is None:
            fault = Fault(status=index.unknown)
            return None if index.unknown == 404 else Answer(b"", HTML_TYPE, fault)
        rows = [(listed, self._url(index, listed)) for listed in files]
        fault = index.pages.get(project, WHOLE)
        kinship = Kinship(
            tuple(f"{self.expanded(one)}{project}/" for one in index.tracks),
            tuple(f"{self.expanded(one)}{project}/" for one in index.alternates),
        )
        if index.plain or JSON_TYPE not in accept:
            return Answer(html_page(project, rows, kinship), HTML_TYPE, fault)
        return Answer(json_page(project, rows, kinship), JSON_TYPE, fault)

    def _file(self, index: Index, filename: str) -> Answer | None:
        for listed in index.listed():
            if filename == listed.file.filename:
                content_type = "application/octet-stream"
                return Answer(listed.file.content, content_type, listed.fault or WHOLE)
            if filename == f"{listed.file.filename}.metadata":
                body = sidecar_bytes(listed)
                return None if body is None else Answer(body, "application/octet-stream")
        return None


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(
        self, address: tuple[str, int], handler: type[_Handler], *, owner: IndexServer
    ) -> None:
        self.owner = owner
        super().__init__(address, handler)

    def handle_error(self, request: object, client_address: object) -> None:
        """Ignore clients that close the connection."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = 1 << 16

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base's name
        """Print nothing: requests are recorded by the server."""

    def do_HEAD(self) -> None:
        self._serve(head=True)

    def do_GET(self) -> None:
        self._serve(head=False)

    @property
    def _owner(self) -> IndexServer:
        return cast(_Server, self.server).owner

    def _serve(self, *, head: bool) -> None:
        path = unquote(urlsplit(self.path).path)
        index = self._owner.indexes.get(path.strip("/").partition("/")[0])
        if self._owner.latency:
            time.sleep(self._owner.latency)
        if index is not None and not self._known(index):
            challenge = {"WWW-Authenticate": 'Basic realm="index"'}
            return self._send(401, b"", "text/plain", challenge, head=head)
        answer = self._owner.answer(path, self.headers.get("Accept", ""))
        if index is None or answer is None:
            return self._send(404, b"not here", "text/plain", {}, head=head)
        return self._send_answer(index, path, answer, head=head)

    def _known(self, index: Index) -> bool:
        if index.account is None:
            return True
        wanted = base64.b64encode(":".join(index.account).encode()).decode()
        return self.headers.get("Authorization") == f"Basic {wanted}"

    def _fault(self, path: str, fault: Fault) -> Fault:
        if fault is WHOLE or fault.times is None:
            return fault
        self._owner.failures[path] += 1
        return fault if self._owner.failures[path] <= fault.times else WHOLE

    def _send_answer(self, index: Index, path: str, answer: Answer, *, head: bool) -> None:
        fault = self._fault(path, answer.fault)
        time.sleep(fault.delay)
        if fault.status == 0:
            self.close_connection = True
            self._owner.record.lines.append(f"{self.command} {self.path} closed")
            return None
        if fault.status != 200:
            place = (
                {} if fault.location is None else {"Location": self._owner.expanded(fault.location)}
            )
            return self._send(fault.status, b"no", "text/plain", place, head=head)
        body = answer.body if fault.body is None else fault.body
        content_type = fault.content_type or answer.content_type
        headers = {"ETag": f'"{sha256(body)[:24]}"'}
        if index.max_age is not None:
            headers["Cache-Control"] = f"max-age={index.max_age}, public"
        if self.headers.get("If-None-Match") == headers["ETag"]:
            return self._send(304, b"", content_type, headers, head=head)
        is_page = "/simple/" in path
        if is_page:
            headers["Vary"] = "Accept, Accept-Encoding"
        if is_page and index.compressed and "gzip" in self.headers.get("Accept-Encoding", ""):
            headers["Content-Encoding"] = "gzip"
            body = gzip.compress(body, 1)
        status = 200
        if index.ranges and not is_page:
            headers["Accept-Ranges"] = "bytes"
            status, body = self._ranged(body, headers)
        return self._send(status, body, content_type, headers, head=head, keep=fault.keep)

    def _ranged(self, body: bytes, headers: dict[str, str]) -> tuple[int, bytes]:
        wanted = re.fullmatch(r"bytes=(\d*)-(\d*)", self.headers.get("Range", ""))
        if wanted is None or wanted.group(0) == "bytes=-":
            return 200, body
        first, last = wanted.groups()
        start = int(first) if first else max(0, len(body) - int(last))
        stop = min(len(body), int(last) + 1) if first and last else len(body)
        if start >= len(body):
            headers["Content-Range"] = f"bytes */{len(body)}"
            return 416, b""
        headers["Content-Range"] = f"bytes {start}-{stop - 1}/{len(body)}"
        return 206, body[start:stop]

    def _send(
        self,
        status: int,
        body: bytes,
        content_type: str,
        headers: dict[str, str],
        *,
        head: bool,
        keep: float = 1.0,
    ) -> None:
        self._owner.record.lines.append(f"{self.command} {self.path} {status}")
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        if head or status == 304:
            return
        if keep < 1.0:
            body = body[: int(len(body) * keep)]
            self.close_connection = True
        self._write(body)

    def _write(self, body: bytes) -> None:
        rate = self._owner.bandwidth
        step = 1 << 15 if rate else len(body) or 1
        for start in range(0, len(body), step):
            part = body[start : start + step]
            self.wfile.write(part)
            if rate:
                self.wfile.flush()
                time.sleep(len(part) / rate)
