"""Index servers and proxies that companies use, started on loopback.

nginx, squid, tinyproxy and microsocks are Debian's packages; pypiserver and devpi are installed
from the user's index into an environment of their own.
"""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from compat.network.row_command import PASSWORD, USER
from tests.kit.wheels import Wheel

_START_SECONDS = 60


class Unavailable(Exception):
    """A server cannot be had on this machine; the message says why."""


@dataclass(frozen=True)
class Server:
    """A running index: its simple page, a page for find-links, the folder of its files, its log.

    `requests` returns the requests since the last call, None for a server without a log.
    """

    host: str
    simple: str
    links: str
    files: str
    requests: Callable[[], list[str]] | None = None


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@contextmanager
def running(words: Sequence[str | Path], port: int) -> Iterator[None]:
    """Run a server until the end of the block."""
    process = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for _ in range(_START_SECONDS * 20):
            with socket.socket() as one:
                if one.connect_ex(("127.0.0.1", port)) == 0:
                    break
            if process.poll() is not None:
                raise Unavailable(f"{words[0]} ended with {process.returncode}")
            time.sleep(0.05)
        yield
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:  # squid finishes open connections for half a minute
            process.kill()
            process.wait()


def program(name: str) -> str:
    """Return the path of a program. Raises Unavailable."""
    found = shutil.which(name, path="/usr/sbin:/usr/bin:/sbin:/bin:/usr/local/bin")
    if found is None:
        raise Unavailable(f"{name} is not installed")
    return found


def password_file(folder: Path) -> Path:
    """Write the account for basic authentication in the form of Apache; return the file."""
    words = [program("openssl"), "passwd", "-apr1", PASSWORD]
    coded = subprocess.run(words, check=True, capture_output=True, text=True).stdout.strip()
    path = folder / "passwords"
    path.write_text(f"{USER}:{coded}\n")
    path.chmod(0o644)
    return path


@contextmanager
def nginx(folder: Path, wheels: Sequence[Wheel], *, locked: bool) -> Iterator[Server]:
    """Serve static pages and files, with basic authentication if `locked`."""
    folder.chmod(0o755)
    root, port = folder / "root", free_port()
    (root / "files").mkdir(parents=True)
    for one in wheels:
        (root / "files" / one.filename).write_bytes(one.content)
        page = root / "simple" / one.name / "index.html"
        page.parent.mkdir(parents=True, exist_ok=True)
        with page.open("a") as lines:
            lines.write(f'<a href="/files/{one.filename}#sha256={one.sha256}">{one.filename}</a>\n')
    (root / "r.txt").write_text(f"{wheels[0].name}\n")
    closed = f"auth_basic here; auth_basic_user_file {password_file(folder)};" if locked else ""
    log = folder / "access.log"
    config = folder / "nginx.conf"
    config.write_text(f"""\
daemon off; worker_processes 1; pid {folder}/pid; error_log {folder}/error.log; user root;
events {{ worker_connections 64; }}
http {{
    types {{ text/html html; text/plain txt; }}
    default_type application/octet-stream;
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi; uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    log_format short '$request_method $uri $status $remote_user';
    access_log {log} short;
    server {{
        listen 127.0.0.1:{port};
        root {root}; autoindex on; {closed}
        location /moved/ {{ rewrite ^/moved/(.*)$ /$1 redirect; }}
    }}
}}
""")
    base = f"http://127.0.0.1:{port}"
    seen = [0]

    def requests() -> list[str]:
        lines = log.read_text().splitlines()
        fresh, seen[0] = lines[seen[0] :], len(lines)
        return sorted(fresh)

    with running([program("nginx"), "-c", config], port):
        yield Server(f"127.0.0.1:{port}", f"{base}/simple/", f"{base}/files/", f"{base}/files/",
                     requests)  # fmt: skip


