"""An index on this machine that sends files slowly, so that runs can be killed during downloads."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

PIECE = 16_384


@contextmanager
def slow_index(files: Mapping[str, bytes], pause: float) -> Iterator[str]:
    """Serve wheels by their file names and yield the index's URL.

    Each piece of a file is followed by `pause` seconds.
    """
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(files, pause))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/simple/"
    finally:
        server.shutdown()
        server.server_close()


def _handler(files: Mapping[str, bytes], pause: float) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            name = self.path.strip("/").rpartition("/")[2]
            if name in files:
                self._send("application/octet-stream", files[name])
                return
            links = [
                f'<a href="/{file}#sha256={sha256(data).hexdigest()}">{file}</a>'
                for file, data in files.items()
                if file.startswith(name)
            ]
            self._send("text/html", f"<html><body>{''.join(links)}</body></html>".encode())

        def _send(self, kind: str, body: bytes) -> None:
            self.send_response(200)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            for start in range(0, len(body), PIECE):
                self.wfile.write(body[start : start + PIECE])
                if kind != "text/html" and pause:
                    time.sleep(pause)

        def log_message(self, *_: Any) -> None:
            pass

        def handle(self) -> None:
            try:
                super().handle()
            except OSError:
                return  # the client was killed

    return Handler
