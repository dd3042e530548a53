"""A web server as a store that fails in one way."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

_LONG = 60  # seconds, far beyond what any run waits

FAULTS = ("403", "500", "slow", "drips", "breaks", "full", "deaf", "reads-slowly")
"""Ways to fail: with every request (the first five), or with uploads only."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, fault: str, at_put: Callable[[], object]) -> None:
        self.fault = fault
        self.at_put = at_put
        self.ended = threading.Event()
        super().__init__(("127.0.0.1", 0), _Handler)

    def handle_error(self, *words: Any) -> None:
        """Clients close the connection on purpose."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def do_GET(self) -> None:
        fault = self.server.fault
        if fault == "slow":
            self.server.ended.wait(_LONG)
        if fault in ("drips", "breaks"):
            self._body(0.3 if fault == "drips" else 0.0)
        else:
            self._say(int(fault) if fault.isdigit() else 404)

    do_HEAD = do_GET  # noqa: N815 - the base class looks for this name

    def do_PUT(self) -> None:
        fault = self.server.fault
        self.server.at_put()
        if fault == "deaf":
            self.server.ended.wait(_LONG)
        if fault == "reads-slowly":
            while self.rfile.read(1) and not self.server.ended.wait(0.3):
                pass
        if fault == "full":
            self.rfile.read(int(self.headers["content-length"]))
        self._say(507 if fault == "full" else 500)

    def _say(self, status: int) -> None:
        self.send_response(status)
        self.send_header("content-length", "0")
        self.end_headers()

    def _body(self, pause: float) -> None:
        self.send_response(200)
        self.send_header("content-length", "100000")
        self.end_headers()
        for byte in b"pipfast-object 1\n{":
            self.wfile.write(bytes([byte]))
            self.wfile.flush()
            if pause and self.server.ended.wait(pause):
                break
        self.close_connection = True

    def log_message(self, *words: object) -> None:
        """Do not log requests."""


@contextmanager
def faulty(fault: str, at_put: Callable[[], object] = lambda: None) -> Iterator[str]:
    """Yield the URL of a server that fails so; `at_put` is called when an upload begins."""
    server = _Server(fault, at_put)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/team"
    finally:
        server.ended.set()
        server.shutdown()
        with suppress(OSError):
            server.server_close()
