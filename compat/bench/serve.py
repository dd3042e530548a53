"""A small index in a separate process, so that its cost is not counted.

Pages are saved when they are first read from the upstream index and never change afterwards.
Files and their metadata are fetched when they are first requested. Bodies are compressed once;
files are sent with sendfile. ``/-/shape?latency=MS&bandwidth=MBIT&age=SECONDS`` changes the line
and how long pages are fresh. With a certificate everything is served over TLS, and a handshake has
the latency of a response. Further indexes below ``/NAME/`` serve the pages in ``indexes/NAME``.
"""

from __future__ import annotations

import argparse
import asyncio
import gzip
import hashlib
import json
import re
import socket
import ssl
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

from compat.bench.pages import metadata_of, recorded
from pipfast.policy.network import DEFAULT_INDEX

UPSTREAM = f"{DEFAULT_INDEX}/"
JSON_TYPE = "application/vnd.pypi.simple.v1+json"
MAX_AGE = 86400
"""How long a page is fresh, in seconds; longer than PyPI's ten minutes, so that a cache stays
warm.
"""
CHUNK = 1 << 15


@dataclass(frozen=True, slots=True)
class Page:
    """A page in both encodings."""

    plain: bytes
    packed: bytes
    etag: str


class Shelf:
    """The folder with recorded pages and files."""

    def __init__(self, folder: Path, upstream: str | None) -> None:
        self.folder = folder
        self.upstream = upstream
        self.pages: dict[str, Page | None] = {}

    def _fetch(self, url: str, accept: str = "*/*") -> tuple[bytes, str] | None:
        request = urllib.request.Request(url, headers={"Accept": accept, "User-Agent": "bench"})
        try:
            with urllib.request.urlopen(request, timeout=120) as answer:
                return answer.read(), answer.headers.get_content_type()
        except urllib.error.HTTPError as error:
            if error.code in (403, 404):
                return None
            raise

    def _keep(self, path: Path, body: bytes | None) -> Path | None:
        path.parent.mkdir(parents=True, exist_ok=True)
        if body is None:
            path.with_name(f"{path.name}.absent").touch()
            return None
        aside = path.with_name(f"{path.name}.{threading.get_ident()}.part")
        aside.write_bytes(body)
        return aside.replace(path)

    def _known(self, path: Path) -> bool:
        return path.exists() or path.with_name(f"{path.name}.absent").exists()

    def page(self, name: str, base: str) -> Page | None:
        """Return a project's page with links to `base`; None if there is no such project."""
        if name not in self.pages:
            path = self.folder / "pages" / f"{name}.json"
            if not self._known(path) and self.upstream:
                url = f"{self.upstream}{name}/"
                found = self._fetch(url, JSON_TYPE)
                self._keep(path, found and recorded(name, *found, url))
            self.pages[name] = self._render(path.read_bytes(), base) if path.exists() else None
        return self.pages[name]

    def other_page(self, index: str, name: str, base: str) -> Page | None:
        """Return a page of a further index; its files have their own addresses."""
        path = self.folder / "indexes" / index / f"{name}.json"
        return self._render(path.read_bytes(), f"{base}/{index}") if path.exists() else None

    def _render(self, body: bytes, base: str) -> Page:
        page = json.loads(body)
        for row in page["files"]:
            parts = urlsplit(row["url"])
            row["url"] = f"{base}/packages/{parts.netloc}{parts.path}"
        plain = json.dumps(page, separators=(",", ":")).encode()
        etag = f'"{hashlib.sha256(plain).hexdigest()[:32]}"'
        return Page(plain, gzip.compress(plain, 6, mtime=0), etag)

    def file(self, address: str) -> Path | None:
        """Return the file for `address`, the host and path of its original location."""
        path = self.folder / "packages" / unquote(address)
        if ".." in path.parts:
            return None
        if not self._known(path) and self.upstream:
            found = self._fetch(f"https://{address}")
            body = found and found[0]
            if body is None and address.endswith(".metadata"):
                wheel = self.file(address.removesuffix(".metadata"))
                body = metadata_of(wheel.read_bytes()) if wheel else None
            self._keep(path, body)
        return path if path.exists() else None


