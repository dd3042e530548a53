"""Storages that teams run, started on loopback: a folder, nginx with WebDAV, and S3's protocol.

nginx is Debian's package; moto, which speaks S3's protocol, is installed from the user's index
into an environment of its own. obstore, the library for clouds, has to be installed.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from compat.network.real_servers import Unavailable, free_port, password_file, program, running
from compat.network.row_command import PASSWORD, USER

_S3 = Path(tempfile.gettempdir()) / f"pipfast-moto-{os.getuid() if os.name == 'posix' else 0}"

_MOTO = ("moto[s3]>=5", "flask", "flask-cors")
"""What its server needs for S3; the extra ``server`` is for all services, and three times as large.
"""


@dataclass(frozen=True)
class Service:
    """A storage: its URL, variables for its credentials, and its requests since the last call."""

    url: str
    base: str = ""
    """The address of a web server, without credentials."""
    environ: Mapping[str, str] = field(default_factory=dict)
    requests: Callable[[], list[str]] = list


@contextmanager
def folder(place: Path) -> Iterator[Service]:
    """A folder, as a mounted file system is one."""
    root = place / "root"
    root.mkdir()
    yield Service(root.as_uri())


@contextmanager
def nginx(place: Path, *, rate: float = 0) -> Iterator[Service]:
    """Nginx with GET, HEAD and PUT, behind basic authentication.

    `rate` are the megabits a second of each answer, 0 for no limit.
    """
    place.chmod(0o755)
    root, port, log = place / "root", free_port(), place / "access.log"
    root.mkdir()
    (place / "nginx.conf").write_text(f"""\
daemon off; worker_processes 1; pid {place}/pid; error_log {place}/error.log; user root;
events {{ worker_connections 64; }}
http {{
    client_body_temp_path {place}/body; proxy_temp_path {place}/proxy;
    fastcgi_temp_path {place}/fastcgi; uwsgi_temp_path {place}/uwsgi; scgi_temp_path {place}/scgi;
    log_format short '$request_method $status';
    access_log {log} short;
    server {{
        listen 127.0.0.1:{port};
        root {root};
        auth_basic here; auth_basic_user_file {password_file(place)};
        limit_rate {int(rate * 1e6 / 8)};
        dav_methods PUT; create_full_put_path on; client_max_body_size 1g;
    }}
}}
""")

    def requests() -> list[str]:
        found = log.read_text().splitlines()
        log.write_text("")
        return found

    with running([program("nginx"), "-c", place / "nginx.conf"], port):
        address = f"127.0.0.1:{port}"
        url = f"http://{USER}:{PASSWORD}@{address}/team"
        yield Service(url, f"http://{address}", requests=requests)


def _moto() -> Path:
    """Return the server's program, installed once for all runs of tests."""
    import fcntl  # only POSIX has it, and nginx

    done = _S3 / "done"
    if not done.exists() and "REMOTE_STORE_WHOLE" not in os.environ:
        raise Unavailable("moto is installed and used by python -m compat.remote_store")
    with _S3.with_suffix(".lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not done.exists():
            shutil.rmtree(_S3, ignore_errors=True)
            _install(_S3)
            done.touch()
    return _S3 / "bin" / "moto_server"


def _install(folder: Path) -> None:
    """Install the server with uv if it is there, which takes a fifth of pip's time."""
    uv, python = Path(sys.executable).with_name("uv"), str(folder / "bin" / "python")
    with_uv = uv.exists()
    subprocess.run([sys.executable, "-m", "venv", *["--without-pip"] * with_uv, folder], check=True)
    words = (
        [str(uv), "pip", "install", "-p", python] if with_uv else [python, "-m", "pip", "install"]
    )
    done = subprocess.run([*words, "-q", *_MOTO], check=False, capture_output=True, text=True)
    if done.returncode:
        raise Unavailable(f"moto cannot be installed: {done.stderr[-200:]}")


@contextmanager
def s3(place: Path) -> Iterator[Service]:
    """A server of S3's protocol."""
    if importlib.util.find_spec("obstore") is None:
        raise Unavailable("obstore is not installed (pip install 'pipfast[remote]')")
    port, log = free_port(), place / "log"
    base = f"http://127.0.0.1:{port}"
    environ = {
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_ENDPOINT": base,
        "AWS_REGION": "us-east-1",
    }

    def requests() -> list[str]:
        lines = [line for line in log.read_text().splitlines() if '"' in line]
        return [line.split('"')[1].split()[0] for line in lines]

    with running([_moto(), "-H", "127.0.0.1", "-p", str(port)], port, log):
        _make_bucket(f"{base}/team-bucket")
        yield Service("s3://team-bucket/wheels", base, environ, requests)


def _make_bucket(url: str) -> None:
    urllib.request.urlopen(urllib.request.Request(url, method="PUT"), timeout=60).close()


SERVICES: Mapping[str, Callable[[Path], AbstractContextManager[Service]]] = {
    "folder": folder,
    "nginx": nginx,
    "s3": s3,
}