def _installed(folder: Path, *projects: str) -> Path:
    """Install server programs from the user's index; return the folder of their scripts."""
    python = folder / "servers"
    subprocess.run([sys.executable, "-m", "venv", python], check=True)
    words: list[str | Path] = [
        python / "bin/pip",
        "install",
        "-q",
        "--disable-pip-version-check",
        *projects,
    ]
    done = subprocess.run(words, check=False, capture_output=True, text=True)
    if done.returncode:
        raise Unavailable(f"{projects[0]} cannot be installed: {done.stderr[-200:]}")
    return python / "bin"


@contextmanager
def pypiserver(folder: Path, wheels: Sequence[Wheel], *, locked: bool) -> Iterator[Server]:
    """Serve a folder of wheels."""
    programs, port = _installed(folder, "pypiserver[passlib]", "setuptools<81"), free_port()
    files = folder / "files"
    files.mkdir()
    for one in wheels:
        (files / one.filename).write_bytes(one.content)
    rights = ["-a", "update,download,list", "-P", str(password_file(folder))] if locked else [
        "-a", ".", "-P", "."]  # fmt: skip
    base = f"http://127.0.0.1:{port}"
    with running(
        [programs / "pypi-server", "run", "-i", "127.0.0.1", "-p", str(port), *rights, files], port
    ):
        yield Server(f"127.0.0.1:{port}", f"{base}/simple/", f"{base}/packages/",
                     f"{base}/packages/")  # fmt: skip


@contextmanager
def devpi(folder: Path, wheels: Sequence[Wheel], *, locked: bool) -> Iterator[Server]:
    """Serve an index of devpi without mirrors; reading it needs no account."""
    if locked:
        raise Unavailable("reading from devpi needs no account")
    programs, port = _installed(folder, "devpi-server", "devpi-client"), free_port()
    place = ["--serverdir", str(folder / "server")]
    subprocess.run([programs / "devpi-init", *place, "--no-root-pypi"], check=True,
                   capture_output=True)  # fmt: skip
    base = f"http://127.0.0.1:{port}"
    serve: list[str | Path] = [
        programs / "devpi-server",
        *place,
        "--host",
        "127.0.0.1",
        "--port",
        str(port),
    ]
    with running(serve, port):
        files = [folder / one.filename for one in wheels]
        for path, one in zip(files, wheels, strict=True):
            path.write_bytes(one.content)
        for words in (["use", base], ["login", "root", "--password="], ["index", "-c", "dev"],
                      ["use", "root/dev"], ["upload", *map(str, files)]):  # fmt: skip
            client: list[str | Path] = [
                programs / "devpi",
                *words,
                "--clientdir",
                str(folder / "client"),
            ]
            subprocess.run(client, check=True, capture_output=True)
        index = f"{base}/root/dev/+simple/"
        yield Server(f"127.0.0.1:{port}", index, f"{index}{wheels[0].name}/", "")


def proxy_command(name: str, folder: Path, port: int) -> list[str]:
    """Return the command that runs a proxy which requires the account. Raises Unavailable."""
    found = program(name)
    config = folder / f"{name}.conf"
    if name == "microsocks":
        return [found, "-i", "127.0.0.1", "-p", str(port), "-u", USER, "-P", PASSWORD]
    if name == "tinyproxy":
        config.write_text(f"Port {port}\nListen 127.0.0.1\nBasicAuth {USER} {PASSWORD}\n")
        return [found, "-d", "-c", str(config)]
    helper = Path("/usr/lib/squid/basic_ncsa_auth")
    if not helper.exists():
        raise Unavailable("squid's helper for passwords is not installed")
    folder = Path(tempfile.mkdtemp(dir=folder.anchor + "tmp"))  # squid's own user reads it
    folder.chmod(0o777)
    config = folder / config.name
    config.write_text(f"""\
http_port 127.0.0.1:{port}
auth_param basic program {helper} {password_file(folder)}
acl known proxy_auth REQUIRED
http_access allow known
http_access deny all
cache deny all
access_log none
cache_log {folder}/cache.log
pid_filename {folder}/squid.pid
coredump_dir {folder}
shutdown_lifetime 0 seconds
""")
    return [
        found,
        "-N",
        "-n",
        f"kit{port}",
        "-f",
        str(config),
    ]  # a name: no shared memory of others