class Line:
    """The line: a delay for each response, and a rate that all connections share.

    `scheme` is that of the server's addresses, `age` for how many seconds pages are fresh.
    """

    def __init__(self, scheme: str = "http") -> None:
        self.scheme = scheme
        self.latency = self.rate = 0.0
        self.age = MAX_AGE
        self._free = 0.0

    def shape(self, latency: float, bandwidth: float) -> None:
        """Set milliseconds per response, and megabits per second (0 for no limit)."""
        self.latency, self.rate = latency / 1000, bandwidth * 1e6 / 8

    async def turn(self, size: int) -> None:
        """Wait until `size` bytes may be sent."""
        if not self.rate:
            return
        now = asyncio.get_running_loop().time()
        self._free = max(self._free, now) + size / self.rate
        await asyncio.sleep(self._free - now)


class Exchange:
    """One persistent connection."""

    def __init__(
        self, shelf: Shelf, line: Line, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self.shelf, self.line, self.reader, self.writer = shelf, line, reader, writer
        self.headers: dict[str, str] = {}

    async def run(self) -> None:
        """Answer requests until the client closes the connection."""
        try:
            while True:
                head = (await self.reader.readuntil(b"\r\n\r\n")).decode("latin-1")
                first, *rows = head.split("\r\n")
                self.headers = {
                    key.lower(): value.strip()
                    for key, _, value in (row.partition(":") for row in rows)
                }
                method, target, _ = first.split(" ", 2)
                await self._answer(target, head=method == "HEAD")
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            self.writer.close()

    async def _answer(self, target: str, *, head: bool) -> None:
        parts = urlsplit(target)
        if parts.path == "/-/shape":
            wanted = {key: float(values[0]) for key, values in parse_qs(parts.query).items()}
            self.line.shape(wanted["latency"], wanted["bandwidth"])
            self.line.age = int(wanted.get("age", MAX_AGE))
            return await self._send(200, b"", {}, head=head)
        if self.line.latency:
            await asyncio.sleep(self.line.latency)
        _, kind, rest = parts.path.partition("/packages/")
        if kind:
            return await self._file(await asyncio.to_thread(self.shelf.file, rest), head=head)
        index, _, rest = parts.path.partition("/simple/")
        name, base = rest.strip("/"), f"{self.line.scheme}://{self.headers['host']}"
        ask = partial(self.shelf.other_page, index.strip("/")) if index else self.shelf.page
        return await self._page(await asyncio.to_thread(ask, name, base), head=head)

    async def _page(self, page: Page | None, *, head: bool) -> None:
        if page is None:
            return await self._send(404, b"", {}, head=head)
        headers = {
            "Content-Type": JSON_TYPE,
            "ETag": page.etag,
            "Cache-Control": f"max-age={self.line.age}, public",
            "Vary": "Accept, Accept-Encoding",
        }
        if self.headers.get("if-none-match") == page.etag:
            return await self._send(304, b"", headers, head=head)
        if "gzip" not in self.headers.get("accept-encoding", ""):
            return await self._send(200, page.plain, headers, head=head)
        return await self._send(200, page.packed, headers | {"Content-Encoding": "gzip"}, head=head)

    async def _send(self, status: int, body: bytes, headers: dict[str, str], *, head: bool) -> None:
        self._start(status, len(body), headers)
        if not head and status != 304:
            for start in range(0, len(body), CHUNK):
                part = body[start : start + CHUNK]
                await self.line.turn(len(part))
                self.writer.write(part)
        await self.writer.drain()

    def _start(self, status: int, size: int, headers: dict[str, str]) -> None:
        rows = [f"HTTP/1.1 {status} -", f"Content-Length: {size}"]
        rows += [f"{key}: {value}" for key, value in headers.items()]
        self.writer.write("\r\n".join([*rows, "", ""]).encode("latin-1"))

    async def _file(self, path: Path | None, *, head: bool) -> None:
        if path is None:
            return await self._send(404, b"", {}, head=head)
        size = path.stat().st_size
        first, last = self._range(size)
        headers = {
            "Content-Type": "application/octet-stream",
            "Cache-Control": "max-age=365000000, immutable, public",
            "ETag": f'"{size:x}"',
            "Accept-Ranges": "bytes",
        }
        status = 200
        if (first, last) != (0, size - 1):
            status = 206
            headers["Content-Range"] = f"bytes {first}-{last}/{size}"
        self._start(status, last - first + 1, headers)
        if head:
            return await self.writer.drain()
        return await self._body(path, first, last - first + 1)

    def _range(self, size: int) -> tuple[int, int]:
        wanted = re.fullmatch(r"bytes=(\d*)-(\d*)", self.headers.get("range", ""))
        if wanted is None or not any(wanted.groups()):
            return 0, size - 1
        first, last = wanted.groups()
        if not first:
            return max(0, size - int(last)), size - 1
        return int(first), min(size - 1, int(last)) if last else size - 1

    async def _body(self, path: Path, start: int, count: int) -> None:
        loop = asyncio.get_running_loop()
        step = CHUNK if self.line.rate else count
        with path.open("rb") as file:
            while count > 0:
                size = min(step, count)
                await self.line.turn(size)
                await self.writer.drain()
                await loop.sendfile(self.writer.transport, file, start, size)
                start, count = start + size, count - size


@contextmanager
def serving(folder: Path, upstream: str | None, tls: tuple[str, str] = ("", "")) -> Iterator[str]:
    """Yield the address of an index that runs in a separate process.

    `tls` are the files with its certificate and key, if it speaks TLS.
    """
    words = ["--folder", str(folder), *(["--upstream", upstream] if upstream else [])]
    certificate, key = tls
    words += ["--certificate", certificate, "--key", key] if certificate else []
    scheme = "https" if certificate else "http"
    command = [sys.executable, "-m", "compat.bench.serve", *words]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        try:
            yield f"{scheme}://127.0.0.1:{server.stdout.readline().strip()}"
        finally:
            server.terminate()


async def _serve(shelf: Shelf, line: Line, port: int, tls: ssl.SSLContext | None) -> None:
    loop = asyncio.get_running_loop()

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await Exchange(shelf, line, reader, writer).run()

    async def serve(connection: socket.socket) -> None:
        if tls is not None:
            await asyncio.sleep(line.latency)
        protocol = asyncio.StreamReaderProtocol(asyncio.StreamReader(), connected)
        with suppress(OSError):  # the client is gone
            await loop.connect_accepted_socket(lambda: protocol, connection, ssl=tls)

    tasks = set()
    with socket.create_server(("127.0.0.1", port), backlog=256) as server:
        server.settimeout(0)
        print(server.getsockname()[1], flush=True)
        while True:
            connection, _ = await loop.sock_accept(server)
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            task = asyncio.create_task(serve(connection))
            tasks.add(task)
            task.add_done_callback(tasks.discard)


def main(words: list[str]) -> None:
    """Serve until the process ends; the first line of output is the port."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--upstream", help="fetch what is not there from this simple index")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--latency", type=float, default=0, help="milliseconds for each answer")
    parser.add_argument("--bandwidth", type=float, default=0, help="megabits a second, 0: any")
    parser.add_argument("--certificate", help="speak TLS with the certificate in this file")
    parser.add_argument("--key", help="the file with the key of the certificate")
    options = parser.parse_args(words)
    tls = None
    if options.certificate:
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(options.certificate, options.key)
    line = Line("https" if tls else "http")
    line.shape(options.latency, options.bandwidth)
    asyncio.run(_serve(Shelf(options.folder, options.upstream), line, options.port, tls))


if __name__ == "__main__":
    main(sys.argv[1:])
