"""Index servers and proxies that companies use, started on loopback.

nginx, squid, tinyproxy and microsocks are Debian's packages; pypiserver and devpi are installed
from the user's index into an environment of their own.
"""

from __future__ import annotations

import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from compat.network.row_command import PASSWORD, USER
from tests.kit.wheels import Wheel

_START_SECONDS = 60
_ACCESS = re.compile(r'"(GET|HEAD) (\S+) HTTP/1\.1" (\d+)')
_DEVPI = re.compile(r"\[req(\d+)\] (?:((?:GET|HEAD) \S+)|(\d{3}) )")


class Unavailable(Exception):
    """A server cannot be had on this machine; the message says why."""


@dataclass(frozen=True)
class Server:
    """A running index: its simple page, a page for find-links, the folder of its files, its log.

    `requests` returns the requests since the last call. `has_redirects` is whether it has a
    folder ``moved`` that redirects to the others.
    """

    host: str
    simple: str
    links: str
    files: str
    requests: Callable[[], list[str]]
    has_redirects: bool = False


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


class Log:
    """A server's log, which grows while it runs; `found` takes the requests out of new lines."""

    def __init__(self, path: Path, found: Callable[[str], Iterable[str]]) -> None:
        self._path = path
        self._found = found
        self._read = 0

    def requests(self) -> list[str]:
        """Return the requests since the last call, as method, path and status; sorted."""
        text = self._path.read_text()
        fresh, self._read = text[self._read :], len(text)
        return sorted(self._found(fresh))


def _in_access_log(text: str) -> list[str]:
    return [" ".join(found) for found in _ACCESS.findall(text)]


def _in_log_of_devpi(text: str) -> Iterator[str]:
    """Yield the requests; devpi logs a request and its status in lines with one number."""
    asked: dict[str, str] = {}
    for number, request, status in _DEVPI.findall(text):
        if request:
            asked[number] = request
        elif number in asked:
            yield f"{asked.pop(number)} {status}"


@contextmanager
def running(words: Sequence[str | Path], port: int, log: Path | None = None) -> Iterator[None]:
    """Run a server until the end of the block; `log` gets its output."""
    with ExitStack() as stack:
        output = subprocess.DEVNULL if log is None else stack.enter_context(log.open("wb"))
        process = subprocess.Popen(words, stdout=output, stderr=subprocess.STDOUT)
        stack.enter_context(_ended(process))
        _await(process, words[0], port)
        yield


def _await(process: subprocess.Popen[bytes], name: str | Path, port: int) -> None:
    for _ in range(_START_SECONDS * 20):
        with socket.socket() as one:
            if one.connect_ex(("127.0.0.1", port)) == 0:
                return
        if process.poll() is not None:
            raise Unavailable(f"{name} ended with {process.returncode}")
        time.sleep(0.05)
    raise Unavailable(f"{name} does not listen after {_START_SECONDS} seconds")


@contextmanager
def _ended(process: subprocess.Popen[bytes]) -> Iterator[None]:
    """End the server after the block."""
    try:
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
    with running([program("nginx"), "-c", config], port):
        yield Server(f"127.0.0.1:{port}", f"{base}/simple/", f"{base}/files/", f"{base}/files/",
                     Log(log, str.splitlines).requests, has_redirects=True)  # fmt: skip


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
    base, log = f"http://127.0.0.1:{port}", folder / "log"
    words = ["run", "-v", "-i", "127.0.0.1", "-p", str(port), *rights]
    with running([programs / "pypi-server", *words, files], port, log):
        yield Server(f"127.0.0.1:{port}", f"{base}/simple/", f"{base}/packages/",
                     f"{base}/packages/", Log(log, _in_access_log).requests)  # fmt: skip


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
        "--debug",  # logs the status of each request
    ]
    log = folder / "log"
    with running(serve, port, log):
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
        known = Log(log, _in_log_of_devpi)
        known.requests()  # those of the upload
        yield Server(f"127.0.0.1:{port}", index, f"{index}{wheels[0].name}/", "", known.requests)


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
